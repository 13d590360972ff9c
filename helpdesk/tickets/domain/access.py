"""How somebody without an account or an address proves that a request is theirs."""

from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.links import access_code, has_ended, proves
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.references import read_code, read_reference


def issue_access_code(ticket: Ticket) -> str:
    """Return the code that opens the status page together with the reference.

    For confirmation pages, and for an agent who reads it out. It is computed, so
    that showing the same page again shows the same code and writes nothing; it
    becomes void with the ticket's links.
    """
    return access_code(ticket)


def find_by_access_code(*, authority_id: int, reference: str, code: str) -> Ticket | None:
    """Return the ticket that a reference and its code open, however they were typed.

    A wrong reference takes the same steps as a wrong code. Counting tries is the caller's.
    """
    typed, given = read_reference(reference), read_code(code)
    ticket = (
        Ticket.objects.select_related("authority")
        .filter(authority_id=authority_id, reference=typed or "")
        .first()
    )
    # Compared in any case, so that time tells nothing about the reference.
    is_right = proves(ticket or Ticket(pk=0), given or "")
    return ticket if ticket and given and is_right and not has_ended(ticket) else None


def find_survivor(ticket: Ticket) -> Ticket | None:
    """Return the request that a merged one went into, if it is the same citizen's and still opens.

    Somebody else's request is nobody's business, also where both are about one thing.
    """
    if ticket.merged_into_id is None or ticket.citizen_id is None:
        return None
    survivor = follow_merges(ticket)
    if survivor.citizen_id != ticket.citizen_id or has_ended(survivor):
        return None
    return survivor
