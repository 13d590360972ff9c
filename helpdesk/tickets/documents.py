"""Tickets as documents of the search: everything about one that the staff who see it may read.

Internal notes are part of it: whoever may know of a ticket in the desk may read its notes,
and nobody else ever asks for this kind. A citizen's page searches no tickets.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from helpdesk.citizens.domain.contacts import SUBJECT as CITIZEN
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.search.document import Document, Field, Weight
from helpdesk.tickets.facts import SUBJECT
from helpdesk.tickets.models import Article, Attachment, Ticket

KIND = "ticket"
LONGEST_ARTICLE = 50_000
MOST_ANSWERS = 200
YEAR = 5
_SEPARATORS = re.compile(r"[-_.]+")
ARTICLE_COLUMNS = (
    *("ticket_id", "from_name", "from_address", "subject", "text", "full_text"),
    "author_citizen__name",
)


class TicketSource:
    """Hands over tickets; see :class:`helpdesk.search.document.Source`."""

    kind = KIND
    subjects = frozenset({SUBJECT, CITIZEN})

    def ids_of(self, subject: str, ids: Collection[int]) -> Collection[int]:
        """Return the tickets themselves, or all of the citizens, by whom they are found as well."""
        if subject == SUBJECT:
            return ids
        return list(Ticket.objects.filter(citizen__in=ids).values_list("pk", flat=True))

    def ids_after(self, last_id: int, limit: int) -> Sequence[int]:
        """Return the next ids of all tickets."""
        rows = Ticket.objects.filter(pk__gt=last_id).order_by("pk")
        return list(rows.values_list("pk", flat=True)[:limit])

    def documents(self, ids: Sequence[int]) -> Iterator[Document]:
        """Return the tickets as they are now, in four queries however many they are."""
        tickets = Ticket.objects.filter(pk__in=ids).order_by("pk")
        articles = _by(
            "ticket_id", Article.objects.filter(ticket__in=ids, is_withdrawn=False).order_by("id")
        )
        files: dict[int, list[str]] = defaultdict(list)
        names = Attachment.objects.filter(article__ticket__in=ids, article__is_withdrawn=False)
        for ticket_id, name in names.order_by("id").values_list("article__ticket_id", "name"):
            files[ticket_id].append(name)
        rows = list(tickets)
        contacts = _contacts([row.citizen_id for row in rows if row.citizen_id])
        for row in rows:
            yield _document(
                row, articles[row.pk], files[row.pk], contacts.get(row.citizen_id or 0, ())
            )


def key_of_team(team_id: int) -> str:
    """Return the key of those who may read a team's tickets."""
    return f"team:{team_id}"


def key_of_status(status: str) -> str:
    """Return the key by which a search is narrowed to a status."""
    return f"status:{status}"


def key_of(name: str, value: object) -> str:
    """Return the key by which a search is narrowed to a channel, a topic, a person, to files."""
    return f"{name}:{value}"


def _by(name: str, rows: Any) -> Mapping[int, list[dict[str, Any]]]:  # noqa: ANN401 - any queryset
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values(*ARTICLE_COLUMNS):
        found[row[name]].append(row)
    return found


def _contacts(citizens: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = ContactPoint.objects.filter(citizen__in=citizens).order_by("id")
    for citizen_id, name, kind, value, normalised in rows.values_list(
        "citizen_id", "citizen__name", "kind", "value", "normalised"
    ):
        found[citizen_id] += [name, normalised if kind == ContactKind.PHONE else value]
    return found


def _document(
    ticket: Ticket,
    articles: Sequence[Mapping[str, Any]],
    files: Sequence[str],
    contacts: Sequence[str],
) -> Document:
    # "2026-000123" is found by "123" and "000123" as well.
    count = ticket.number[YEAR:]
    numbers = f"{ticket.number} {count} {count.lstrip('0')} {ticket.reference}"
    people = [ticket.citizen_name, *contacts]
    for article in articles:
        people += [article["from_name"], article["from_address"], article["author_citizen__name"]]
    noted = [*filter(None, dict.fromkeys(people)), ticket.place, *_named(files)]
    noted.append(ticket.tag_line.replace(",", "\n"))
    return Document(
        kind=KIND,
        id=ticket.pk,
        authority_id=ticket.authority_id,
        title=ticket.title,
        fields=(
            Field(numbers, Weight.HEADING),
            Field("\n".join(noted), Weight.NOTED),
            *_texts(articles),
            Field("\n".join(_answers(ticket.answers))),
        ),
        keys=frozenset(
            {
                key_of_team(ticket.team_id),
                key_of_status(ticket.status),
                key_of("channel", ticket.channel),
                key_of("topic", ticket.category_id),
                key_of("owner", ticket.owner_id),
                key_of("files", bool(files)),
            }
        ),
        rank=int(ticket.active_at.timestamp()),
    )


def _named(files: Iterable[str]) -> Iterator[str]:
    """Yield names of files as they are and in their words: "loch-1.jpg" holds "loch"."""
    for name in dict.fromkeys(files):
        yield name
        yield _SEPARATORS.sub(" ", name)


def _texts(articles: Iterable[Mapping[str, Any]]) -> Iterator[Field]:
    """Yield what was written, the newest first: of what is too long the oldest falls out."""
    for article in reversed(list(articles)):
        text = article["full_text"] or article["text"]
        yield Field(f"{article['subject']}\n{text[:LONGEST_ARTICLE]}")


def _answers(value: Any) -> list[str]:  # noqa: ANN401 - whatever a form's answers are in JSON
    """Return the texts among the answers to a form's questions."""
    found: list[str] = []
    waiting = [value]
    while waiting and len(found) < MOST_ANSWERS:
        one = waiting.pop(0)
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found
