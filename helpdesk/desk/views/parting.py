"""A message that becomes a request of its own, and requests that point to each other."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.citizens.domain.kept import SECONDS
from helpdesk.desk.agent import agent_of
from helpdesk.desk.dossier import read_choices
from helpdesk.desk.numbers import read_id
from helpdesk.desk.sheets import find_changeable, leave, leave_with_undo, sheet
from helpdesk.desk.shell import forget_counts
from helpdesk.desk.undoing import keep_for_page, undo_by
from helpdesk.desk.views.ticket import find_ticket, page_of, view_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.assign import CannotWorkOnItError
from helpdesk.tickets.domain.link import CHOSEN, link_tickets, take_back_linking
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.merge import CannotMergeError, OtherPersonError, merge_tickets
from helpdesk.tickets.domain.notices import UNDO_SECONDS
from helpdesk.tickets.domain.split import (
    CannotSplitError,
    SplitDetails,
    proposed_title,
    split_message,
)
from helpdesk.tickets.enums import ArticleKind, LinkKind
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import by_number_or_reference
from helpdesk.tickets.similar import find_similar

MAX_TYPED = 40
NOT_SPLIT: dict[type[Exception], str] = {
    CannotSplitError: gettext_noop("Only one of several messages can be split off."),
    CannotWorkOnItError: gettext_noop("This team is not in use. Choose another one."),
}
UNKNOWN = gettext_noop("There is no request with this number that you can see.")
LINKED_ALREADY = gettext_noop("These two are linked already, or are the same request.")


@require_http_methods(["GET", "POST"])
@staff_required
def split(request: HttpRequest, number: str, article_id: int) -> HttpResponse:
    """Show what the request of a message would be, and make it."""
    ticket, gone = find_changeable(request, number)
    article = ticket.articles.filter(pk=article_id, kind=ArticleKind.MESSAGE).first()
    if article is None:
        raise Http404
    if request.method == "POST" and not gone:
        return _split(request, ticket, article)
    return _split_sheet(request, ticket, article, gone)


def _split_sheet(
    request: HttpRequest, ticket: Ticket, article: Article, error: str = ""
) -> HttpResponse:
    posted = request.POST
    choices = read_choices(ticket)
    context = {
        "ticket": ticket,
        "sheet_name": gettext("Split off as a new request"),
        "article": article,
        "title": posted.get("title") or proposed_title(article, ticket),
        "teams": choices["team"],
        "team_now": read_id(posted.get("team", "")) or ticket.team_id,
        "categories": choices["category"],
        "category_now": read_id(posted.get("category", "")) if posted else ticket.category_id,
        "error": error,
    }
    return sheet(request, "desk/sheets/split.html", context, status=422 if error else 200)


def _split(request: HttpRequest, ticket: Ticket, article: Article) -> HttpResponse:
    post, user = request.POST, agent_of(request)
    details = SplitDetails(
        title=post.get("title", ""),
        team_id=read_id(post.get("team", "")),
        category_id=read_id(post.get("category", "")),
    )
    try:
        new = split_message(article_id=article.pk, user=user, details=details)
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(NOT_SPLIT) as error:
        return _split_sheet(request, ticket, article, gettext(NOT_SPLIT[type(error)]))
    forget_counts(user)
    said = gettext("The message is request %(number)s now. Replies to it go there.")
    keep_for_page(request, _offer(ticket, new, said % {"number": new.number[5:]}))
    return leave(request, page_of(ticket, view_of(request)))


def _offer(ticket: Ticket, new: Ticket, said: str) -> dict[str, Any]:
    """Return the toast; to take a split back is to merge the new request into the old one."""
    return {
        "text": said,
        "url": reverse("desk:split_undo", args=[ticket.number, new.number]),
        "open": reverse("desk:ticket", args=[new.number]),
        "seconds": UNDO_SECONDS,
        "is_change": True,
    }


@require_POST
@staff_required
def split_undo(request: HttpRequest, number: str, new_number: str) -> HttpResponse:
    """Put a message back where it was split off; 409 when that is not possible any more."""
    ticket, new = find_ticket(request, number), find_ticket(request, new_number)
    was_split = new.links_out.filter(target=ticket, kind=LinkKind.SPLIT)
    if not was_split.exists():
        raise Http404
    try:
        merge_tickets(ticket_id=new.pk, into_id=ticket.pk, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    except (CannotMergeError, OtherPersonError):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    forget_counts(agent_of(request))
    return leave(request, page_of(ticket, view_of(request)))


@require_http_methods(["GET", "POST"])
@staff_required
def link(request: HttpRequest, number: str) -> HttpResponse:
    """Offer what is alike, and link a request with another one, with kind and reason."""
    ticket, gone = find_changeable(request, number)
    if request.method == "GET" or gone:
        return _link_sheet(request, ticket, gone)
    post, user = request.POST, agent_of(request)
    typed = (post.get("number", "").strip() or post.get("other", ""))[:MAX_TYPED]
    other = by_number_or_reference(user, typed).first()
    if other is None:
        return _link_sheet(request, ticket, gettext(UNKNOWN))
    kind = post.get("kind", LinkKind.RELATED)
    if kind not in CHOSEN:
        raise Http404
    try:
        key = link_tickets(
            ticket_id=ticket.pk,
            other_id=other.pk,
            user=user,
            kind=LinkKind(kind),
            reason=post.get("reason", ""),
        )
    except TicketNotThereError as error:
        raise Http404 from error
    if not key:
        return _link_sheet(request, ticket, gettext(LINKED_ALREADY))
    said = gettext("Linked with %(number)s.") % {"number": other.number[5:]}
    return leave_with_undo(request, ticket, said, link_undo_url(ticket, key), SECONDS)


def link_undo_url(ticket: Ticket, key: str) -> str:
    """Return where a change of a ticket's links is taken back."""
    return reverse("desk:link_undo", args=[ticket.number, key])


@require_POST
@staff_required
def link_undo(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Let two requests point to each other as they did before."""
    ticket = find_ticket(request, number)
    undo = partial(take_back_linking, ticket_id=ticket.pk, user=agent_of(request), key=key)
    return undo_by(request, page_of(ticket, view_of(request)), undo)


def _link_sheet(request: HttpRequest, ticket: Ticket, error: str = "") -> HttpResponse:
    post = request.POST
    # What was chosen from a list is written out: the list may be another one by now.
    chosen = post.get("number") or post.get("other") or request.GET.get("other", "")
    context = {
        "ticket": ticket,
        "sheet_name": gettext("Link with another request"),
        "found": find_similar(agent_of(request), ticket),
        "typed": chosen[:MAX_TYPED],
        "reason": post.get("reason", ""),
        "kinds": [(kind.value, str(kind.label)) for kind in CHOSEN],
        "kind_now": post.get("kind", LinkKind.RELATED),
        "error": error,
    }
    return sheet(request, "desk/sheets/link.html", context, status=422 if error else 200)
