"""THE table: which rooms follow a fact, and in which order.

What stands in the first part runs inside the transaction of the event's
reaction and is done exactly once. What stands in the second runs after the
first try, committed or not, and may be lost: it only tells screens to look again.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from helpdesk.events.models import Event
from helpdesk.live import broadcast
from helpdesk.notifications import answers
from helpdesk.notifications import handlers as notifications
from helpdesk.outbox import facts as outbox
from helpdesk.sla import handlers as sla
from helpdesk.tickets import facts
from helpdesk.tickets.domain import assign, delivery
from knowledgebase import facts as knowledge


class Handler(Protocol):
    """A room's way to follow a fact; it ignores the kinds it does not know."""

    def __call__(self, *, event: Event) -> None:
        """Follow one sealed event."""


class Asker(Protocol):
    """A room's way to ask at once for what its handler will need for each."""

    def __call__(self, *, events: Sequence[Event]) -> None:
        """Ask, inside `together`, for these events."""


IN_TRANSACTION: Final[Mapping[str, tuple[Handler, ...]]] = {
    facts.SUBJECT: (sla.handle, notifications.handle),
    outbox.SUBJECT_KIND: (delivery.handle,),
    "user": (assign.handle,),
    knowledge.SUBJECT: (answers.handle,),
}
# What they ask the database for, for several first events of tickets at once.
ASKED_AHEAD: Final[tuple[Asker, ...]] = (sla.ask_ahead, notifications.ask_ahead)
AFTERWARDS: Final[tuple[Handler, ...]] = (broadcast.handle,)


def opens_subject(event: Event) -> bool:
    """Tell whether this is the first fact about its ticket, which waits for no other."""
    return event.kind == facts.CREATED and event.subject_kind == facts.SUBJECT


def handlers_of(subject_kind: str) -> tuple[Handler, ...]:
    """Return who follows facts about such a subject, first to last."""
    return IN_TRANSACTION.get(subject_kind, ())
