"""Writing: answers, notes, drafts, taking back, text modules."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.composing import Composed
from helpdesk.desk.modules import suggest_modules
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import UNDO_KEY, forget_counts
from helpdesk.desk.thread import entry_of
from helpdesk.desk.views.ticket import find_ticket, ticket_again, view_of
from helpdesk.desk.walk import way_back
from helpdesk.lib.html import text_to_html
from helpdesk.outbox.queue import retry_message
from helpdesk.permissions.decorators import staff_required
from helpdesk.textmodules.placeholders import find_placeholders
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
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.domain.letters import NoSenderError
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import answerable_by

WAIT_DAYS = 14
MORNING = time(8, 0)
FORM_KEY_LENGTH = 32
# what the send button says → the status after the answer
THEN = {
    "resolve": Status.RESOLVED,
    "wait": Status.WAITING_CITIZEN,
    "open": None,
    "later": Status.WAITING_DATE,
}
# What sends the writer back to the list: the ticket is off the table.
LEAVES_THE_LIST = frozenset({"resolve", "later", "wait"})


def _body(request: HttpRequest) -> str:
    """Return what was typed; browsers send the end of a line as two characters."""
    return request.POST.get("body", "").replace("\r\n", "\n")


def _form_key(request: HttpRequest) -> str:
    return request.POST.get("form_key", "")[:FORM_KEY_LENGTH]


def _seen(request: HttpRequest) -> int | None:
    return read_id(request.POST.get("seen", ""))


def _then(request: HttpRequest) -> tuple[str, str]:
    """Return what follows the answer and the outcome: "resolve:declined" names both."""
    what, _, outcome = request.POST.get("then", "").partition(":")
    if what not in THEN:
        what = "open"
    return what, (outcome or Outcome.ANSWERED) if what == "resolve" else ""


def _answer(request: HttpRequest, ticket: Ticket, composed: Composed) -> Answer:
    what, outcome = _then(request)
    return Answer(
        ticket_id=ticket.pk,
        text=_body(request),
        form_key=_form_key(request),
        seen_article_id=_seen(request),
        then=THEN[what],
        outcome=outcome,
        until=in_days(WAIT_DAYS) if what == "later" else None,
        despite_newer=request.POST.get("despite_newer") == "1",
        files=tuple(file.as_inbound() for file in composed.files),
        cc=composed.cc,
        bcc=composed.bcc,
    )


def in_days(days: int) -> datetime:
    """Return eight o'clock of the morning in so many days."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, MORNING))


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
    problem = _problem(request, composed)
    if problem:
        return _refuse(request, ticket, composed, problem)
    try:
        answer = _answer(request, ticket, composed)
        article = write_answer(answer=answer, user=agent_of(request))
    except StaleAnswerError as error:
        return _stale(request, ticket, composed, error.newer)
    except TicketNotThereError as error:
        raise Http404 from error
    except tuple(REFUSALS) as error:
        return _refuse(request, ticket, composed, gettext(REFUSALS[type(error)]))
    return _sent(request, ticket, article)


def _problem(request: HttpRequest, composed: Composed) -> str:
    """Return what keeps the form from being an answer at all, nothing if nothing does."""
    empty = find_placeholders(_body(request))
    if empty:
        name = f"{{{{{empty[0]}}}}}"
        return gettext("Placeholder %(name)s is empty.") % {"name": name}
    return " ".join(composed.problems)


# What may stand in the way of an answer → what the writer reads
REFUSALS: dict[type[Exception], str] = {
    EmptyTextError: gettext_noop("Write an answer first."),
    NoSenderError: gettext_noop("No sender is set up for this team."),
    StatusNotAllowedError: gettext_noop("This status can't follow the present one."),
    TooManyCopiesError: gettext_noop("An answer may have up to 20 copies."),
}


def _refuse(
    request: HttpRequest, ticket: Ticket, composed: Composed, sentence: str
) -> HttpResponse:
    typed = _keep(request, ticket, composed)
    return ticket_again(request, ticket.number, 422, answer_error=sentence, **typed)


def _stale(
    request: HttpRequest, ticket: Ticket, composed: Composed, newer: Article
) -> HttpResponse:
    """Show what is newer; from this page on it has been seen."""
    what, outcome = _then(request)
    more = {
        "newer": entry_of(newer, agent_of(request)),
        "newer_html": text_to_html(newer.text),
        "newer_author": newer.author_user or newer.author_citizen,
        "seen": newer.pk,
        "chosen": f"{what}:{outcome}" if outcome else what,
    }
    return ticket_again(request, ticket.number, 409, **_keep(request, ticket, composed), **more)


def _keep(request: HttpRequest, ticket: Ticket, composed: Composed) -> dict[str, object]:
    """Keep what was typed as the draft, and return it for the page.

    The form's key stays, so that a first try that went through after all is not doubled.
    """
    body = _body(request)
    save_draft(typed=Typed(ticket.pk, "answer", body), user=agent_of(request))
    typed = {"answer_text": body, "form_key": _form_key(request), "mode": "answer"}
    return typed | composed.context()


def _sent(request: HttpRequest, ticket: Ticket, article: Article) -> HttpResponse:
    forget_counts(agent_of(request))
    view = view_of(request) or "unassigned"
    request.session[UNDO_KEY] = {
        "url": f"{reverse('desk:withdraw', args=[article.pk])}?view={view}",
        "seconds": UNDO_SECONDS,
        "ticket": ticket.pk,
        "number": ticket.number,
    }
    if _then(request)[0] in LEAVES_THE_LIST:
        return redirect(way_back(agent_of(request), view))
    return _to_ticket(ticket, view)


def _to_ticket(ticket: Ticket, view: str) -> HttpResponse:
    page = reverse("desk:ticket", args=[ticket.number])
    return redirect(f"{page}?view={view}" if view else page)


def _answered(request: HttpRequest, article_id: int) -> Article:
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
    article = _answered(request, article_id)
    try:
        text = withdraw_answer(article_id=article_id, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    forget_counts(agent_of(request))
    page = _to_ticket(article.ticket, view_of(request))
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"url": page["Location"]}, status=409 if text is None else 200)
    if text is None:
        messages.error(request, gettext("Too late: the answer is already on its way."))
    else:
        messages.success(request, gettext("Taken back. Your text is in the composer."))
    return page


@require_http_methods(["GET", "POST"])
@staff_required
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Save an internal note; an empty one is refused on the page."""
    ticket = find_ticket(request, number)
    if request.method == "POST":
        text = _body(request)
        try:
            key = _form_key(request)
            write_note(ticket_id=ticket.pk, user=agent_of(request), text=text, form_key=key)
        except EmptyTextError:
            sentence = gettext("Write a note first.")
            return ticket_again(request, number, 422, mode="note", note_error=sentence)
    return _to_ticket(ticket, view_of(request))


@require_POST
@staff_required
def draft(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what was typed so far."""
    ticket = find_ticket(request, number)
    typed = Typed(ticket.pk, kind, _body(request), _form_key(request), _seen(request))
    save_draft(typed=typed, user=agent_of(request))
    return HttpResponse(status=204)


@require_POST
@staff_required
def retry(request: HttpRequest, article_id: int) -> HttpResponse:
    """Send an answer again that failed or is unsure, under the same Message-ID."""
    article = _answered(request, article_id)
    if article.outgoing_id is None:
        raise Http404
    if retry_message(message_id=article.outgoing_id):
        messages.success(request, gettext("The answer is being sent again."))
    else:
        messages.error(request, gettext("This answer can't be sent again."))
    return _to_ticket(article.ticket, view_of(request))


@require_GET
@staff_required
def modules(request: HttpRequest, number: str) -> JsonResponse:
    """Return the text modules that fit what was typed, filled in for this ticket."""
    ticket = find_ticket(request, number)
    found = suggest_modules(
        ticket=ticket, user=agent_of(request), typed=request.GET.get("q", "")[:60]
    )
    return JsonResponse({"results": found})
