"""Ending a request with what shows that it is done: a note and its pictures, in one step."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.tickets.domain.articles import add_note
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.domain.state import change_status, demand_open
from helpdesk.tickets.domain.writing import demand_there, is_written, note_name
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import DraftKind


@transaction.atomic
def finish_with_note(
    *,
    ticket_id: int,
    user: User,
    text: str,
    files: tuple[InboundFile, ...] = (),
    form_key: str = "",
) -> None:
    """Keep an internal note with its files and resolve the request as fixed: both or neither.

    The same form twice is one note, and ends the request once: what was opened again since stays
    open, and what somebody else has ended meanwhile keeps their outcome. A note that is still being
    typed elsewhere stays. Raises TicketNotThereError, EmptyTextError, GoneError and
    StatusNotAllowedError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    if is_written(ticket_id=ticket_id, user=user, kind=DraftKind.NOTE, form_key=form_key):
        return
    demand_there(ticket)
    demand_open(ticket)
    name = note_name(ticket_id, user, form_key)
    add_note(ticket=ticket, user=user, text=text, files=files, name=name)
    change_status(ticket_id=ticket_id, user=user, to=Status.RESOLVED, outcome=Outcome.FIXED)
