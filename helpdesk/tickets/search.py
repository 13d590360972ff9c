"""Search over tickets: the engine proposes, :func:`visible_to` decides what may be shown."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, Substr
from django.utils.safestring import SafeString

from helpdesk.agents.models import User
from helpdesk.search.find import Found, Scope, search
from helpdesk.search.snippets import LOOKED_THROUGH, Marker
from helpdesk.tickets.documents import KIND, key_of_team
from helpdesk.tickets.enums import ArticleKind, Status
from helpdesk.tickets.models import Article, Attachment, Ticket
from helpdesk.tickets.queries import ROW_COLUMNS, visible_to, with_list_facts
from helpdesk.tickets.rules import team_ids

_QUOTE_MARKS = re.compile(r"^[> ]+", re.MULTILINE)
# How many of a ticket's articles are looked through for the piece that is shown.
ARTICLES_SHOWN_FROM = 12


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a search is narrowed to.

    Of each set in ``keys`` (see :mod:`helpdesk.tickets.documents`) a ticket has one: that is
    asked of the engine, so that what does not fit takes nothing else's place, and likewise
    that it was active after ``since``. ``meets`` is all of it as the database says it, and
    decides. ``by_date`` has the last active ones instead of the best.
    """

    meets: Q = field(default_factory=Q)
    keys: Sequence[Collection[str]] = ()
    since: datetime | None = None
    by_date: bool = False


@dataclass(frozen=True, slots=True)
class TicketsFound:
    """What a viewer may see of what was found, the best first; ``found`` says how."""

    ids: Sequence[int]
    found: Found

    @property
    def has_more(self) -> bool:
        """Tell whether there may be more than these; they are the best in any case."""
        return self.found.is_capped


@dataclass(frozen=True, slots=True)
class TicketHit:
    """A ticket with the reason why it was found: all marked and safe to be shown."""

    ticket: Ticket
    title: SafeString
    citizen: SafeString
    snippet: SafeString
    is_note: bool = field(default=False)


def search_tickets(
    user: User, text: str, narrowed: Narrowed = Narrowed(), *, typing: bool = False
) -> TicketsFound:
    """Return the tickets that ``user`` may know of and that hold what ``text`` asks for."""
    teams = [key_of_team(team) for team in team_ids(user, "can_read")]
    keys = [[f"authority:{user.authority_id}"], teams, *narrowed.keys]
    since = int(narrowed.since.timestamp()) if narrowed.since else None
    scope = Scope(keys, since, by_rank=narrowed.by_date)
    found = search(text, kind=KIND, scope=scope, typing=typing)
    rows = findable(user).filter(narrowed.meets, pk__in=[hit.id for hit in found.hits])
    there = set(rows.order_by().values_list("pk", flat=True)) if found.hits else set()
    return TicketsFound([hit.id for hit in found.hits if hit.id in there], found)


def findable(user: User) -> QuerySet[Ticket]:
    """Return the tickets that a search of ``user`` may find; what is in the bin is found there."""
    return visible_to(user).exclude(status=Status.DELETED)


def hits_of(user: User, ids: Sequence[int], terms: frozenset[str]) -> list[TicketHit]:
    """Return these tickets in this order with what a page of hits shows; three queries."""
    rows = with_list_facts(visible_to(user).filter(pk__in=ids), user).only(*ROW_COLUMNS, "place")
    tickets = {row.pk: row for row in rows}
    texts = _texts(list(tickets))
    files = _files(list(tickets))
    marker = Marker(terms)
    return [
        _hit(tickets[pk], texts[pk], files[pk], marker)
        for pk in dict.fromkeys(ids)
        if pk in tickets
    ]


def tickets_in_order(user: User, ids: Sequence[int]) -> list[Ticket]:
    """Return these tickets in this order as far as ``user`` may know of them; one query."""
    rows = visible_to(user).filter(pk__in=ids).only("number", "title", "status", "citizen_name")
    tickets = {row.pk: row for row in rows}
    return [tickets[pk] for pk in ids if pk in tickets]


def _texts(ids: Sequence[int]) -> Mapping[int, list[tuple[str, str]]]:
    """Return kind and text of the newest articles of each ticket, the newest first.

    What was quoted in them comes last: it is shown only where nothing else holds the word.
    """
    place = Window(RowNumber(), partition_by=F("ticket_id"), order_by=F("id").desc())
    rows = (
        Article.objects.filter(ticket__in=ids, is_withdrawn=False)
        .annotate(x_place=place, x_text=Substr("full_text", 1, LOOKED_THROUGH))
        .filter(x_place__lte=ARTICLES_SHOWN_FROM)
        .order_by("-id")
        .values_list("ticket_id", "kind", "x_text", "text")
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    whole: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for ticket_id, kind, full, short in rows:
        found[ticket_id].append((kind, short))
        whole[ticket_id].append((kind, _QUOTE_MARKS.sub("", full)))
    for ticket_id, quoted in whole.items():
        found[ticket_id] += quoted
    return found


def _files(ids: Sequence[int]) -> Mapping[int, list[str]]:
    names = Attachment.objects.filter(article__ticket__in=ids, article__is_withdrawn=False)
    found: dict[int, list[str]] = defaultdict(list)
    for ticket_id, name in names.order_by("id").values_list("article__ticket_id", "name"):
        found[ticket_id].append(name)
    return found


def _hit(
    ticket: Ticket, texts: Sequence[tuple[str, str]], files: Sequence[str], marker: Marker
) -> TicketHit:
    # A name of a file has its words between dots and dashes.
    named = [name.replace("_", " ").replace("-", " ").replace(".", " ") for name in files]
    shown = [*(text for _, text in texts), *(f"{name}" for name in files), *named, ticket.place]
    snippet = marker.best_snippet(shown)
    is_note = 0 <= snippet.place < len(texts) and texts[snippet.place][0] == ArticleKind.NOTE
    return TicketHit(
        ticket=ticket,
        title=marker.marked(ticket.title),
        citizen=marker.marked(ticket.citizen_name),
        snippet=snippet.html or marker.marked(ticket.snippet),
        is_note=is_note,
    )
