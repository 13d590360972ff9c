"""Writing: answers and notes, taking back, sending again."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.agents.domain.habits import remember_send_then
from helpdesk.desk.agent import agent_of
from helpdesk.desk.composing import Composed
from helpdesk.desk.later import NoMomentError
from helpdesk.desk.sending import Following, page_after, read_following
from helpdesk.desk.shell import forget_counts, keep_undo
from helpdesk.desk.thread import entry_of
from helpdesk.desk.views.ticket import find_ticket, ticket_again, view_of
from helpdesk.desk.walk import find_place
from helpdesk.outbox.queue import retry_message
from helpdesk.permissions.decorators import staff_required
from helpdesk.textmodules.placeholders import find_open
from helpdesk.tickets.domain.addressees import TooManyCopiesError
from helpdesk.tickets.domain.articles import (
    UNDO_SECONDS,
    Answer,
    EmptyTextError,
    StaleAnswerError,
    withdraw_answer,
    write_answer,
    write_note,
)
from helpdesk.tickets.domain.doubts import Doubt, Draughted, doubts_about
from helpdesk.tickets.domain.drafts import save_draft
from helpdesk.tickets.domain.greeting import greeting_of, own_words
from helpdesk.tickets.domain.letters import NoAddressError, NoSenderError, SenderNotThereError
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.domain.wording import shown_html, wording_of
from helpdesk.tickets.domain.writing import GoneError
from helpdesk.tickets.models import Article, DraftKind, Ticket
from helpdesk.tickets.queries import answerable_by


class NotReadyError(Exception):
    """Says in plain words why a form is no text to be sent yet."""


class DoubtfulError(Exception):
    """There are things its writer should look at before the text leaves."""

    def __init__(self, doubts: list[Doubt]) -> None:
        """Keep what is doubtful."""
        super().__init__("; ".join(doubt.words for doubt in doubts))
        self.doubts = doubts


# What may stand in the way of a text → what its writer reads
REFUSALS: dict[type[Exception], str] = {
    EmptyTextError: gettext_noop("Write an answer first."),
    GoneError: gettext_noop("Nothing is written here any more."),
    NoAddressError: gettext_noop(
        "Nobody can get a copy: no mail reaches the citizen, so the answer only appears on the "
        "status page. Take the copies out, or forward the request to them."
    ),
    NoSenderError: gettext_noop("No sender is set up for this team."),
    SenderNotThereError: gettext_noop(
        "This sender can't be used for this request. Choose another one."
    ),
    NoMomentError: gettext_noop("Choose a day to come on which the request is shown again."),
    StatusNotAllowedError: gettext_noop("This status can't follow the present one."),
    TooManyCopiesError: gettext_noop("An answer may have up to 20 copies."),
}


NOT_SAVED: dict[type[Exception], str] = {
    EmptyTextError: gettext_noop("Write a note first."),
    GoneError: gettext_noop("Nothing is written here any more."),
}


@require_http_methods(["GET", "POST"])
@staff_required
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send an answer; whatever is in the way keeps the text on the page.

    A page loaded anew after a refusal asks for this address by GET: back to the ticket.
    """
    ticket = find_ticket(request, number)
    if request.method == "GET":
        return redirect("desk:ticket", number=ticket.number)
    composed = Composed(request, ticket)
    try:
        return _answered(request, ticket, composed)
    except StaleAnswerError as error:
        return _stale(request, composed, error.newer)
    except DoubtfulError as error:
        return refuse(request, composed, doubts=error.doubts, chosen=request.POST.get("then", ""))
    except NotReadyError as error:
        return refuse(request, composed, error=str(error))
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(REFUSALS) as error:
        return refuse(request, composed, error=gettext(REFUSALS[type(error)]))


def _answered(request: HttpRequest, ticket: Ticket, composed: Composed) -> HttpResponse:
    """Write the answer, and say where its writer goes; raises what :func:`send` tells."""
    user, view = agent_of(request), view_of(request) or "unassigned"
    following = read_following(request)
    demand_ready(composed)
    plain = wording_of(composed.body, is_marked=True).text
    words = own_words(plain, greeting_of(ticket, user))
    letter = Draughted(
        words,
        cc=composed.addresses("cc"),
        bcc=composed.addresses("bcc"),
        has_files=bool(composed.files),
    )
    sure = set(request.POST.getlist("sure"))
    # An empty text is refused by its door; there is nothing to doubt in it.
    doubts = doubts_about(ticket, user, letter) if words else []
    if any(doubt.key not in sure for doubt in doubts):
        raise DoubtfulError(doubts)
    place = find_place(user, view, ticket.number)
    article = write_answer(answer=_answer(request, composed, following), user=user)
    remember_send_then(user_id=user.pk, team_id=ticket.team_id, then=following.what)
    return sent(request, article, page_after(user, ticket, following, view, place))


def demand_ready(composed: Composed) -> None:
    """Raise NotReadyError for what keeps the form from being a text to be sent at all."""
    still_open = find_open(composed.body)
    if still_open:
        raise NotReadyError(gettext("Placeholder %(name)s is empty.") % {"name": still_open[0]})
    if composed.problems:
        raise NotReadyError(" ".join(composed.problems))


def _answer(request: HttpRequest, composed: Composed, following: Following) -> Answer:
    return Answer(
        ticket_id=composed.ticket.pk,
        text=composed.body,
        form_key=composed.form_key,
        seen_article_id=composed.seen,
        then=following.status,
        outcome=following.outcome,
        until=following.until,
        despite_newer=request.POST.get("despite_newer") == "1",
        files=composed.inbound(),
        cc=composed.addresses("cc"),
        bcc=composed.addresses("bcc"),
        is_marked=True,
        sender_id=composed.sender_id,
    )


def refuse(
    request: HttpRequest, composed: Composed, *, status: int = 422, **more: Any
) -> HttpResponse:
    """Show the page again with all that was typed, which is also kept as the draft.

    The form's key stays, so that a first try that went through after all is not doubled.
    """
    kind = composed.kind
    save_draft(typed=composed.typed(is_saved_anew=True), user=agent_of(request))
    context = {
        "pane_again": {kind: composed.pane()},
        "form_key": composed.form_key,
        "mode": kind,
        "refused": {kind: more},
    }
    return ticket_again(request, composed.ticket.number, status, **context, **more.pop("page", {}))


def _stale(request: HttpRequest, composed: Composed, newer: Article) -> HttpResponse:
    """Show what is newer; from this page on it has been seen."""
    page = {
        "newer": entry_of(newer, agent_of(request)),
        "newer_html": shown_html(newer),
        "newer_author": newer.author_user or newer.author_citizen,
        "seen": newer.pk,
        "chosen": request.POST.get("then", ""),
    }
    return refuse(request, composed, status=409, page=page)


def sent(request: HttpRequest, article: Article, address: str, *, said: str = "") -> HttpResponse:
    """Offer the undo on the next page, and lead there: scripts are told where that is.

    ``said`` is what the offer says of a text that is no answer.
    """
    forget_counts(agent_of(request))
    ticket = article.ticket
    view = view_of(request) or "unassigned"
    offered = {
        "url": f"{reverse('desk:withdraw', args=[article.pk])}?view={view}",
        "seconds": UNDO_SECONDS,
        "ticket": ticket.pk,
        "number": ticket.number,
        "said": said,
    }
    keep_undo(request, offered)
    return lead_to(request, address)


def lead_to(request: HttpRequest, address: str) -> HttpResponse:
    """Return the way to a page: as JSON where a script has sent the form."""
    if is_script(request):
        return JsonResponse({"url": address})
    return redirect(address)


def is_script(request: HttpRequest) -> bool:
    """Tell whether a script waits for the answer and keeps the page."""
    return request.headers.get("X-Requested-With") == "fetch"


def ticket_address(ticket: Ticket, view: str) -> str:
    """Return the address of a ticket's page within the list it was opened from."""
    page = reverse("desk:ticket", args=[ticket.number])
    return f"{page}?view={view}" if view else page


def _written(request: HttpRequest, article_id: int) -> Article:
    """Return an article of a ticket that this agent may answer."""
    article = (
        Article.objects.filter(pk=article_id, ticket__in=answerable_by(agent_of(request)))
        .select_related("ticket")
        .first()
    )
    if article is None:
        raise Http404
    return article


@require_POST
@staff_required
def withdraw(request: HttpRequest, article_id: int) -> HttpResponse:
    """Take an answer back: JSON for the toast, a page for the button without scripts."""
    article = _written(request, article_id)
    try:
        text = withdraw_answer(article_id=article_id, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    forget_counts(agent_of(request))
    page = ticket_address(article.ticket, view_of(request))
    if is_script(request):
        return JsonResponse({"url": page}, status=409 if text is None else 200)
    if text is None:
        messages.error(request, gettext("Too late: the answer is already on its way."))
    else:
        messages.success(request, gettext("Taken back. Your text is in the composer."))
    return redirect(page)


@require_http_methods(["GET", "POST"])
@staff_required
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Save an internal note; an empty one is refused on the page."""

    def write(composed: Composed) -> HttpResponse:
        user = agent_of(request)
        write_note(
            ticket_id=composed.ticket.pk,
            user=user,
            text=composed.body,
            files=composed.inbound(),
            form_key=composed.form_key,
            is_marked=True,
        )
        return lead_to(request, ticket_address(composed.ticket, view_of(request)))

    return save_form(request, number, DraftKind.NOTE, write, NOT_SAVED)


def save_form(
    request: HttpRequest,
    number: str,
    kind: str,
    write: Callable[[Composed], HttpResponse],
    refusals: Mapping[type[Exception], str],
) -> HttpResponse:
    """Write what a form of the composer holds; refuse it with all that was typed.

    ``refusals`` says what its writer reads of each thing that may stand in the way.
    """
    ticket = find_ticket(request, number)
    if request.method == "GET":
        return redirect("desk:ticket", number=ticket.number)
    composed = Composed(request, ticket, kind)
    if composed.problems:
        return refuse(request, composed, error=" ".join(composed.problems))
    try:
        return write(composed)
    except NotReadyError as error:
        return refuse(request, composed, error=str(error))
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(refusals) as error:
        return refuse(request, composed, error=gettext(refusals[type(error)]))


@require_POST
@staff_required
def retry(request: HttpRequest, article_id: int) -> HttpResponse:
    """Send an answer again that failed or is unsure, under the same Message-ID."""
    article = _written(request, article_id)
    if article.outgoing_id is None:
        raise Http404
    if retry_message(message_id=article.outgoing_id):
        messages.success(request, gettext("The answer is being sent again."))
    else:
        messages.error(request, gettext("This answer can't be sent again."))
    return redirect(ticket_address(article.ticket, view_of(request)))
