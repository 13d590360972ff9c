"""The status page behind a secret link: what happened to a request, in plain words."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from helpdesk.lib.html import text_to_html
from helpdesk.portal.frame import frame
from helpdesk.tickets.enums import ArticleKind, Outcome, Status
from helpdesk.tickets.links import find_by_token
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import public_thread


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the timeline."""

    word: str
    at: datetime | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the citizen sees it; agents appear as their authority."""

    is_ours: bool
    who: str
    at: datetime
    html: str


@require_GET
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
    chosen = request.COOKIES.get("django_language")
    if not chosen and ticket.language in {"de", "en"}:
        translation.activate(ticket.language)
    context = {
        **frame(request, ticket.authority),
        "ticket": ticket,
        "state": state_word(ticket),
        "steps": timeline(ticket),
        "messages_shown": [message_of(ticket, article) for article in public_thread(ticket)],
        "promised": _promised(ticket),
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


def timeline(ticket: Ticket) -> list[Step]:
    """Return the stations so far and the one to come."""
    steps = [Step(gettext("Received"), ticket.received_at, is_done=True)]
    if ticket.first_answer_at:
        steps.append(Step(gettext("First answer"), ticket.first_answer_at, is_done=True))
    if ticket.status == Status.WAITING_CITIZEN:
        steps.append(Step(gettext("Question for you"), ticket.active_at, is_done=True))
    if ticket.resolved_at:
        steps.append(Step(_ended(ticket), ticket.resolved_at, is_done=True))
    else:
        steps.append(Step(gettext("Done"), None, is_done=False))
    return steps


def _ended(ticket: Ticket) -> str:
    outcome = dict(Outcome.choices).get(ticket.outcome)
    return f"{gettext('Done')}: {outcome}" if outcome else gettext("Done")


def _promised(ticket: Ticket) -> datetime | None:
    """Return when an answer is promised, while that time has not passed."""
    due = ticket.due_at
    return due if due and not ticket.resolved_at and due > timezone.now() else None


def message_of(ticket: Ticket, article: Article) -> Message:
    """Return one public article as the citizen sees it."""
    is_ours = article.kind == ArticleKind.ANSWER
    who = f"{ticket.authority.name}, {ticket.team.name}" if is_ours else gettext("You")
    return Message(is_ours, who, article.received_at, text_to_html(article.text))
