"""Drafts of agents: kept on the server within seconds, never lost to a crash."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.tickets.domain.articles import is_written
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.models import ArticleDraft

MAX_DRAFT_LENGTH = 200_000


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in one form of the composer; ``form_key`` is the form's own key."""

    ticket_id: int
    kind: str
    body: str
    form_key: str = ""
    seen_article_id: int | None = None


@transaction.atomic
def save_draft(*, typed: Typed, user: User) -> ArticleDraft | None:
    """Keep what was typed so far; an empty text removes the draft. Raises TicketNotThereError.

    What a form sends after its text was written for good is late, and changes
    nothing: under the ticket's lock the two can't overtake each other unseen.
    """
    ticket_id, kind, body = typed.ticket_id, typed.kind, typed.body
    lock_ticket(ticket_id=ticket_id, user=user, verb="read_ticket")
    if is_written(ticket_id=ticket_id, user=user, kind=kind, form_key=typed.form_key):
        return None
    if not body.strip():
        discard_draft(ticket_id=ticket_id, user=user, kind=kind)
        return None
    draft, _ = ArticleDraft.objects.update_or_create(
        ticket_id=ticket_id,
        user=user,
        kind=kind,
        defaults={
            "body": body[:MAX_DRAFT_LENGTH],
            "seen_article_id": typed.seen_article_id,
            "updated_at": timezone.now(),
        },
    )
    return draft


def load_drafts(*, ticket_id: int, user: User) -> dict[str, ArticleDraft]:
    """Return the user's own drafts for a ticket by kind."""
    drafts = ArticleDraft.objects.filter(ticket_id=ticket_id, user=user)
    return {draft.kind: draft for draft in drafts}


def discard_draft(*, ticket_id: int, user: User, kind: str) -> None:
    """Remove a draft, because it was sent or emptied."""
    ArticleDraft.objects.filter(ticket_id=ticket_id, user=user, kind=kind).delete()
