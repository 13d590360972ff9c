"""Which fact about a ticket does what to its clocks."""

from collections.abc import Callable, Mapping, Sequence

from helpdesk.events.models import Event
from helpdesk.sla.domain import clocks
from helpdesk.sla.domain.barriers import answer_within_a_month
from helpdesk.tickets import facts
from helpdesk.tickets.enums import Channel, Status


def _created(event: Event) -> None:
    # Nobody waits for an answer to an automatic mail.
    if not event.data.get("is_automatic"):
        clocks.start(ticket_id=event.subject_id)
    # Only the portal's own form files reports of barriers; mails need not be asked about.
    if event.data.get("channel") == Channel.WEB:
        answer_within_a_month(ticket_id=event.subject_id)


def _answered(event: Event) -> None:
    clocks.answer_given(ticket_id=event.subject_id, at=event.created_at)


def _answer_withdrawn(event: Event) -> None:
    clocks.answer_withdrawn(ticket_id=event.subject_id)


def _status_changed(event: Event) -> None:
    clocks.status_changed(
        ticket_id=event.subject_id,
        to=Status(event.data["to"]),
        at=event.created_at,
        is_undo=bool(event.data.get("undo")),
    )


HANDLERS: Mapping[str, Callable[[Event], None]] = {
    facts.CREATED: _created,
    facts.ANSWERED: _answered,
    facts.ANSWER_WITHDRAWN: _answer_withdrawn,
    facts.STATUS_CHANGED: _status_changed,
}


def ask_ahead(*, events: Sequence[Event]) -> None:
    """Ask at once for the promises of tickets that were just created, inside `together`."""
    clocks.ask_ahead(
        ticket_ids=[each.subject_id for each in events if not each.data.get("is_automatic")]
    )


def handle(*, event: Event) -> None:
    """Let the clocks follow one fact, in the caller's transaction; others are ignored."""
    handler = HANDLERS.get(event.kind)
    if handler:
        handler(event)
