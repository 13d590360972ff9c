"""Turns stories into the rows that the doors would have written, many at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db.models import Max, Model

from helpdesk.events.publish import Actor
from helpdesk.lib.tokens import new_nonce
from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient
from helpdesk.project.filling import words
from helpdesk.project.filling.bulk import insert
from helpdesk.project.filling.ledger import Ledger
from helpdesk.project.filling.story import Step, StepKind, Story
from helpdesk.project.filling.town import Town, address_of
from helpdesk.sla.models import NEAR_MINUTES, Clock
from helpdesk.tickets import facts
from helpdesk.tickets.enums import ENDED, WAITING, ArticleKind, Channel, Status
from helpdesk.tickets.models import Article, MessageReference, Participant, Ticket, TicketSeen
from helpdesk.tickets.models.ticket import NEVER
from helpdesk.tickets.references import ALPHABET, RANDOM_SIGNS, format_reference

FIRST_ANSWER = timedelta(days=3)
SOLUTION = timedelta(days=14)
SNIPPET = 160
KINDS: dict[StepKind, ArticleKind] = {
    "message": ArticleKind.MESSAGE,
    "answer": ArticleKind.ANSWER,
    "note": ArticleKind.NOTE,
}
FACTS: dict[StepKind, str] = {
    "message": facts.MESSAGE_RECEIVED,
    "answer": facts.ANSWERED,
    "note": facts.NOTE_ADDED,
}
# In this order: what is pointed to comes first.
TABLES: tuple[type[Model], ...] = (
    *(OutgoingMessage, Recipient, Ticket, Participant),
    *(Article, MessageReference, TicketSeen, Clock),
)


@dataclass(slots=True)
class Rows:
    """Rows that wait to be written, and the ids given out so far."""

    town: Town
    ledger: Ledger
    now: datetime
    chance: Random
    references: set[str] = field(default_factory=set)
    _waiting: dict[type[Model], list[Model]] = field(default_factory=dict)
    _last_ids: dict[type[Model], int] = field(default_factory=dict)

    def add(self, story: Story, number: str) -> Ticket:
        """Add one request with everything that belongs to it."""
        ticket = self._ticket(story, number)
        self._put(Participant(id=self._next_id(Participant), ticket=ticket, citizen=ticket.citizen))
        self._write_receipt(ticket, story)
        before = ""
        for place, step in enumerate(story.steps):
            before = self._write_step(ticket, story, step, before, is_first=place == 0)
        self._end(ticket, story)
        self._set_clocks(ticket, story)
        self._put(
            TicketSeen(
                id=self._next_id(TicketSeen),
                ticket=ticket,
                user=self.town.agents[story.agent],
                article_id=ticket.last_article_id or 0,
            )
        )
        return ticket

    def save(self) -> None:
        """Write what waits, and the events after it."""
        for table in TABLES:
            insert(table, self._waiting.pop(table, []))
        self.ledger.save()

    def _put(self, *rows: Model) -> None:
        for row in rows:
            self._waiting.setdefault(type(row), []).append(row)

    def _next_id(self, table: type[Model]) -> int:
        if table not in self._last_ids:
            newest = table._default_manager.aggregate(newest=Max("pk"))["newest"]  # noqa: SLF001 - any model
            self._last_ids[table] = newest or 0
        self._last_ids[table] += 1
        return self._last_ids[table]

    def _ticket(self, story: Story, number: str) -> Ticket:
        town, matter = self.town, words.MATTERS[story.matter]
        first = story.steps[0]
        ticket = Ticket(
            id=self._next_id(Ticket),
            authority=town.authority,
            number=number,
            reference=self._reference(),
            title=story.title,
            snippet=" ".join(first.text.split())[:SNIPPET],
            team=town.teams[matter.team],
            category=town.topics[story.matter],
            status=story.status,
            outcome=story.outcome,
            citizen=town.citizens[story.citizen],
            citizen_name=town.citizens[story.citizen].name,
            channel=Channel.MAIL,
            sender=town.senders[matter.team],
            language="de",
            received_at=first.at,
            created_at=first.at,
            active_at=story.steps[-1].at,
            link_nonce=new_nonce(),
        )
        if story.status != Status.NEW:
            ticket.owner = town.agents[story.agent]
        self._put(ticket)
        return ticket

    def _reference(self) -> str:
        while True:
            signs = "".join(self.chance.choices(ALPHABET, k=RANDOM_SIGNS))
            if signs not in self.references:
                self.references.add(signs)
                return format_reference(self.town.authority.reference_prefix, signs)

    def _write_receipt(self, ticket: Ticket, story: Story) -> None:
        text = f"Ihr Anliegen {ticket.reference} ist eingegangen."
        self._send(ticket, story, f"receipt:{ticket.pk}", text, story.received_at)

    def _send(
        self, ticket: Ticket, story: Story, key: str, text: str, at: datetime
    ) -> OutgoingMessage:
        sender = self.town.senders[words.MATTERS[story.matter].team]
        message = OutgoingMessage(
            id=self._next_id(OutgoingMessage),
            authority=self.town.authority,
            sender=sender,
            idempotency_key=key,
            kind=key.partition(":")[0],
            link_kind=facts.SUBJECT,
            link_id=ticket.pk,
            message_id=new_message_id(scope=f"t{ticket.pk}", address=sender.email),
            envelope_from=sender.email,
            from_name=sender.name,
            subject=f"Re: {ticket.title}",
            text=text,
            language="de",
            state=MessageState.SENT,
            not_before=at,
            next_attempt_at=at,
            created_at=at,
            finished_at=at,
            attempts_made=1,
        )
        recipient = Recipient(
            id=self._next_id(Recipient),
            message=message,
            address=address_of(story.citizen),
            state=Recipient.State.ACCEPTED,
            decided_at=at,
        )
        self._put(message, recipient)
        return message

    def _write_step(
        self, ticket: Ticket, story: Story, step: Step, before: str, *, is_first: bool
    ) -> str:
        """Write one article with its fact and return its Message-ID, or ``before`` for a note."""
        article = self._article(ticket, story, step)
        article.in_reply_to = "" if step.kind == "note" else before
        self._put(article)
        if step.kind == "message" and before:
            row_id = self._next_id(MessageReference)
            self._put(MessageReference(id=row_id, article=article, message_id=before))
        ticket.last_article_id = article.pk
        if step.kind != "note":
            ticket.last_public_id = article.pk
        if step.kind == "answer" and ticket.first_answer_at is None:
            ticket.first_answer_at = step.at
        self._record_step(ticket, story, step, article.pk, is_first=is_first)
        return article.message_id or before

    def _article(self, ticket: Ticket, story: Story, step: Step) -> Article:
        article = Article(
            id=self._next_id(Article),
            ticket=ticket,
            kind=KINDS[step.kind],
            channel=Channel.DESK if step.kind == "note" else Channel.MAIL,
            subject="" if step.kind == "note" else ticket.title,
            text=step.text,
            language="de",
            received_at=step.at,
            created_at=step.at,
        )
        if step.kind == "message":
            article.author_citizen = self.town.citizens[story.citizen]
            article.from_name = ticket.citizen_name
            article.from_address = address_of(story.citizen)
            article.message_id = f"<fill.{article.pk}@post.example>"
            return article
        agent = self.town.agents[story.agent]
        article.author_user, article.from_name = agent, agent.name
        if step.kind == "answer":
            key = f"answer:{ticket.pk}:{article.pk}"
            outgoing = self._send(ticket, story, key, step.text, step.at)
            article.outgoing, article.message_id = outgoing, outgoing.message_id
            article.full_text = step.text
        return article

    def _record_step(
        self, ticket: Ticket, story: Story, step: Step, article_id: int, *, is_first: bool
    ) -> None:
        kind = facts.CREATED if is_first else FACTS[step.kind]
        citizen = Actor("citizen", ticket.citizen_id)
        agent = Actor("user", self.town.agents[story.agent].pk)
        actor = citizen if step.kind == "message" else agent
        ticket.version += not is_first
        self.ledger.record(ticket, kind, actor, step.at, article_id=article_id)
        if is_first and ticket.owner_id:
            ticket.version += 1
            data = {"from": None, "to": ticket.owner_id}
            self.ledger.record(ticket, facts.ASSIGNED, agent, step.at, **data)

    def _end(self, ticket: Ticket, story: Story) -> None:
        if story.status == Status.NEW:
            return
        at = story.steps[-1].at
        if story.status in ENDED:
            ticket.resolved_at = at
        ticket.version += 1
        data = {"from": Status.NEW, "to": story.status, "outcome": story.outcome}
        actor = Actor("user", self.town.agents[story.agent].pk)
        self.ledger.record(ticket, facts.STATUS_CHANGED, actor, at, **data)

    def _set_clocks(self, ticket: Ticket, story: Story) -> None:
        agreement, at = self.town.agreement, story.received_at
        clocks = [
            Clock(
                id=self._next_id(Clock),
                ticket=ticket,
                agreement=agreement,
                kind=kind,
                target_minutes=minutes or 0,
            )
            for kind, minutes in (
                (Clock.Kind.FIRST_ANSWER, agreement.first_answer_minutes),
                (Clock.Kind.SOLUTION, agreement.solution_minutes),
            )
        ]
        for clock, span in zip(clocks, (FIRST_ANSWER, SOLUTION), strict=True):
            clock.running_since = clock.created_at = at
            clock.stopped_at = _stopped_at(clock, ticket)
            if clock.stopped_at is None and story.status in WAITING:
                clock.running_since = None
            elif clock.stopped_at is None:
                self._run(clock, ticket, at + span)
        self._put(*clocks)
        _keep_deadline(ticket, clocks)

    def _run(self, clock: Clock, ticket: Ticket, due_at: datetime) -> None:
        """Let a clock run; one that is over was noted as missed, one nearly over as near."""
        clock.due_at = due_at
        near_at = due_at - timedelta(minutes=NEAR_MINUTES)
        if due_at <= self.now:
            clock.missed_at = due_at
            self._note(facts.DEADLINE_MISSED, clock, ticket, due_at)
            return
        clock.near_at = near_at
        if near_at <= self.now:
            clock.warned_at = near_at
            self._note(facts.DEADLINE_NEAR, clock, ticket, near_at)

    def _note(self, kind: str, clock: Clock, ticket: Ticket, at: datetime) -> None:
        data = {"clock": clock.kind, "due_at": clock.due_at and clock.due_at.isoformat()}
        self.ledger.record(ticket, kind, Actor("system", None), at, **data)


def _stopped_at(clock: Clock, ticket: Ticket) -> datetime | None:
    if clock.kind == Clock.Kind.FIRST_ANSWER and ticket.first_answer_at:
        return ticket.first_answer_at
    return ticket.resolved_at


def _keep_deadline(ticket: Ticket, clocks: Iterable[Clock]) -> None:
    running = [(clock.due_at, clock.kind) for clock in clocks if clock.due_at]
    ticket.due_at, ticket.due_kind = min(running, default=(None, ""))
    ticket.due_sort = ticket.due_at or NEVER
    ticket.clock_paused = ticket.status in WAITING
