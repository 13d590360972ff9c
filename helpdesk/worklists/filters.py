"""Filters of a list as they stand in its address: an allow-list, read once, bounded.

Within a field one of its values is enough; each field narrows what the others leave.
A value that no list can have is refused by name and narrows nothing. One that could be
somebody's (a team, a person, a topic) is taken as it stands: a foreign one finds as little
as one that does not exist.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from helpdesk.lib.figures import is_figure
from helpdesk.tickets.enums import ENDED, WAITING, Channel, Priority, Status
from helpdesk.tickets.models import Attachment, Ticket, TicketTag
from helpdesk.tickets.models.ticket import FINISHED, NEVER, UNFINISHED
from helpdesk.tickets.queries import Sorting, ended, spamless, unfinished

MOST_VALUES = 20
LONGEST_TEXT = 200
# In an address of a saved view: its own filters do not hold any more, these do.
MARK = "f"
ME, NOBODY = "me", "none"
WAITING_ALL = "waiting"
WITH, WITHOUT = "with", "without"
FIRST_YEAR, LAST_YEAR = 1900, 9000


class Data(Protocol):
    """What an address gives: several values of a name."""

    def getlist(self, key: str) -> list[str]:
        """Return all values of a name."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose list it is, and when: what "me" and "today" mean."""

    user_id: int
    now: datetime

    def days(self, count: int) -> datetime:
        """Return the midnight that many days from the one that began today."""
        midnight = timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=count)


def reader_now(user_id: int) -> Reader:
    """Return the reader of this moment."""
    return Reader(user_id, timezone.now())


Meets = Callable[[tuple[str, ...], Reader], Q]


@dataclass(frozen=True, slots=True)
class Field:
    """What can be filtered by: its word, its values in words, and the condition.

    Without ``choices`` the values are ids of rows. ``is_single`` fields take one value,
    ``takes_date`` fields a day as ISO 8601 writes it.
    """

    label: StrOrPromise
    meets: Meets
    choices: Mapping[str, StrOrPromise] = field(default_factory=dict)
    is_single: bool = False
    takes_text: bool = False
    takes_date: bool = False

    def takes(self, value: str) -> bool:
        """Tell whether a value is one of this field."""
        if self.takes_text:
            return bool(value)
        if self.takes_date:
            return read_day(value) is not None
        return value in self.choices or (self.has_rows and is_figure(value))

    @property
    def has_rows(self) -> bool:
        """Tell whether there are values that name rows."""
        return not (self.takes_text or self.takes_date) and set(self.choices) <= {ME, NOBODY}


def _ids(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value not in {ME, NOBODY}]


def _status(values: tuple[str, ...], _reader: Reader) -> Q:
    wanted = set(values) - {WAITING_ALL}
    return Q(status__in=sorted(wanted | (WAITING if WAITING_ALL in values else set())))


def _owner(values: tuple[str, ...], reader: Reader) -> Q:
    keys = _ids(values) + ([reader.user_id] if ME in values else [])
    return Q(owner_id__in=keys) | (Q(owner__isnull=True) if NOBODY in values else Q())


def _topic(values: tuple[str, ...], _reader: Reader) -> Q:
    keys = _ids(values)
    found = Q(category_id__in=keys) | Q(category__parent_id__in=keys)
    return found | (Q(category__isnull=True) if NOBODY in values else Q())


def _tag(values: tuple[str, ...], _reader: Reader) -> Q:
    return Q(Exists(TicketTag.objects.filter(ticket=OuterRef("pk"), tag_id__in=_ids(values))))


DUE: Mapping[str, Callable[[Reader], Q]] = {
    "overdue": lambda reader: Q(due_sort__lt=reader.now, clock_paused=False),
    "today": lambda reader: Q(due_sort__lt=reader.days(1)),
    "tomorrow": lambda reader: Q(due_sort__lt=reader.days(2)),
    "week": lambda reader: Q(due_sort__lt=reader.days(7)),
    "paused": lambda _reader: Q(clock_paused=True),
    "none": lambda _reader: Q(due_sort=NEVER, clock_paused=False),
}


def _due(values: tuple[str, ...], reader: Reader) -> Q:
    return DUE[values[0]](reader)


def _period(values: tuple[str, ...], reader: Reader) -> Q:
    return Q(received_at__gte=_begin_of(values[0], reader))


def _begin_of(period: str, reader: Reader) -> datetime:
    return reader.days(1 - int(period))


def read_day(text: str) -> date | None:
    """Return the day that stands in an address as ISO 8601 writes it, None if it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Midnights around the first and the last years that there are can't be told in UTC.
    return day if day.isoformat() == text and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _midnight(day: str, *, after: int = 0) -> datetime:
    begun = datetime.combine(date.fromisoformat(day) + timedelta(days=after), time.min)
    return timezone.make_aware(begun)


def _since(values: tuple[str, ...], _reader: Reader) -> Q:
    return Q(received_at__gte=_midnight(values[0]))


def _until(values: tuple[str, ...], _reader: Reader) -> Q:
    return Q(received_at__lt=_midnight(values[0], after=1))


def _files(values: tuple[str, ...], _reader: Reader) -> Q:
    there = Exists(
        Attachment.objects.filter(article__ticket=OuterRef("pk"), article__is_withdrawn=False)
    )
    return Q(there) if values[0] == WITH else ~Q(there)


def _quiet(values: tuple[str, ...], reader: Reader) -> Q:
    return Q(active_at__lt=reader.now - timedelta(days=int(values[0])))


def _nothing(_values: tuple[str, ...], _reader: Reader) -> Q:
    # Words are looked up by the search; its answer narrows the list.
    return Q()


# What lies in the bin stands in no list of these.
_LISTED = {value: word for value, word in Status.choices if value in {*UNFINISHED, *FINISHED}}
FIELDS: Mapping[str, Field] = {
    "status": Field(_("Status"), _status, {WAITING_ALL: _("Waiting, for whatever"), **_LISTED}),
    "team": Field(_("Team"), lambda values, _reader: Q(team_id__in=_ids(values))),
    "topic": Field(_("Topic"), _topic, {NOBODY: _("no topic")}),
    "owner": Field(_("Responsible"), _owner, {ME: _("me"), NOBODY: _("nobody")}),
    "priority": Field(
        _("Priority"),
        lambda values, _reader: Q(priority__in=_ids(values)),
        {str(value): label for value, label in Priority.choices},
    ),
    "channel": Field(
        _("Channel"), lambda values, _reader: Q(channel__in=values), dict(Channel.choices)
    ),
    "due": Field(
        _("Deadline"),
        _due,
        {
            "overdue": _("overdue"),
            "today": _("until today"),
            "tomorrow": _("until tomorrow"),
            "week": _("in the next 7 days"),
            "paused": _("paused"),
            "none": _("no deadline"),
        },
        is_single=True,
    ),
    "tag": Field(_("Tag"), _tag),
    "period": Field(
        _("Received"),
        _period,
        {
            "1": _("today"),
            "7": _("last 7 days"),
            "30": _("last 30 days"),
            "365": _("last 12 months"),
        },
        is_single=True,
    ),
    "since": Field(_("Received from"), _since, is_single=True, takes_date=True),
    "until": Field(_("Received until"), _until, is_single=True, takes_date=True),
    "quiet": Field(
        _("Without activity"),
        _quiet,
        {
            "3": _("for more than 3 days"),
            "7": _("for more than 7 days"),
            "14": _("for more than 14 days"),
            "30": _("for more than 30 days"),
        },
        is_single=True,
    ),
    "files": Field(
        _("Files"),
        _files,
        {WITH: _("with files"), WITHOUT: _("without files")},
        is_single=True,
    ),
    "text": Field(_("Text"), _nothing, is_single=True, takes_text=True),
}

# Who or what a ticket may lack: those without one come last, whichever way it is sorted and
# whatever the engine takes for usual.
MAYBE_EMPTY = frozenset({"owner__name", "category__name"})
# Key of an order → columns; each ends with what no two tickets share.
_DUE_FIRST = ("due_sort", "id")
SORTS: Mapping[str, tuple[str, ...]] = {
    "due": _DUE_FIRST,
    "number": ("number", "id"),
    "status": ("status", *_DUE_FIRST),
    "title": ("title", "id"),
    "citizen": ("citizen_name", "id"),
    "team": ("team__name", *_DUE_FIRST),
    "owner": ("owner__name", *_DUE_FIRST),
    "topic": ("category__name", *_DUE_FIRST),
    "priority": ("priority", "id"),
    "received": ("received_at", "id"),
    "active": ("active_at", "id"),
}
# Of the many that have ended only what an index sorts: by deadline they have none any more.
ENDED_SORTS = ("active", "number")
DUE_FIRST, LAST_ACTIVE_FIRST = "due", "-active"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to, and its order; ``refused`` are values that mean nothing here."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    refused: tuple[str, ...] = ()

    @property
    def stored(self) -> dict[str, list[str]]:
        """Return the values as a saved view keeps them."""
        return {name: list(values) for name, values in self.values.items()}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the values as they stand in an address."""
        pairs = [(name, value) for name, values in self.values.items() for value in values]
        return pairs + ([("sort", self.sort)] if self.sort else [])

    @property
    def text(self) -> str:
        """Return the words that are looked for."""
        return "".join(self.values.get("text", ()))

    def are_of_ended(self, *, otherwise: bool) -> bool:
        """Tell whether the list is one of ended tickets; without a status the list says it."""
        statuses = self.values.get("status", ())
        return statuses[0] in ENDED if statuses else otherwise

    def order(self, *, of_ended: bool) -> tuple[Sorting, ...]:
        """Return the columns to sort by; the usual ones where the wanted ones do not fit."""
        usual = LAST_ACTIVE_FIRST if of_ended else DUE_FIRST
        key = self.sort.removeprefix("-")
        sort = usual if of_ended and key not in ENDED_SORTS else self.sort or usual
        falls = sort.startswith("-")
        return tuple(_sorting(name, falls=falls) for name in SORTS[sort.removeprefix("-")])

    def with_value(self, name: str, value: str) -> "Filters":
        """Return the filters with one value more, or instead where a field takes one."""
        before = () if FIELDS[name].is_single else self.values.get(name, ())
        if name == "status" and before and _is_of_ended(before[0]) != _is_of_ended(value):
            before = ()
        wanted = tuple(dict.fromkeys((*before, value)))
        return Filters({**self.values, name: wanted}, self.sort)

    def without(self, name: str, value: str = "") -> "Filters":
        """Return the filters without a value of a field, or without the field."""
        kept = tuple(one for one in self.values.get(name, ()) if value and one != value)
        others = {key: values for key, values in self.values.items() if key != name or kept}
        return Filters(others | ({name: kept} if kept else {}), self.sort)


def _sorting(name: str, *, falls: bool) -> Sorting:
    if name not in MAYBE_EMPTY:
        return f"-{name}" if falls else name
    return F(name).desc(nulls_last=True) if falls else F(name).asc(nulls_last=True)


def read_filters(data: Data) -> Filters:
    """Read the filters of an address; what no list can have is refused by name."""
    given = {name: data.getlist(name) for name in FIELDS}
    sort = (data.getlist("sort") or [""])[-1]
    return read_stored(given, sort)


def read_stored(given: Mapping[str, Iterable[str]], sort: str = "") -> Filters:
    """Read filters from lists of values by the name of a field."""
    values, refused = {}, list[str]()
    for name, known in FIELDS.items():
        wanted = [_clean(value) for value in given.get(name, ())]
        wanted = list(dict.fromkeys(value for value in wanted if value))
        fitting = [value for value in wanted if known.takes(value)]
        kept = fitting[: 1 if known.is_single else MOST_VALUES]
        if name == "status" and kept:
            kept = [one for one in kept if _is_of_ended(one) == _is_of_ended(kept[0])]
        refused += [f"{known.label}: {value[:40]}" for value in wanted if value not in kept]
        if kept:
            values[name] = tuple(kept)
    known_sort = sort.removeprefix("-") in SORTS
    return Filters(values, sort if known_sort else "", tuple(refused[:MOST_VALUES]))


def _clean(value: str) -> str:
    return " ".join(value.replace("\0", "").split())[:LONGEST_TEXT]


def _is_of_ended(status: str) -> bool:
    return status in ENDED


def condition(filters: Filters, reader: Reader) -> Q:
    """Return what a ticket has to meet, apart from the words."""
    met = Q()
    for name, values in filters.values.items():
        met &= FIELDS[name].meets(values, reader)
    return met


def received_since(filters: Filters, reader: Reader) -> datetime | None:
    """Return from when on a ticket has to be received, None if from any time."""
    periods = [_begin_of(value, reader) for value in filters.values.get("period", ())]
    days = [_midnight(value) for value in filters.values.get("since", ())]
    return max((*periods, *days), default=None)


def narrowed(
    tickets: QuerySet[Ticket], filters: Filters, reader: Reader, *, of_ended: bool
) -> QuerySet[Ticket]:
    """Keep the unfinished, or the ended without spam, that meet the filters."""
    family = spamless(ended(tickets)) if of_ended else unfinished(tickets)
    return family.filter(condition(filters, reader)) if filters.values else family
