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
from helpdesk.outbox.queries import Delivery, delivery_state
from helpdesk.tickets.enums import ArticleKind, Trust
from helpdesk.tickets.models import Article, Ticket
from helpdesk.tickets.queries import thread

# level of a delivery → icon
DELIVERY_ICONS = {
    "waiting": "clock",
    "good": "check",
    "delayed": "clock",
    "bad": "warning",
    "unsure": "warning",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the thread: an article, or an event between articles."""

    at: datetime
    article: Article | None = None
    html: str = ""
    delivery: Delivery | None = None
    delivery_icon: str = ""
    can_undo: bool = False
    marks: tuple[str, ...] = ()
    event: dict[str, Any] | None = None


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
    delivery = delivery_state(outgoing) if outgoing else None
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
        delivery=delivery,
        delivery_icon=DELIVERY_ICONS[delivery.level] if delivery else "",
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
