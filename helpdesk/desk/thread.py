"""The thread of a ticket as the page shows it: articles and events in one order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.desk.history import history_lines
from helpdesk.lib.html import text_to_html
from helpdesk.outbox.models import MessageState
from helpdesk.tickets.enums import ArticleKind, Trust
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import thread

# state of the outgoing message → (word, icon, needs somebody to act)
_STATES = {
    MessageState.QUEUED: ("waiting to be sent", "clock", False),
    MessageState.SENDING: ("being sent", "clock", False),
    MessageState.SENT: ("delivered to the mail server", "check", False),
    MessageState.FAILED: ("not delivered", "warning", True),
    MessageState.UNSURE: (
        "unsure whether it arrived: please check before sending again",
        "warning",
        True,
    ),
    MessageState.CANCELLED: ("withdrawn", "close", False),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far an answer got, in words."""

    word: str
    icon: str
    needs_action: bool
    detail: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the thread: an article, or an event between articles."""

    at: datetime
    article: Article | None = None
    html: str = ""
    delivery: Delivery | None = None
    can_undo: bool = False
    marks: tuple[str, ...] = ()
    event: dict[str, Any] | None = None


def delivery_of(article: Article) -> Delivery | None:
    """Return how far an answer got; a report that came back later counts most."""
    outgoing = article.outgoing
    if outgoing is None:
        return None
    bounced = [r for r in outgoing.recipients.all() if r.state == "bounced"]
    if bounced:
        return Delivery(
            gettext("came back: the address can't be reached"),
            "warning",
            needs_action=True,
            detail=bounced[0].reply,
            message_id=outgoing.pk,
        )
    word, icon, needs_action = _STATES[MessageState(outgoing.state)]
    return Delivery(gettext(word), icon, needs_action, outgoing.last_error, outgoing.pk)


def marks_of(article: Article) -> tuple[str, ...]:
    """Return the warnings an agent must see at a message."""
    marks = {
        Trust.THIRD_PERSON: gettext("From a third person: not visible to the citizen"),
        Trust.UNVERIFIED: gettext("Sender not verified: only the number was quoted"),
        Trust.STAFF_CLAIM: gettext("Claims the address of staff: treated as mail from outside"),
    }
    found = [marks[Trust(article.trust)]] if Trust(article.trust) in marks else []
    if article.is_automatic:
        found.append(gettext("Sent automatically"))
    if article.crypto == "encrypted":
        found.append(gettext("Encrypted: the content can't be shown here, see the attachments"))
    if article.crypto == "signed":
        found.append(gettext("Signed, signature not checked"))
    return (*found, *article.warnings)


def entry_of(article: Article, user: User) -> Entry:
    """Return one article as the page shows it."""
    outgoing = article.outgoing
    can_undo = bool(
        article.kind == ArticleKind.ANSWER
        and article.author_user_id == user.pk
        and outgoing
        and outgoing.state == MessageState.QUEUED
        and outgoing.not_before > timezone.now()
    )
    return Entry(
        at=article.created_at,
        article=article,
        html=text_to_html(article.text),
        delivery=delivery_of(article),
        can_undo=can_undo,
        marks=marks_of(article),
    )


def entries(ticket: Ticket, user: User, *, after: int = 0) -> list[Entry]:
    """Return the thread oldest first; ``after`` leaves out articles up to that id, and events."""
    articles = [entry_of(article, user) for article in thread(ticket).filter(pk__gt=after)]
    if after:
        return articles
    events = [Entry(at=line["at"], event=line) for line in history_lines(ticket)]
    return sorted([*articles, *events], key=lambda entry: entry.at)
