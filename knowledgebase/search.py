"""Finding answers: the engine proposes, the reader's own query decides what is shown."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from helpdesk.agents.models import User
from helpdesk.search.analysis import read_query
from helpdesk.search.backend import Hit, IndexUnavailableError, Question
from helpdesk.search.engines import engine
from helpdesk.search.find import Scope, search
from helpdesk.search.snippets import Marker
from helpdesk.tickets.rules import team_ids
from knowledgebase.body import words_of
from knowledgebase.documents import KIND, PUBLIC, STAFF_KIND, WORKING_KIND, key_of
from knowledgebase.domain.misses import SHOWN_FROM
from knowledgebase.enums import Visibility
from knowledgebase.models import Answer, SearchMiss
from knowledgebase.queries import (
    Line,
    choose_text,
    is_understood,
    lines_of,
    live_texts,
)
from knowledgebase.rules import FOR_CITIZENS, editable_by, portal_answers, readable_by
from knowledgebase.snippets import filled_bodies
from knowledgebase.synonyms import variants_of

# Less than a word of the title is no reason to offer an answer to somebody who did not search.
SUGGESTED_FROM = 80
# Of what was written only the beginning says what it is about.
SUGGESTED_BY = 400
# So many are shown page by page; who sees none of these asks with other words.
MOST = 200
_HEADING_END = re.compile(r"</h[23]>")


@dataclass(frozen=True, slots=True)
class SectionName:
    """What a section is called."""

    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AnswerHit:
    """An answer that was found, in the reader's language where there is one.

    ``title`` and ``snippet`` are marked and safe to be shown, ``words`` are the plain title;
    ``only_in`` names the language when it is not the reader's.
    """

    pk: int
    words: str
    language: str
    only_in: str
    title: SafeString
    snippet: SafeString
    section: SectionName
    reviewed_on: date | None


@dataclass(frozen=True, slots=True)
class AnswersFound:
    """The keys of what a reader may see of what was found, the best first.

    ``terms`` are those to mark; ``is_guessed``: nothing holds all of what was asked.
    """

    keys: Sequence[int] = ()
    terms: frozenset[str] = frozenset()
    is_guessed: bool = False
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class Door:
    """Where is searched and for whom: the reader's own query, the kind, the keys they hold."""

    readers: QuerySet[Answer]
    kind: str
    authority_id: int
    held: Sequence[str]

    @property
    def keys(self) -> list[Sequence[str]]:
        """Return the sets of which a document needs one key each."""
        return [[f"authority:{self.authority_id}"], self.held]


def search_public(authority_id: int, text: str, *, typing: bool = False) -> AnswersFound:
    """Return the answers everybody may read that hold what ``text`` asks for."""
    return search_portal(authority_id, text, signed_in=False, typing=typing)


def search_portal(
    authority_id: int, text: str, *, signed_in: bool, typing: bool = False
) -> AnswersFound:
    """Return the answers that a reader of the portal may read and that hold what is asked for."""
    return search_through(portal_door(authority_id, signed_in=signed_in), text, typing=typing)


def portal_door(authority_id: int, *, signed_in: bool) -> Door:
    """Return the way in for a reader of the portal, with an account or without."""
    readers = portal_answers(authority_id, signed_in=signed_in)
    return Door(readers, KIND, authority_id, _held(signed_in))


def _held(signed_in: bool) -> list[str]:  # noqa: FBT001 - the only thing it is about
    return list(map(str, FOR_CITIZENS)) if signed_in else [PUBLIC]


def search_for_staff(user: User, text: str, *, typing: bool = False) -> AnswersFound:
    """Return the published answers that ``user`` may read and that hold what is asked for."""
    door = Door(readable_by(user), STAFF_KIND, user.authority_id, _keys_of(user))
    return search_through(door, text, typing=typing)


def search_working(user: User, text: str, *, typing: bool = False) -> AnswersFound:
    """Return the answers in any state that ``user`` may edit and whose working copy holds it."""
    door = Door(editable_by(user), WORKING_KIND, user.authority_id, _keys_of(user))
    return search_through(door, text, typing=typing)


def search_through(door: Door, text: str, *, typing: bool = False) -> AnswersFound:
    """Return what holds what is asked for, as far as this door's reader may read it."""
    found = search(
        text,
        kind=door.kind,
        scope=Scope(door.keys),
        typing=typing,
        variants=variants_of(door.authority_id, text),
        limit=MOST,
    )
    asked = _keys(found.hits)
    rows = door.readers.filter(pk__in=asked)
    there = set(rows.values_list("pk", flat=True)) if asked else set()
    shown = [key for key in asked if key in there]
    return AnswersFound(shown, found.terms, found.is_guessed, found.is_ready)


def suggest_answers(
    authority_id: int, text: str, language: str, limit: int = 3, *, signed_in: bool = False
) -> list[Line]:
    """Return answers for this reader that may help with what somebody wrote, the nearest first.

    Empty when nothing is near: a suggestion must be worth reading. Never raises for what
    was typed, and finds nothing while there is no index.
    """
    keys = _near(KIND, text, [[f"authority:{authority_id}"], _held(signed_in)])
    readers = portal_answers(authority_id, signed_in=signed_in)
    return lines_found(readers, keys, language)[:limit]


def suggest_for_staff(
    user: User, text: str, language: str, *, category_id: int | None = None, limit: int = 3
) -> list[Line]:
    """Return answers ``user`` may read that may help with a citizen's words.

    What is near the words comes first, then what was written about the same topic.
    """
    keys = _near(STAFF_KIND, text, [[f"authority:{user.authority_id}"], _keys_of(user)])
    if category_id is not None and len(keys) < limit:
        about = readable_by(user).filter(category=category_id).order_by("pk")
        keys = list(dict.fromkeys([*keys, *about.values_list("pk", flat=True)[:limit]]))
    return lines_found(readable_by(user), keys, language)[:limit]


def _keys_of(user: User) -> list[str]:
    teams = [key_of(Visibility.TEAM, team) for team in team_ids(user, "can_read")]
    return [*map(str, FOR_CITIZENS), Visibility.STAFF.value, *teams]


def _near(kind: str, text: str, keys: Sequence[Sequence[str]]) -> list[int]:
    query = read_query(text[:SUGGESTED_BY])
    if not query.groups:
        return []
    try:
        hits = engine().find(Question(kind, query, 1, keys, None, limit=MOST))
    except IndexUnavailableError:
        return []
    return _keys(hit for hit in hits if hit.score >= SUGGESTED_FROM)


def _keys(hits: Iterable[Hit]) -> list[int]:
    """Return the answers of hits once each: one in two languages is found twice."""
    return list(dict.fromkeys(hit.id for hit in hits))


def lines_found(readers: QuerySet[Answer], keys: Sequence[int], language: str) -> list[Line]:
    """Return the lines of answers that were found, in this order; two queries."""
    if not keys:
        return []
    lines = {line.pk: line for line in lines_of(readers.filter(pk__in=keys), language)}
    return [lines[key] for key in keys if key in lines]


class _Row(NamedTuple):
    """What a page of hits needs of a text; of an answer it knows nothing else."""

    answer_id: int
    language: str
    title: str
    summary: str
    body: str
    authority_id: int
    reviewed_on: date | None
    name: str
    name_en: str


_COLUMNS = (
    *("answer_id", "language", "title", "summary", "body"),
    *("answer__authority_id", "answer__reviewed_on"),
    *("answer__section__name", "answer__section__name_en"),
)


def hits_found(
    readers: QuerySet[Answer], keys: Sequence[int], language: str, terms: frozenset[str]
) -> list[AnswerHit]:
    """Return what a page of hits shows of these answers, in this order; one query or two."""
    if not keys:
        return []
    texts: dict[int, list[_Row]] = {}
    found = live_texts().filter(answer__in=readers.filter(pk__in=keys).order_by().values("pk"))
    for row in itertools.starmap(_Row, found.values_list(*_COLUMNS)):
        texts.setdefault(row.answer_id, []).append(row)
    chosen = [choose_text(texts.get(key, ()), language) for key in keys]
    rows = [row for row in chosen if row is not None]
    if not rows:
        return []
    bodies = filled_bodies([(row.language, row.body) for row in rows], rows[0].authority_id)
    marker = Marker(terms)
    return [_hit(row, body, language, marker) for row, body in zip(rows, bodies, strict=True)]


def _hit(row: _Row, body: str, language: str, marker: Marker) -> AnswerHit:
    piece = marker.best_snippet(_words_in(row.summary, body))
    return AnswerHit(
        pk=row.answer_id,
        words=row.title,
        language=row.language,
        only_in="" if is_understood(row.language, language) else row.language,
        title=marker.marked(row.title),
        snippet=piece.html if piece.place >= 0 else marker.marked(row.summary),
        section=SectionName(row.name, row.name_en),
        reviewed_on=row.reviewed_on,
    )


def _words_in(summary: str, body: str) -> Iterator[str]:
    """Yield what a piece may be cut from; the body only when the summary holds too little."""
    yield summary
    yield words_of(_apart(body))


def _apart(html: str) -> str:
    """Return a body whose headings do not run into what follows when all stands in one line."""
    return _HEADING_END.sub(" \N{EN DASH}\\g<0>", html)


def found_by_now(limit: int = 200) -> list[int]:
    """Return the keys of searches in vain that find something meanwhile."""
    rows = SearchMiss.objects.filter(visitors__gte=SHOWN_FROM, is_ignored=False)
    asked = rows.order_by("-searches").values_list("pk", "authority_id", "query")[:limit]
    return [key for key, authority_id, words in asked if search_public(authority_id, words).keys]
