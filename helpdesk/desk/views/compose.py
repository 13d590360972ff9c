"""Writing: answers, notes, drafts, taking back, text modules."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.modules import suggest_modules
from helpdesk.desk.shell import UNDO_KEY, forget_counts
from helpdesk.desk.thread import entry_of
from helpdesk.desk.views.ticket import find_ticket, ticket_context
from helpdesk.outbox.queue import retry_message
from helpdesk.permissions.decorators import staff_required
from helpdesk.textmodules.placeholders import find_placeholders
from helpdesk.tickets.domain.articles import (
    UNDO_SECONDS,
    Answer,
    EmptyTextError,
    StaleAnswerError,
    withdraw_answer,
    write_answer,
    write_note,
)
from helpdesk.tickets.domain.drafts import save_draft
from helpdesk.tickets.domain.letters import NoAddressError, NoSenderError
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import answerable_by

WAIT_DAYS = 14
MORNING = time(8, 0)
# what the send button says → the status after the answer
THEN = {
    "resolve": Status.RESOLVED,
    "wait": Status.WAITING_CITIZEN,
    "open": None,
    "later": Status.WAITING_DATE,
}


def _seen(request: HttpRequest) -> int | None:
    value = request.POST.get("seen", "")
    return int(value) if value.isdigit() else None


def _answer(request: HttpRequest, ticket: Ticket) -> Answer:
    then = THEN.get(request.POST.get("then", "open"))
    outcome = request.POST.get("outcome", Outcome.ANSWERED) if then == Status.RESOLVED else ""
    return Answer(
        ticket_id=ticket.pk,
        text=request.POST.get("body", ""),
        form_key=request.POST.get("form_key", "")[:32],
        seen_article_id=_seen(request),
        then=then,
        outcome=outcome,
        until=in_days(WAIT_DAYS) if then == Status.WAITING_DATE else None,
        despite_newer=request.POST.get("despite_newer") == "1",
    )


def in_days(days: int) -> datetime:
    """Return eight o'clock of the morning in so many days."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, MORNING))


@require_POST
@staff_required
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send an answer; whatever is in the way keeps the text on the page."""
    ticket = find_ticket(request, number)
    empty = find_placeholders(request.POST.get("body", ""))
    if empty:
        sentence = gettext("Placeholder %(name)s is empty.") % {"name": f"{{{{{empty[0]}}}}}"}
        return _again(request, ticket, status=422, answer_error=sentence)
    try:
        article = write_answer(answer=_answer(request, ticket), user=agent_of(request))
    except StaleAnswerError as error:
        return _again(request, ticket, status=409, newer=entry_of(error.newer, agent_of(request)))
    except TicketNotThereError as error:
        raise Http404 from error
    except EmptyTextError:
        return _again(request, ticket, status=422, answer_error=gettext("Write an answer first."))
    except (NoAddressError, NoSenderError):
        return _again(request, ticket, status=422)
    except StatusNotAllowedError:
        sentence = gettext("This status can't follow the present one.")
        return _again(request, ticket, status=422, answer_error=sentence)
    return _sent(request, ticket, article)


def _again(request: HttpRequest, ticket: Ticket, *, status: int, **more: object) -> HttpResponse:
    """Show the page again with everything that was typed."""
    typed = {
        "typed": request.POST.get("body", ""),
        "form_key": request.POST.get("form_key", ""),
        "mode": "answer",
    }
    context = ticket_context(request, ticket, **typed, **more)
    return render(request, "desk/ticket.html", context, status=status)


def _sent(request: HttpRequest, ticket: Ticket, article: Article) -> HttpResponse:
    forget_counts(agent_of(request))
    request.session[UNDO_KEY] = {
        "url": reverse("desk:withdraw", args=[article.pk]),
        "seconds": UNDO_SECONDS,
        "ticket": ticket.pk,
    }
    view = request.POST.get("view") or "unassigned"
    if request.POST.get("then") in {"resolve", "later"}:
        return redirect("desk:list", slug=view)
    return redirect(f"{reverse('desk:ticket', args=[ticket.number])}?view={view}")


@require_POST
@staff_required
def withdraw(request: HttpRequest, article_id: int) -> HttpResponse:
    """Take an answer back: JSON for the toast, a page for the button without scripts."""
    article = (
        Article.objects.filter(pk=article_id, ticket__in=answerable_by(agent_of(request)))
        .select_related("ticket")
        .first()
    )
    if article is None:
        raise Http404
    try:
        text = withdraw_answer(article_id=article_id, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    forget_counts(agent_of(request))
    url = reverse("desk:ticket", args=[article.ticket.number])
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"url": url}, status=409 if text is None else 200)
    if text is None:
        messages.error(request, gettext("Too late: the answer is already on its way."))
    else:
        messages.success(request, gettext("Taken back. Your text is in the composer."))
    return redirect(url)


@require_POST
@staff_required
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Save an internal note."""
    ticket = find_ticket(request, number)
    try:
        write_note(ticket_id=ticket.pk, user=agent_of(request), text=request.POST.get("body", ""))
    except EmptyTextError:
        context = ticket_context(
            request, ticket, mode="note", note_error=gettext("Write a note first.")
        )
        return render(request, "desk/ticket.html", context, status=422)
    view = request.POST.get("view", "")
    return redirect(f"{reverse('desk:ticket', args=[ticket.number])}?view={view}")


@require_POST
@staff_required
def draft(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what was typed so far."""
    ticket = find_ticket(request, number)
    save_draft(
        ticket_id=ticket.pk,
        user=agent_of(request),
        kind=kind,
        body=request.POST.get("body", ""),
        seen_article_id=_seen(request),
    )
    return HttpResponse(status=204)


@require_POST
@staff_required
def retry(request: HttpRequest, article_id: int) -> HttpResponse:
    """Send an answer again that failed or is unsure, under the same Message-ID."""
    article = (
        Article.objects.filter(pk=article_id, ticket__in=answerable_by(agent_of(request)))
        .select_related("ticket")
        .first()
    )
    if article is None or article.outgoing_id is None:
        raise Http404
    if retry_message(message_id=article.outgoing_id):
        messages.success(request, gettext("The answer is being sent again."))
    else:
        messages.error(request, gettext("This answer can't be sent again."))
    return redirect("desk:ticket", number=article.ticket.number)


@require_GET
@staff_required
def modules(request: HttpRequest, number: str) -> JsonResponse:
    """Return the text modules that fit what was typed, filled in for this ticket."""
    ticket = find_ticket(request, number)
    found = suggest_modules(
        ticket=ticket, user=agent_of(request), typed=request.GET.get("q", "")[:60]
    )
    return JsonResponse({"results": found})
