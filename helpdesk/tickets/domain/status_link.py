"""Making a citizen's secret link void, when it got into wrong hands."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.models import Ticket


@transaction.atomic
def renew_link(*, ticket_id: int, user: User) -> Ticket:
    """Make every link sent so far void at once; the next mail carries a new one.

    Raises TicketNotThereError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    ticket.link_nonce = new_nonce()
    ticket.version += 1
    ticket.save(update_fields=["link_nonce", "version"])
    facts.record(ticket=ticket, kind=facts.LINK_REVOKED, actor=facts.by_user(user))
    return ticket
