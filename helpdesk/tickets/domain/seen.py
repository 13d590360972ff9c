"""What an agent has had on the screen."""

from helpdesk.agents.models import User
from helpdesk.tickets.models import Ticket, TicketSeen


def mark_seen(*, ticket: Ticket, user: User) -> None:
    """Remember that ``user`` had the newest article on the screen."""
    if ticket.last_article_id is None:
        return
    updated = TicketSeen.objects.filter(ticket=ticket, user=user).update(
        article_id=ticket.last_article_id
    )
    if not updated:
        TicketSeen.objects.get_or_create(
            ticket=ticket, user=user, defaults={"article_id": ticket.last_article_id}
        )
