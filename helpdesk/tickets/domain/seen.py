"""What an agent has had on the screen."""

from helpdesk.agents.models import User
from helpdesk.tickets.models import Ticket, TicketSeen


def mark_seen(*, ticket: Ticket, user: User) -> None:
    """Remember that ``user`` had the newest article on the screen."""
    if ticket.last_article_id is None:
        return
    TicketSeen.objects.bulk_create(
        [TicketSeen(ticket=ticket, user=user, article_id=ticket.last_article_id)],
        update_conflicts=True,
        unique_fields=["ticket", "user"],
        update_fields=["article_id"],
    )
