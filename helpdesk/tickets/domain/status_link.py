"""What agents do with a citizen's secret link and code: make them void, read the code out."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets import facts
from helpdesk.tickets.domain.access import issue_access_code
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


@transaction.atomic
def hand_out_code(*, ticket_id: int, user: User) -> str:
    """Return the access code, for an agent who reads it out to the citizen; a fact says so.

    Raises TicketNotThereError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    facts.record(ticket=ticket, kind=facts.CODE_ISSUED, actor=facts.by_user(user))
    return issue_access_code(ticket)
