"""Filters as the search takes them: what its index knows narrows there, the database decides."""

from collections.abc import Callable, Collection, Iterable, Sequence

from helpdesk.tickets.documents import key_of, key_of_status, key_of_team
from helpdesk.tickets.enums import WAITING
from helpdesk.tickets.models import Category
from helpdesk.tickets.search import Narrowed
from helpdesk.worklists.filters import (
    ME,
    NOBODY,
    WAITING_ALL,
    WITH,
    Filters,
    Reader,
    condition,
    received_since,
)

Keys = Callable[[tuple[str, ...], Reader], list[str]]


def narrowed_by(
    filters: Filters, reader: Reader, *, statuses: Collection[str] = (), by_date: bool = False
) -> Narrowed:
    """Return what a search is narrowed to by ``filters``, and to some statuses without one."""
    keys = [KEYS[name](values, reader) for name, values in filters.values.items() if name in KEYS]
    if statuses and "status" not in filters.values:
        keys.append(_of_statuses(statuses))
    return Narrowed(
        meets=condition(filters, reader),
        keys=keys,
        # Nothing is active before it was received.
        since=received_since(filters, reader),
        by_date=by_date,
    )


def _of_statuses(statuses: Iterable[str]) -> list[str]:
    return [key_of_status(status) for status in sorted(statuses)]


def _status(values: tuple[str, ...], _reader: Reader) -> list[str]:
    wanted = set(values) - {WAITING_ALL}
    return _of_statuses(wanted | (WAITING if WAITING_ALL in values else set()))


def _topic(values: tuple[str, ...], _reader: Reader) -> list[str]:
    """Return a topic with those below it: the index knows of a ticket's own one alone."""
    keys = [int(value) for value in values if value != NOBODY]
    below = Category.objects.filter(parent__in=keys).values_list("pk", flat=True) if keys else ()
    wanted: Sequence[int | None] = [*keys, *below, *([None] if NOBODY in values else [])]
    return [key_of("topic", key) for key in wanted]


def _owner(values: tuple[str, ...], reader: Reader) -> list[str]:
    known: dict[str, int | None] = {ME: reader.user_id, NOBODY: None}
    return [key_of("owner", known[value] if value in known else int(value)) for value in values]


KEYS: dict[str, Keys] = {
    "status": _status,
    "team": lambda values, _reader: [key_of_team(int(value)) for value in values],
    "topic": _topic,
    "owner": _owner,
    "channel": lambda values, _reader: [key_of("channel", value) for value in values],
    "files": lambda values, _reader: [key_of("files", values[0] == WITH)],
}
