"""What stands in the tables, in a form in which two ways of writing it can be compared."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from django.db.models import Model

from channels_in.models import RawMessage
from helpdesk.citizens.models import Citizen
from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.models import Article, Ticket

Told: TypeAlias = dict[str, list[dict[str, Any]]]
Places: TypeAlias = dict[type[Model], dict[Any, int]]
# Drawn by lot: whether there is one is all that can be compared.
BY_LOT = frozenset({"reference", "link_nonce", "salt", "hash"})
# The moment of writing, which is another each time.
NOW = frozenset(
    {
        *("created_at", "stored_at", "finished_at", "seen_at", "active_at", "done_at"),
        *("next_attempt_at", "not_before", "lease_until"),
    }
)
# Keys of rows in columns that are no relation.
PLAIN_KEYS = {"last_article_id": Article, "last_public_id": Article, "raw_message_id": RawMessage}
SUBJECTS: dict[str, type[Model]] = {
    "ticket": Ticket,
    "citizen": Citizen,
    "message": OutgoingMessage,
}


def tell(tables: Sequence[type[Model]]) -> Told:
    """Return all rows of these tables, keys as places among them."""
    held = {model: list(model._default_manager.order_by("pk")) for model in tables}
    places = {
        model: {row.pk: place for place, row in enumerate(rows)} for model, rows in held.items()
    }
    return {model.__name__: [_columns(row, places) for row in rows] for model, rows in held.items()}


def _columns(row: Model, places: Places) -> dict[str, Any]:
    """Return a row's columns with the keys of other rows as their places."""
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        target = field.related_model if field.is_relation else PLAIN_KEYS.get(field.attname)
        is_signed = isinstance(row, OutgoingMessage) and field.name == "message_id"
        if field.name in BY_LOT | NOW or is_signed:
            value = bool(value)
        elif target in places and value is not None:
            value = places[target][value]
        elif field.primary_key:
            value = None
        told[field.attname] = bytes(value) if isinstance(value, memoryview) else value
    return _of_event(told, places) if isinstance(row, Event) else told


def _of_event(told: dict[str, Any], places: Places) -> dict[str, Any]:
    for kind, key in (("actor_kind", "actor_id"), ("subject_kind", "subject_id")):
        if told[kind] in SUBJECTS:
            told[key] = places[SUBJECTS[told[kind]]][told[key]]
    names = {"article_id": Article, "by_message": Article, "target_id": Ticket}
    data = told["data"].items()
    told["data"] = {k: places[names[k]][v] if k in names else v for k, v in data}
    return told


def differences(alone: Told, together: Told) -> list[object]:
    """Return every column that was written in another way."""
    counts = [
        (table, len(rows), len(together[table]))
        for table, rows in alone.items()
        if len(rows) != len(together[table])
    ]
    return counts + [
        (table, place, name, value, other[name])
        for table, rows in alone.items()
        for place, (row, other) in enumerate(zip(rows, together[table], strict=False))
        for name, value in row.items()
        if value != other[name]
    ]
