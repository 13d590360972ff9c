"""The page of working hours, closing days and promised times, with what they mean today."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.agents.models import Calendar
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.deadlines import DeadlinesForm, initial_of
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.lib.worktime import NoWorkingTimeError, add_minutes
from helpdesk.permissions.decorators import verb_required
from helpdesk.sla.domain.agreements import Promise, change_promises
from helpdesk.sla.domain.calendars import names_of_holidays, work_calendar
from helpdesk.sla.models import Agreement

CURRENT = "settings_deadlines"
FREE_DAYS = 10
LOOK_AHEAD = 2 * 366


@dataclass(frozen=True, slots=True)
class Example:
    """What a promise given now would mean."""

    name: str
    due_at: datetime | None


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def deadlines(request: HttpRequest) -> HttpResponse:
    """Show and change hours, closing days and promises; "preview" only shows what they mean."""
    user = agent_of(request)
    calendar = user.authority.calendar
    agreement = Agreement.objects.filter(authority_id=user.authority_id, is_default=True).first()
    form = DeadlinesForm(posted(request), initial=initial_of(calendar, agreement))
    previews = "preview" in request.POST

    def write() -> None:
        change_promises(
            calendar_details=form.calendar_details(),
            first_answer=form.promise("first_answer"),
            solution=form.promise("solution"),
            user=user,
        )

    if request.method == "POST" and not previews and written(form, write):
        messages.success(request, gettext("Saved. Running deadlines are counted anew."))
        return HttpResponseRedirect(reverse(f"desk:{CURRENT}"))
    shown, promises = calendar, _promises(agreement)
    if previews and form.is_valid():
        shown = _typed(calendar, form)
        promises = [form.promise("first_answer"), form.promise("solution")]
    context = {
        "form": form,
        "hours": [form[f"hours_{day}"] for day in range(7)],
        "previews": previews and form.is_valid(),
        "free_days": _free_days(shown),
        "examples": _examples(shown, promises),
        "is_recounting": bool(agreement and agreement.recount_after is not None),
    }
    return settings_page(request, "deadlines", context, current=CURRENT)


def _promises(agreement: Agreement | None) -> list[Promise]:
    if agreement is None:
        return []
    pairs = (
        (agreement.first_answer_days, agreement.first_answer_minutes),
        (agreement.solution_days, agreement.solution_minutes),
    )
    return [
        Promise(days, in_days=True) if days else Promise(minutes and -(-minutes // 60))
        for days, minutes in pairs
    ]


def _typed(calendar: Calendar, form: DeadlinesForm) -> Calendar:
    details = form.calendar_details()
    return Calendar(
        country=calendar.country,
        time_zone=details.time_zone,
        subdivision=details.subdivision,
        hours=details.hours,
        extra_holidays=details.extra_holidays,
    )


def _free_days(calendar: Calendar) -> list[tuple[date, str]]:
    """Return the next days that would be worked on, but are not, with why."""
    today = timezone.localdate(timezone=ZoneInfo(calendar.time_zone))
    week = work_calendar(calendar).week
    years = (names_of_holidays(calendar, today.year + ahead) for ahead in range(3))
    names = {day: name for year in years for day, name in year.items()}
    days = (today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD))
    free = ((day, names[day]) for day in days if day in names and week[day.weekday()])
    return list(islice(free, FREE_DAYS))


def _examples(calendar: Calendar, promises: list[Promise]) -> list[Example]:
    names = (gettext("First answer"), gettext("Solution"))
    return [
        Example(name, _due(calendar, minutes))
        for name, promise in zip(names, promises, strict=False)
        if (minutes := promise.minutes(calendar))
    ]


def _due(calendar: Calendar, minutes: int) -> datetime | None:
    try:
        due = add_minutes(timezone.now(), minutes, work_calendar(calendar))
    except NoWorkingTimeError:
        return None
    return due.astimezone(ZoneInfo(calendar.time_zone))
