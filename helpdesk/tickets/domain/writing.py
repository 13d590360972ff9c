"""What all texts of the composer share: the name of one form, and whether it was sent already."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.outbox.queue import cancel_message
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Article, DraftKind, Ticket

UNDO_SECONDS = 10


class EmptyTextError(Exception):
    """There is nothing in the text."""


class GoneError(Exception):
    """The request was merged or put into the bin meanwhile: nobody would see what is sent there."""


def demand_there(ticket: Ticket) -> None:
    """Raise GoneError for a locked ticket that is nothing of its own any more."""
    if ticket.status in {Status.MERGED, Status.DELETED}:
        raise GoneError


def form_name(kind: str, ticket_id: int, user: User, form_key: str) -> str:
    """Return the name of one form of the composer: the same form twice is one contribution."""
    return f"{kind}:{ticket_id}:{user.pk}:{form_key}"[:75]


def note_name(ticket_id: int, user: User, form_key: str) -> str | None:
    """Return the name of the form of a note; None for one that has no key."""
    return form_name(DraftKind.NOTE, ticket_id, user, form_key) if form_key else None


def sending_key(kind: str, ticket_id: int, user: User, form_key: str) -> str:
    """Name one sending of one form; what was taken back may be sent by the same form again."""
    key = form_name(kind, ticket_id, user, form_key)
    taken_back = Article.objects.filter(
        Q(outgoing__idempotency_key__startswith=key) | Q(request_key__startswith=key),
        ticket_id=ticket_id,
        is_withdrawn=True,
    ).count()
    return f"{key}:{taken_back}" if taken_back else key


def is_written(
    *, ticket_id: int, user: User, kind: str, form_key: str, lies_in: int | None = None
) -> bool:
    """Tell whether what a form of the composer held was sent or saved, and not taken back.

    ``lies_in`` is the ticket its contributions lie in now, where theirs was merged.
    """
    if not form_key:
        return False
    name = form_name(kind, ticket_id, user, form_key)
    articles = Article.objects.filter(ticket_id=lies_in or ticket_id, is_withdrawn=False)
    if kind in {DraftKind.NOTE, DraftKind.CALL}:
        return articles.filter(request_key=name).exists()
    return articles.filter(
        Q(outgoing__idempotency_key__startswith=name) | Q(request_key__startswith=name)
    ).exists()


def hold_back(article: Article, now: datetime | None = None) -> bool:
    """Keep a text from going out; False if it is too late for that."""
    if article.outgoing is not None:
        return cancel_message(message_id=article.outgoing.pk)
    return article.published_at is not None and article.published_at > (now or timezone.now())
