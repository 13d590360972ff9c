"""Mail that agents write about a request from their own mailboxes (mail.md 56, 60, 69).

An address proves nothing. What an agent mails becomes a note of theirs only if our own
server says that their domain vouches for it (DMARC), if it answers what we sent to just
this agent, and if they may still read the request. It is never mailed on to anybody.
"""

import re
from dataclasses import replace

from helpdesk.agents.models import User, UserKind
from helpdesk.lib.addresses import normalise
from helpdesk.outbox.identity import scope_of
from helpdesk.outbox.subaddress import read_reply_scope
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.threading import follow_merges, reference_ids
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.inbound import Inbound
from helpdesk.tickets.models import Ticket

_SCOPE = re.compile(r"t([0-9]{1,12})u([0-9]{1,10})")


def staff_scope(ticket: Ticket, user: User) -> str:
    """Return what a mail to one agent about a ticket proves when it is answered."""
    return f"t{ticket.pk}u{user.pk}"


def as_note(inbound: Inbound) -> tuple[Inbound, Ticket] | None:
    """Return a proven agent's reply to a notice as their internal note on its ticket, or None."""
    if not inbound.is_authenticated or inbound.is_automatic:
        return None
    proof = _find_proof(inbound)
    if proof is None:
        return None
    ticket_id, user_id = proof
    ticket = Ticket.objects.filter(pk=ticket_id, authority_id=inbound.authority_id).first()
    user = User.objects.filter(pk=user_id, is_active=True, kind=UserKind.STAFF).first()
    if ticket is None or user is None:
        return None
    ticket = follow_merges(ticket)
    if normalise(user.email) != normalise(inbound.person.email):
        return None
    # Asked now, not when the notice went out: the ticket may have moved on since.
    if not can(user, "read_ticket", ticket):
        return None
    note = replace(inbound, kind=ArticleKind.NOTE, by_user_id=user.pk, ticket_id=ticket.pk)
    return note, ticket


def _find_proof(inbound: Inbound) -> tuple[int, int] | None:
    """Return ticket and agent that our Message-ID or reply address names."""
    scopes = [scope_of(each) for each in reference_ids(inbound)]
    for scope in (*scopes, read_reply_scope(inbound.threading.recipients)):
        found = _SCOPE.fullmatch(scope or "")
        if found:
            return int(found[1]), int(found[2])
    return None
