"""Drafts of agents: kept on the server within seconds, never lost to a crash."""

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.models import ArticleDraft
from helpdesk.tickets.queries import visible_to

MAX_DRAFT_LENGTH = 200_000


@transaction.atomic
def save_draft(
    *, ticket_id: int, user: User, kind: str, body: str, seen_article_id: int | None = None
) -> ArticleDraft | None:
    """Keep what was typed so far; an empty text removes the draft. Raises TicketNotThereError."""
    if not visible_to(user).filter(pk=ticket_id).exists():
        raise TicketNotThereError
    if not body.strip():
        discard_draft(ticket_id=ticket_id, user=user, kind=kind)
        return None
    draft, _ = ArticleDraft.objects.update_or_create(
        ticket_id=ticket_id,
        user=user,
        kind=kind,
        defaults={
            "body": body[:MAX_DRAFT_LENGTH],
            "seen_article_id": seen_article_id,
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
