"""The forms of what an agent is told, and of when they are away."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.absences import absence_of
from helpdesk.agents.domain.absence import AbsenceDetails
from helpdesk.agents.models import User
from helpdesk.agents.queries import active_staff_of
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.notifications.models import Reason, Way
from helpdesk.notifications.ways import choices_of

QUIET = ("quiet_from", "quiet_until", "quiet_weekends", "daily_at")
FIELDS = (*Reason.values, *QUIET)


class _Time(forms.TimeInput):
    """A time of day as browsers ask for it."""

    input_type = "time"

    def __init__(self) -> None:
        """Write it as browsers read it."""
        super().__init__(format="%H:%M")


class _Date(forms.DateInput):
    """A day as browsers ask for it."""

    input_type = "date"

    def __init__(self) -> None:
        """Write it as browsers read it."""
        super().__init__(format="%Y-%m-%d")


class NoticesForm(SettingsForm):
    """For each reason how to be told, and when mails are to wait."""

    quiet_from = forms.TimeField(label=_("No mails from"), widget=_Time())
    quiet_until = forms.TimeField(
        label=_("No mails until"),
        widget=_Time(),
        help_text=_("The same time twice means that mails may come at any time."),
    )
    quiet_weekends = forms.BooleanField(
        label=_("No mails on Saturdays and Sundays"), required=False
    )
    daily_at = forms.TimeField(label=_("Time of the daily mail"), widget=_Time())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for each reason in the order in which they count."""
        super().__init__(*args, **kwargs)
        asked = {
            value: forms.ChoiceField(label=label, choices=Way.choices)
            for value, label in Reason.choices
        }
        self.fields = asked | self.fields


def notices_initial(user: User) -> dict[str, Any]:
    """Return what the form shows before anything is typed."""
    choices = choices_of(user)
    return {name: getattr(choices, name) for name in FIELDS}


class AbsenceForm(SettingsForm):
    """The first and the last day away, and who sees to the work meanwhile."""

    starts_on = forms.DateField(label=_("First day away"), widget=_Date())
    ends_on = forms.DateField(label=_("Last day away"), widget=_Date())
    substitute = forms.TypedChoiceField(
        label=_("Substitute"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_(
            "Your substitute finds your requests among theirs and is told what concerns you, "
            "as far as their own rights reach."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Show the absence there is, and offer everybody else of the authority."""
        known = absence_of(user)
        if known:
            kwargs.setdefault("initial", {}).update(
                starts_on=known.starts_on,
                ends_on=known.ends_on,
                substitute=known.substitute_id,
            )
        super().__init__(*args, **kwargs)
        others = active_staff_of(user.authority_id).exclude(pk=user.pk)
        field = self.fields["substitute"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - made so above
        field.choices = [("", _("nobody")), *others.values_list("pk", "name")]

    def details(self) -> AbsenceDetails:
        """Return what was filled in."""
        data = self.cleaned_data
        return AbsenceDetails(data["starts_on"], data["ends_on"], data["substitute"])
