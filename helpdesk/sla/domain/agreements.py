"""Changing what an authority promises, and the calendar by which that is counted."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import save_setting
from helpdesk.agents.domain.calendars import CalendarDetails, change_calendar
from helpdesk.agents.models import Calendar, User
from helpdesk.sla.domain.calendars import day_minutes
from helpdesk.sla.domain.recounting import ask_for_recount
from helpdesk.sla.models import Agreement

MINUTES = 60
MAX_DAYS = 365
MAX_HOURS = 24 * MAX_DAYS
DEFAULT_NAME = "Standard"


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised time in working hours or days; an amount of None promises nothing."""

    amount: int | None
    in_days: bool = False

    def minutes(self, calendar: Calendar) -> int | None:
        """Return the working minutes it has by a calendar."""
        if self.amount is None:
            return None
        return self.amount * (day_minutes(calendar) if self.in_days else MINUTES)


@transaction.atomic
def change_promises(
    *,
    calendar_details: CalendarDetails,
    first_answer: Promise,
    solution: Promise,
    user: User,
) -> Agreement:
    """Change calendar and default agreement of the user's authority in one step.

    Running clocks are counted anew afterwards, by the job. Raises ValidationError by field.
    """
    calendar_id = user.authority.calendar_id
    changed = change_calendar(calendar_id=calendar_id, details=calendar_details, user=user)
    calendar = Calendar.objects.get(pk=calendar_id)
    _check(first_answer, solution, calendar)
    agreement = Agreement.objects.select_for_update().filter(
        authority_id=user.authority_id, is_default=True
    ).first() or Agreement(authority_id=user.authority_id, name=DEFAULT_NAME, is_default=True)
    values = {
        "calendar_id": calendar_id,
        "first_answer_minutes": first_answer.minutes(calendar),
        "first_answer_days": first_answer.amount if first_answer.in_days else None,
        "solution_minutes": solution.minutes(calendar),
        "solution_days": solution.amount if solution.in_days else None,
    }
    before = {name: getattr(agreement, name) for name in values}
    save_setting(instance=agreement, values=values, subject_kind="agreement", user=user)
    if changed or before != values:
        ask_for_recount(calendar_id=calendar_id)
    return agreement


def _check(first_answer: Promise, solution: Promise, calendar: Calendar) -> None:
    found: dict[str, list[str]] = {}
    for name, promise in (("first_answer", first_answer), ("solution", solution)):
        most = MAX_DAYS if promise.in_days else MAX_HOURS
        if promise.amount is not None and not 0 < promise.amount <= most:
            found[name] = [_("Give a number from 1 to %(most)d.") % {"most": most}]
    answer, end = first_answer.minutes(calendar), solution.minutes(calendar)
    if not found and answer and end and end < answer:
        found["solution"] = [_("The solution can't be promised sooner than the first answer.")]
    if found:
        raise ValidationError(found)
