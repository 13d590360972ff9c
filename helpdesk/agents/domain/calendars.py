"""Changing the working hours and closing days by which promised times are counted."""

from dataclasses import asdict, dataclass, field
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import apply_values, record_setting
from helpdesk.agents.models import Calendar, User

MAX_EXTRA_DAYS = 400


@dataclass(frozen=True, slots=True)
class CalendarDetails:
    """Hours per weekday, time zone, Land, and the town's own closing days."""

    time_zone: str
    subdivision: str
    hours: dict[str, list[list[str]]]
    extra_holidays: list[dict[str, str]] = field(default_factory=list)


def _check(details: CalendarDetails) -> None:
    found: dict[str, list[str]] = {}
    if details.time_zone not in available_timezones():
        found["time_zone"] = [_("This time zone does not exist.")]
    if not any(details.hours.values()):
        found["hours_0"] = [_("Give at least one day its hours: else no promise ever ends.")]
    if len(details.extra_holidays) > MAX_EXTRA_DAYS:
        found["extra_holidays"] = [_("These are too many days. Delete those that are over.")]
    if found:
        raise ValidationError(found)


@transaction.atomic
def change_calendar(*, calendar_id: int, details: CalendarDetails, user: User) -> bool:
    """Change a calendar of the user's authority; tell whether anything differs.

    Raises ValidationError by field. What is counted by it is for the room above to redo.
    """
    _check(details)
    calendar = Calendar.objects.select_for_update(of=("self",)).get(
        pk=calendar_id, authorities=user.authority_id
    )
    fields = apply_values(calendar, asdict(details))
    if not fields:
        return False
    calendar.save(update_fields=fields)
    record_setting(
        subject=("calendar", calendar.pk),
        authority_id=user.authority_id,
        user=user,
        action="changed",
        fields=fields,
    )
    return True
