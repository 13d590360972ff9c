"""When an agent is away, and who sees to their work meanwhile."""

from dataclasses import asdict, dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.absences import absence_of
from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import Absence, User
from helpdesk.agents.queries import active_staff_of

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class AbsenceDetails:
    """From the first to the last day away, both included."""

    starts_on: date
    ends_on: date
    substitute_id: int | None = None


@transaction.atomic
def set_absence(*, user_id: int, details: AbsenceDetails, by: User) -> Absence:
    """Say when an agent is away; an absence that lasts or is still to come is replaced.

    The substitute gains no right: they see what their own teams let them see. Raises
    ValidationError by field.
    """
    agent = User.objects.select_for_update().get(pk=user_id)
    _check(agent, details)
    absence = absence_of(agent) or Absence(user=agent)
    for name, value in asdict(details).items():
        setattr(absence, name, value)
    absence.save()
    _record(agent, by)
    return absence


@transaction.atomic
def end_absence(*, user_id: int, by: User) -> None:
    """Take back an absence that is to come, or end one that lasts; the history keeps that."""
    agent = User.objects.select_for_update().get(pk=user_id)
    gone = Absence.objects.filter(user=agent, ends_on__gte=timezone.localdate()).delete()
    if gone[0]:
        _record(agent, by)


def _check(agent: User, details: AbsenceDetails) -> None:
    if details.ends_on < details.starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first.")})
    if details.ends_on < timezone.localdate():
        raise ValidationError({"ends_on": _("This day has passed already.")})
    if (details.ends_on - details.starts_on).days > LONGEST_DAYS:
        raise ValidationError({"ends_on": _("An absence lasts a year at most.")})
    chosen = details.substitute_id
    if chosen is None:
        return
    others = active_staff_of(agent.authority_id).exclude(pk=agent.pk)
    if not others.filter(pk=chosen).exists():
        raise ValidationError({"substitute": _("Please choose somebody else of your authority.")})


def _record(agent: User, by: User) -> None:
    record_setting(
        subject=("user", agent.pk),
        authority_id=agent.authority_id,
        user=by,
        action="changed",
        fields=("absence",),
    )
