"""Events with their seals and reactions, chained as the sequencer chains them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max

from helpdesk.events.models import Event, Seal
from helpdesk.events.publish import Actor
from helpdesk.events.sequencer import GENESIS, link
from helpdesk.project.filling.bulk import insert
from helpdesk.reactions.models import Reaction
from helpdesk.tickets import facts
from helpdesk.tickets.models import Ticket


@dataclass(slots=True)
class Ledger:
    """The end of the chain and what waits to be written after it."""

    seq: int
    previous: str
    event_id: int
    reaction_id: int
    events: list[Event] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)

    @classmethod
    def at_end(cls) -> "Ledger":
        """Return the ledger that goes on where the database's chain ends."""
        last = Seal.objects.order_by("-seq").first()
        event, reaction = (
            table.objects.aggregate(newest=Max("id"))["newest"] or 0 for table in (Event, Reaction)
        )
        return cls(last.seq if last else 0, last.hash if last else GENESIS, event, reaction)

    def record(
        self,
        ticket: Ticket,
        kind: str,
        actor: Actor,
        at: datetime,
        **data: Any,
    ) -> None:
        """Add one fact, sealed and with its reaction done."""
        self.event_id += 1
        self.seq += 1
        self.reaction_id += 1
        event = Event(
            id=self.event_id,
            created_at=at,
            authority_id=ticket.authority_id,
            kind=kind,
            actor_kind=actor.kind,
            actor_id=actor.id,
            subject_kind=facts.SUBJECT,
            subject_id=ticket.pk,
            data={"team_id": ticket.team_id, "version": ticket.version, **data},
        )
        self.previous = link(self.previous, event, self.seq)
        self.events.append(event)
        self.seals.append(Seal(seq=self.seq, event=event, hash=self.previous, sealed_at=at))
        self.reactions.append(
            Reaction(
                id=self.reaction_id,
                event=event,
                seq=self.seq,
                subject_kind=facts.SUBJECT,
                subject_id=ticket.pk,
                state=Reaction.State.DONE,
                next_attempt_at=at,
                done_at=at,
            )
        )

    def save(self) -> None:
        """Write what waits."""
        insert(Event, self.events)
        insert(Seal, self.seals)
        insert(Reaction, self.reactions)
        self.events, self.seals, self.reactions = [], [], []
