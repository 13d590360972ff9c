"""The one door by which a fact is written down."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from helpdesk.events.models import Event, EventPayload, Unsealed
from helpdesk.events.wake import wake_on_commit
from helpdesk.lib.statements import Insert

REACTIONS_TASK = "reactions.run"
SALT_BYTES = 16
BATCH = 500
_EVENT = Insert(Event)
_UNSEALED = Insert(Unsealed)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: ``user``, ``citizen``, ``system`` or ``external``, and which one.

    ``token`` is an agent's program and ``service`` one with rights of its own;
    their id is that of the token.
    """

    kind: str
    id: int | None = None


SYSTEM = Actor("system", None)


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened to which subject.

    ``data`` stays for ever and holds nothing personal; what is personal goes
    into ``personal``, which erasure may delete without breaking the chain.
    ``cause_id`` is the event that this one follows from.
    """

    kind: str
    subject_kind: str
    subject_id: int
    authority_id: int | None
    data: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Any] | None = None
    cause_id: int | None = None


def publish(*, fact: Fact, actor: Actor) -> Event:
    """Write the fact in the caller's transaction and wake the reactions when it commits.

    Refuses to run outside a transaction: a fact without the change it tells of,
    or a change without its fact, must not be possible.
    """
    _demand_transaction()
    salt = secrets.token_hex(SALT_BYTES) if fact.personal else ""
    event = _event(fact, actor, payload_digest(salt, fact.personal) if fact.personal else "")
    _EVENT.write(event)
    if fact.personal:
        EventPayload.objects.create(event=event, salt=salt, data=dict(fact.personal))
    _UNSEALED.write(Unsealed(event=event))
    wake_on_commit(REACTIONS_TASK)
    return event


def publish_all(*, facts: Sequence[Fact], actor: Actor) -> None:
    """Write many facts without personal values as :func:`publish` does, by a few statements."""
    _demand_transaction()
    if any(fact.personal for fact in facts):
        raise ValueError("facts with personal values are written one by one")
    events = Event.objects.bulk_create((_event(fact, actor) for fact in facts), batch_size=BATCH)
    Unsealed.objects.bulk_create((Unsealed(event=each) for each in events), batch_size=BATCH)
    if events:
        wake_on_commit(REACTIONS_TASK)


def _demand_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("publish() needs a transaction")


def _event(fact: Fact, actor: Actor, digest: str = "") -> Event:
    return Event(
        authority_id=fact.authority_id,
        kind=fact.kind,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject_kind=fact.subject_kind,
        subject_id=fact.subject_id,
        data=dict(fact.data),
        payload_digest=digest,
        cause_id=fact.cause_id,
    )


def canonical(value: Any) -> bytes:  # noqa: ANN401 - anything that JSON can hold
    """Return the one byte form of a JSON value: sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def payload_digest(salt: str, personal: Mapping[str, Any]) -> str:
    """Return the digest that an event keeps of its personal payload.

    The salt goes with the payload when that is erased, so that short values
    such as a name can't be guessed from the digest afterwards.
    """
    return hashlib.sha256(salt.encode() + b"\0" + canonical(dict(personal))).hexdigest()
