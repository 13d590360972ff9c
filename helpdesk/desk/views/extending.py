"""A deadline that can't be kept: a later day, with a reason, told to the citizen or not."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.sheets import (
    NO_WORDS,
    find_changeable,
    leave_with_undo,
    says_nothing,
    sheet,
)
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import undo_by
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.lib.tokens import new_nonce
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.sla.domain.extending import (
    MAX_REASON,
    Extension,
    NoReasonError,
    NothingPromisedError,
    NotLaterError,
    extend_deadline,
    take_back_extension,
)
from helpdesk.sla.models import Clock
from helpdesk.tickets.domain.letters import NoSenderError, letter_language
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.notices import UNDO_SECONDS
from helpdesk.tickets.models import Ticket

LONGEST_NOTICE = 4000
# Stands in the words for the day, whichever is chosen.
DAY = "{{frist}}"
WEEK = timedelta(days=7)
REFUSALS: dict[type[Exception], str] = {
    NoReasonError: gettext_noop("Write why the deadline can't be kept."),
    NotLaterError: gettext_noop(
        "Choose a working day to come, later than the present deadline and within a year."
    ),
    NothingPromisedError: gettext_noop("This deadline does not run any more."),
    NoSenderError: gettext_noop(
        "The citizen can't be told: no sender is set up for this team. Extend without telling, "
        "or ask an administrator to add one."
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def extend(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for day, reason and words, and move the deadline."""
    ticket, gone = find_changeable(request, number)
    if request.method != "POST" or gone:
        return _ask(request, ticket, gone)
    day = parse_day(request.POST.get("day", ""))
    if day is None:
        return _ask(request, ticket, gettext(REFUSALS[NotLaterError]))
    if says_nothing(request):
        return _ask(request, ticket, gettext(NO_WORDS))
    try:
        event = extend_deadline(extension=_wanted(request, ticket, day), user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(REFUSALS) as error:
        return _ask(request, ticket, gettext(REFUSALS[type(error)]))
    forget_counts(agent_of(request))
    undo = reverse("desk:extend_undo", args=[ticket.number, event.pk])
    said = gettext("The deadline is %(day)s now.") % {"day": _written(day)}
    return leave_with_undo(request, ticket, said, undo, UNDO_SECONDS)


@require_POST
@staff_required
def extend_undo(request: HttpRequest, number: str, event_id: int) -> HttpResponse:
    """Promise again what was promised before."""
    ticket = find_ticket(request, number)
    user = agent_of(request)
    undo = partial(take_back_extension, ticket_id=ticket.pk, event_id=event_id, user=user)
    return undo_by(request, page_of(ticket, view_of(request)), undo)


def parse_day(typed: str) -> date | None:
    """Return the day that was typed; None for what is none."""
    try:
        return parse_date(typed)
    except ValueError:
        return None


def _written(day: date) -> str:
    return date_format(day, gettext("D j M"))


def _wanted(request: HttpRequest, ticket: Ticket, day: date) -> Extension:
    post = request.POST
    tells = "tell" in post and can(agent_of(request), "answer_ticket", ticket)
    # Browsers send the end of a line as two characters, and count it as one.
    typed = post.get("notice", "").replace("\r\n", "\n")[:LONGEST_NOTICE]
    notice = typed if tells else ""
    with translation.override(letter_language(ticket)):
        notice = notice.replace(DAY, date_format(day, "DATE_FORMAT"))
    return Extension(
        ticket_id=ticket.pk,
        kind=post.get("clock", ""),
        day=day,
        reason=post.get("reason", ""),
        notice=notice,
        key=post.get("form_key", "")[:40],
    )


def _ask(request: HttpRequest, ticket: Ticket, error: str = "") -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    running = Clock.objects.filter(ticket=ticket, due_at__isnull=False, stopped_at__isnull=True)
    clocks = list(running.order_by("due_at"))
    context: dict[str, Any] = {
        "ticket": ticket,
        "sheet_name": gettext("Extend the deadline"),
        "clocks": clocks,
        "chosen": posted.get("clock", "") if posted else (clocks[0].kind if clocks else ""),
        "day": posted.get("day", "") if posted else _proposed(clocks).isoformat(),
        "first_day": timezone.localdate().isoformat(),
        "reason": posted.get("reason", "")[:MAX_REASON] if posted else "",
        "longest": MAX_REASON,
        "may_tell": can(agent_of(request), "answer_ticket", ticket),
        "tells": "tell" in posted if posted else False,
        "notice": posted.get("notice", "") if posted else _notice(ticket),
        "longest_notice": LONGEST_NOTICE,
        "form_key": posted.get("form_key", "") if posted else new_nonce(),
        "error": error,
    }
    return sheet(request, "desk/sheets/extend.html", context, status=422 if error else 200)


def _proposed(clocks: list[Clock]) -> date:
    """Return a week after what is promised, or after today where that is over."""
    promised = clocks[0].due_at if clocks else None
    return timezone.localdate(max(promised or timezone.now(), timezone.now())) + WEEK


def _notice(ticket: Ticket) -> str:
    """Return what the citizen is told, in their language, until the agent writes otherwise."""
    with translation.override(letter_language(ticket)):
        return gettext(
            "Hello,\n\nyour request %(reference)s takes us longer than we said. "
            "You will hear from us by %(day)s. We are sorry for the delay."
        ) % {"reference": ticket.reference, "day": DAY}
