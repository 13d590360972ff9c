"""The status page behind a secret link: what happened to a request, in plain words."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from helpdesk.lib.html import text_to_html
from helpdesk.portal.frame import frame
from helpdesk.tickets.enums import ENDED, ArticleKind, Outcome, Status
from helpdesk.tickets.links import find_by_token
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the timeline; without a moment it is still to come."""

    word: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the citizen sees it; agents appear as their authority."""

    is_ours: bool
    who: str
    at: datetime
    html: str
    files: tuple[str, ...]


@require_safe
@never_cache
def status_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the request a link opens; a wrong, revoked or expired one says what to do instead.

    Looking never consumes the link, so that mail scanners may prefetch it.
    """
    ticket = find_by_token(token)
    if ticket is None:
        response = render(request, "portal/status_unknown.html", frame(request), status=404)
    else:
        response = _page(request, ticket)
    # The address is the secret: it must not leave with a link or lie in a search engine.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Write the page in the language the citizen chose here, else in that of the request."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    known = ticket.language in dict(settings.LANGUAGES)
    language = ticket.language if known and not chosen else translation.get_language()
    with translation.override(language):
        messages = [message_of(ticket, article) for article in public_thread(ticket)]
        context = {
            **frame(request, ticket.authority),
            "ticket": ticket,
            "state": state_word(ticket),
            "is_ended": ticket.status in ENDED,
            "is_question": ticket.status == Status.WAITING_CITIZEN,
            "steps": timeline(ticket, messages),
            "messages_shown": messages,
            "promised": promised_date(ticket),
        }
        return render(request, "portal/status.html", context)


def state_word(ticket: Ticket) -> str:
    """Return the public status in words a citizen uses."""
    words = {
        Status.NEW: gettext("Received"),
        Status.OPEN: gettext("Being worked on"),
        Status.WAITING_CITIZEN: gettext("Question for you"),
        Status.WAITING_THIRD: gettext("Being worked on"),
        Status.WAITING_DATE: gettext("Being worked on"),
        Status.RESOLVED: gettext("Done"),
        Status.CLOSED: gettext("Done"),
        Status.MERGED: gettext("Joined with another request"),
    }
    return words[Status(ticket.status)]


def timeline(ticket: Ticket, messages: list[Message]) -> list[Step]:
    """Return the stations so far, from what the citizen may know, and the one to come."""
    steps = [Step(gettext("Received"), ticket.received_at)]
    answers = [message.at for message in messages if message.is_ours]
    is_question = ticket.status == Status.WAITING_CITIZEN and bool(answers)
    if answers and not (is_question and len(answers) == 1):
        steps.append(Step(gettext("First answer"), answers[0]))
    if is_question:
        steps.append(Step(gettext("Question for you"), answers[-1]))
    if ticket.status in ENDED and ticket.resolved_at:
        return [*steps, Step(_ended(ticket), ticket.resolved_at)]
    if len(steps) == 1 and ticket.status != Status.NEW:
        steps.append(Step(gettext("Being worked on"), ticket.active_at))
    return [*steps, Step(gettext("Done"))]


def _ended(ticket: Ticket) -> str:
    """Return the end in words; what only says how the staff files it stays inside."""
    words = {
        Outcome.FIXED: gettext("Done: the matter has been put right"),
        Outcome.ANSWERED: gettext("Done: your request has been answered"),
        Outcome.DECLINED: gettext("Done: we could not do what you asked"),
        Outcome.DUPLICATE: gettext("Done: we already know of the matter"),
        Outcome.NOT_RESPONSIBLE: gettext("Done: somebody else is responsible"),
        Outcome.WITHDRAWN: gettext("Done: withdrawn by you"),
    }
    done = gettext("Done")
    return words.get(Outcome(ticket.outcome), done) if ticket.outcome else done


def promised_date(ticket: Ticket) -> datetime | None:
    """Return when an answer is promised, while that time has not passed."""
    due = ticket.due_at
    return due if due and ticket.status not in ENDED and due > timezone.now() else None


def message_of(ticket: Ticket, article: Article) -> Message:
    """Return one public article as the citizen sees it."""
    is_ours = article.kind == ArticleKind.ANSWER
    return Message(
        is_ours=is_ours,
        who=f"{ticket.authority.name}, {ticket.team.name}" if is_ours else gettext("You"),
        at=article.received_at,
        html=text_to_html(article.text),
        files=tuple(file.name for file in article.attachments.all() if not file.is_inline),
    )
