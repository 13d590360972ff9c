"""Merging two requests: what may be about the same, what would move, what the citizen reads."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.sheets import NO_WORDS, find_changeable, leave, says_nothing, sheet
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import keep_for_page
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.lib.tokens import new_nonce
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.letters import NoSenderError, letter_language
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import (
    CannotMergeError,
    OtherPersonError,
    is_one_person,
    merge_tickets,
)
from helpdesk.tickets.domain.notices import UNDO_SECONDS
from helpdesk.tickets.models import Attachment, Ticket
from helpdesk.tickets.queries import by_number_or_reference
from helpdesk.tickets.similar import find_similar

MAX_TYPED = 40
LONGEST_NOTICE = 4000
UNKNOWN = gettext_noop("There is no request with this number that you can see.")
REFUSALS: dict[type[Exception], str] = {
    CannotMergeError: gettext_noop("These two can't be merged: one of them is merged already."),
    OtherPersonError: gettext_noop(
        "These requests are of different people, who would read each other's words. "
        "Link them instead."
    ),
    NoSenderError: gettext_noop(
        "The citizen can't be told: no sender is set up for this team. Merge without telling, "
        "or ask an administrator to add one."
    ),
}


@require_http_methods(["GET", "POST"])
@staff_required
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Offer what is alike, show what would happen, and do it."""
    ticket, gone = find_changeable(request, number)
    asked = request.POST if request.method == "POST" else request.GET
    typed = (asked.get("number", "").strip() or asked.get("other", ""))[:MAX_TYPED]
    if not typed:
        return _candidates(request, ticket, error=gone)
    other = by_number_or_reference(agent_of(request), typed).exclude(pk=ticket.pk).first()
    if gone:
        return _show_again(request, number, (ticket, other), gone)
    if other is None:
        return _candidates(request, ticket, typed, gettext(UNKNOWN))
    if request.method == "POST":
        return _merge(request, ticket, other)
    return _preview(request, ticket, other)


def _show_again(
    request: HttpRequest, number: str, pair: tuple[Ticket, Ticket | None], gone: str
) -> HttpResponse:
    """Keep what was written to the citizen of a request that was merged or binned meanwhile."""
    home, other = pair
    if other is None:
        # It went into the very request with which it was to be made one.
        already = gettext(REFUSALS[CannotMergeError])
        return _preview(request, find_ticket(request, number), home, already)
    return _preview(request, home, other, gone)


def _candidates(
    request: HttpRequest, ticket: Ticket, typed: str = "", error: str = ""
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "sheet_name": gettext("Merge"),
        "found": find_similar(agent_of(request), ticket),
        "typed": typed,
        "error": error,
    }
    return sheet(request, "desk/sheets/merge.html", context, status=422 if error else 200)


def _preview(request: HttpRequest, ticket: Ticket, other: Ticket, error: str = "") -> HttpResponse:
    older = min(ticket, other, key=lambda each: (each.received_at, each.pk))
    kept = request.POST.get("keep")
    if kept:
        target = other if kept == other.number else ticket
    else:
        younger = other if older == ticket else ticket
        target = younger if request.GET.get("swap") == "1" else older
    source = ticket if target == other else other
    context = {
        "ticket": ticket,
        "sheet_name": gettext("Merge"),
        "other": other,
        "source": source,
        "target": target,
        "is_older": target == older,
        "swap": "1" if target == older else "",
        "is_one_person": is_one_person(source, target),
        "moves": _moves(source, target),
        "error": error,
        **_telling(request, source, target),
    }
    return sheet(request, "desk/sheets/merge_preview.html", context, status=422 if error else 200)


def _telling(request: HttpRequest, source: Ticket, target: Ticket) -> dict[str, Any]:
    posted = request.method == "POST"
    return {
        "may_tell": can(agent_of(request), "answer_ticket", target),
        "tells": "tell" in request.POST if posted else True,
        "notice": request.POST.get("notice", "") if posted else _notice(source, target),
        "form_key": request.POST.get("form_key", "") or new_nonce(),
    }


def _notice(source: Ticket, target: Ticket) -> str:
    """Return what the citizen is told, in their language, until the agent writes otherwise."""
    with translation.override(letter_language(target)):
        return gettext(
            "Hello,\n\nyour request %(old)s has been put together with your request %(new)s. "
            "We go on with both under %(new)s; there is nothing for you to do."
        ) % {"old": source.reference, "new": target.reference}


def _moves(source: Ticket, target: Ticket) -> str:
    articles = source.articles.filter(is_withdrawn=False).count()
    files = Attachment.objects.filter(
        article__ticket=source, article__is_withdrawn=False, is_inline=False
    ).count()
    return gettext("%(articles)s and %(files)s move from %(source)s to %(target)s.") % {
        "articles": ngettext("%(count)s contribution", "%(count)s contributions", articles)
        % {"count": articles},
        "files": ngettext("%(count)s file", "%(count)s files", files) % {"count": files},
        "source": source.number[5:],
        "target": target.number[5:],
    }


def _merge(request: HttpRequest, ticket: Ticket, other: Ticket) -> HttpResponse:
    user, post = agent_of(request), request.POST
    target = other if post.get("keep") == other.number else ticket
    source = ticket if target == other else other
    tells = "tell" in post and can(user, "answer_ticket", target)
    if tells and says_nothing(request):
        return _preview(request, ticket, other, gettext(NO_WORDS))
    try:
        merge_tickets(
            ticket_id=source.pk,
            into_id=target.pk,
            user=user,
            notice=post.get("notice", "")[:LONGEST_NOTICE] if tells else "",
            key=post.get("form_key", "")[:40],
        )
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(REFUSALS) as error:
        return _preview(request, ticket, other, gettext(REFUSALS[type(error)]))
    forget_counts(user)
    keep_for_page(request, _offer(source, target, view_of(request)))
    return leave(request, page_of(target, view_of(request)))


def _offer(source: Ticket, target: Ticket, view: str) -> dict[str, Any]:
    said = gettext("Merged into %(number)s. What comes in for this request goes there now.")
    ending = f"?view={view}" if view else ""
    return {
        "text": said % {"number": target.number[5:]},
        "url": f"{reverse('desk:change', args=[source.number, 'unmerge'])}{ending}",
        "seconds": UNDO_SECONDS,
        "is_change": True,
    }
