"""What staff keep of a citizen, a warning about them, and an organisation."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.citizens.domain.contacts import Contact, PersonDetails
from helpdesk.citizens.domain.register import Ties
from helpdesk.citizens.models import Citizen, ContactKind, PreferredChannel
from helpdesk.desk.citizens import LANGUAGES, language_name
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.lib.phones import normalise_phone

MOST_CONTACTS = 10
LONGEST = 320
FEWEST_DIGITS = 3
LONGEST_WARNING = 366
KINDS = {
    "mails": ContactKind.MAIL,
    "phones": ContactKind.PHONE,
    "addresses": ContactKind.ADDRESS,
}
DAY = {"invalid": _("Choose a day from the calendar."), "required": _("Choose a last day.")}


def _lines(label: Any, hint: Any, **attributes: str) -> forms.CharField:  # noqa: ANN401 - lazy texts
    widget = forms.Textarea(attrs={"rows": 2, "autocomplete": "off", **attributes})
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=3000, widget=widget
    )


class CitizenForm(SettingsForm):
    """Name, language, ways to reach them, and what belongs to it."""

    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    mails = _lines(_("E-mail addresses"), _("One a line."), inputmode="email")
    phones = _lines(_("Phone numbers"), _("One a line."), inputmode="tel")
    addresses = _lines(_("Postal addresses"), _("One a line, parts with commas."))
    preferred_channel = forms.ChoiceField(
        label=_("Preferred way"),
        required=False,
        choices=[("", _("not known")), *PreferredChannel.choices],
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=160,
        required=False,
        help_text=_("A firm, club or association the person speaks for."),
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, citizen: Citizen, **kwargs: Any) -> None:
        """Fill the fields with what is kept of ``citizen``."""
        points = list(citizen.contact_points.all())
        given = {
            name: "\n".join(point.value for point in points if point.kind == kind)
            for name, kind in KINDS.items()
        }
        kept = {name: getattr(citizen, name) for name in ("name", "language", "preferred_channel")}
        organisation = citizen.organisation.name if citizen.organisation else ""
        initial = given | kept | {"organisation": organisation}
        super().__init__(*args, initial=initial, **kwargs)
        codes = dict.fromkeys(("", *LANGUAGES, citizen.language))
        field = self.fields["language"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                (code, language_name(code) if code else gettext("not known")) for code in codes
            ]

    def clean_mails(self) -> list[str]:
        """Return the addresses; name the one that is none."""
        return self._each("mails", _is_mail, gettext("“%(line)s” is no e-mail address."))

    def clean_phones(self) -> list[str]:
        """Return the numbers; name the one that is none."""
        return self._each("phones", _is_phone, gettext("“%(line)s” is no phone number."))

    def clean_addresses(self) -> list[str]:
        """Return the postal addresses."""
        return self._each("addresses", bool, "")

    def _each(self, name: str, is_fit: Any, refusal: str) -> list[str]:  # noqa: ANN401 - a test of a line
        lines = [" ".join(line.split())[:LONGEST] for line in self.cleaned_data[name].splitlines()]
        lines = list(dict.fromkeys(filter(None, lines)))
        if len(lines) > MOST_CONTACTS:
            raise ValidationError(
                gettext("At most %(count)d of each kind.") % {"count": MOST_CONTACTS}
            )
        for line in lines:
            if not is_fit(line):
                raise ValidationError(refusal % {"line": line})
        return lines

    def clean(self) -> dict[str, Any]:
        """Demand something by which they can be called."""
        given = super().clean() or {}
        if not self.errors and not any(given.get(name) for name in ("name", *KINDS)):
            self.add_error("name", gettext("Write a name, or at least one way to reach them."))
        return given

    def details(self) -> PersonDetails:
        """Return the valid form's name, language and contacts."""
        given = self.cleaned_data
        contacts = [Contact(kind, line) for name, kind in KINDS.items() for line in given[name]]
        return PersonDetails(" ".join(given["name"].split()), given["language"], tuple(contacts))

    def ties(self) -> Ties:
        """Return the rest of the valid form."""
        return Ties(self.cleaned_data["preferred_channel"], self.cleaned_data["organisation"])


def _is_mail(line: str) -> bool:
    try:
        validate_email(line)
    except ValidationError:
        return False
    return True


def _is_phone(line: str) -> bool:
    return sum(sign.isdigit() for sign in normalise_phone(line)) >= FEWEST_DIGITS


class CautionForm(SettingsForm):
    """A warning to colleagues: why, and until when."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("What happened, as facts. The person may read it some day."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        label=_("Until"),
        help_text=_("It ends by itself on this day, within a year."),
        error_messages=DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_until(self) -> date:
        """Refuse a warning without an end in sight."""
        day: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= day <= today + timedelta(days=LONGEST_WARNING):
            raise ValidationError(gettext("Choose a day within the coming year."))
        return day


class OrganisationForm(SettingsForm):
    """What an organisation is called."""

    name = forms.CharField(label=_("Name"), max_length=160)
    domain = forms.CharField(
        label=_("Mail domain"),
        max_length=120,
        required=False,
        help_text=_("What stands behind the @ in its addresses, such as verein.example."),
    )
