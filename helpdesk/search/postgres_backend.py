"""Search by PostgreSQL's own inverted index, over the same terms as the other engine's.

The table is made by a migration on PostgreSQL alone and knows no model: nobody but this
file touches it. Terms of headings and of notes carry a mark, keys as well.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from helpdesk.search.analysis import Group, Query
from helpdesk.search.backend import (
    CLOSENESS,
    EXACT,
    OTHER,
    WHOLE,
    Hit,
    IndexBusyError,
    Meta,
    Prepared,
    Question,
    read_meta,
)
from helpdesk.search.marks import HEADING, NOTED, heads_of, key_of, kind_of, terms_of

# Any constant of ours; it names the writer of the index among PostgreSQL's advisory locks.
ADVISORY_LOCK = 0x416E6C6965676532

CREATE = """
CREATE TABLE search_document (
    kind varchar(20) NOT NULL,
    object_id bigint NOT NULL,
    language varchar(10) NOT NULL,
    rank bigint NOT NULL,
    size smallint NOT NULL,
    head tsvector NOT NULL,
    terms tsvector NOT NULL,
    PRIMARY KEY (kind, object_id, language)
);
-- The search reads what is there at once; a list of pending entries would slow it down.
CREATE INDEX search_document_terms ON search_document USING gin (terms) WITH (fastupdate = off);
CREATE TABLE search_meta (id smallint PRIMARY KEY CHECK (id = 1), content jsonb NOT NULL);
"""
DROP = "DROP TABLE IF EXISTS search_document, search_meta"
_INSERT = """
INSERT INTO search_document (kind, object_id, language, rank, size, head, terms)
VALUES (%s, %s, %s, %s, %s, array_to_tsvector(%s::text[]), array_to_tsvector(%s::text[]))
"""
_HELD = """
SELECT asked.term FROM unnest(%s::text[], %s::text[]) AS asked (term, quoted)
WHERE EXISTS (SELECT 1 FROM search_document WHERE terms @@ asked.quoted::tsquery)
"""
_META = """
INSERT INTO search_meta (id, content) VALUES (1, %s::jsonb)
ON CONFLICT (id) DO UPDATE SET content = excluded.content
"""


class PostgresEngine:
    """The index in the database itself; see :class:`helpdesk.search.backend.Engine`."""

    name = "PostgreSQL"

    def meta(self) -> Meta | None:
        """Return what the index says of itself, None when it was never built."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM search_meta")
            row = cursor.fetchone()
        if row is None:
            return None
        return read_meta(json.loads(row[0]) if isinstance(row[0], str) else row[0])

    def write(
        self, *, documents: Sequence[Prepared], gone: Collection[tuple[str, int]], meta: Meta
    ) -> None:
        """Replace these documents, take out those ``gone``, and note ``meta``, all or nothing."""
        stale = {*gone, *((one.document.kind, one.document.id) for one in documents)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
            if not cursor.fetchone()[0]:
                raise IndexBusyError
            for kind in {kind for kind, _ in stale}:
                ids = [object_id for other, object_id in stale if other == kind]
                cursor.execute(
                    "DELETE FROM search_document WHERE kind = %s AND object_id = ANY(%s)",
                    [kind, ids],
                )
            cursor.executemany(_INSERT, [_row(one) for one in documents])
            cursor.execute(_META, [json.dumps(meta.as_json())])

    def find(self, question: Question) -> list[Hit]:
        """Return the best documents, the best first."""
        if not question.query.groups:
            return []
        score, values = "0", list[Any]()
        if not question.by_rank:
            score, values = _score(question.query, is_strict=_is_strict(question))
        wanted: list[Any] = [_wanted(question)]
        condition = "terms @@ %s::tsquery"
        if question.newest is not None:
            condition += " AND rank >= %s"
            wanted.append(question.newest)
        sql = (
            f"SELECT object_id, language, {score} AS score FROM search_document"  # noqa: S608 - made of our own constants and placeholders
            f" WHERE {condition} ORDER BY score DESC, rank DESC, object_id DESC, language"
            " LIMIT %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*values, *wanted, question.limit])
            return [Hit(*row) for row in cursor.fetchall()]

    def held(
        self, terms: Collection[str], *, kind: str = "", keys: Sequence[Collection[str]] = ()
    ) -> set[str]:
        """Return those of ``terms`` that a document holds."""
        asked, there = sorted(terms), _among(kind, keys) if kind else []
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [asked, [" & ".join([*there, _any([term])]) for term in asked]])
            return {row[0] for row in cursor.fetchall()}

    def clear(self) -> None:
        """Remove everything."""
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE search_document, search_meta")

    def ids(self, kind: str) -> Iterator[int]:
        """Yield the ids of all documents of a kind."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT object_id FROM search_document WHERE kind = %s", [kind])
            yield from [row[0] for row in cursor.fetchall()]


def _row(one: Prepared) -> list[Any]:
    found = one.document
    head, terms = sorted(heads_of(one)), sorted(terms_of(one))
    return [found.kind, found.id, found.language, found.rank, one.terms.size, head, terms]


def _is_strict(question: Question) -> bool:
    return question.need >= len(question.query.groups)


def _wanted(question: Question) -> str:
    """Return the condition as a tsquery: kind, keys, and as many groups as are needed."""
    parts = _among(question.kind, question.keys)
    groups = [_any(group.terms) for group in question.query.groups]
    if _is_strict(question):
        return " & ".join([*parts, *groups])
    return " & ".join([*parts, _at_least(question.need, groups)])


def _among(kind: str, keys: Sequence[Collection[str]]) -> list[str]:
    """Return the conditions of what may be found at all."""
    return [_any([kind_of(kind)]), *(_any(sorted(map(key_of, each))) for each in keys)]


def _at_least(need: int, groups: Sequence[str]) -> str:
    """Return the condition that ``need`` of ``groups`` are met, one group after the other."""
    if need <= 1:
        return f"({' | '.join(groups)})"
    if need == len(groups):
        return f"({' & '.join(groups)})"
    first, rest = groups[0], groups[1:]
    with_first, without = _at_least(need - 1, rest), _at_least(need, rest)
    return f"(({first} & {with_first}) | {without})"


def _score(query: Query, *, is_strict: bool) -> tuple[str, list[Any]]:
    """Return what a document is worth as SQL, and its values."""
    pieces: list[str] = []
    values: list[Any] = []
    for group in query.groups:
        cases, given = _group_cases(group, is_strict=is_strict)
        pieces.append(f"CASE {cases} END")
        values += given
    for term in query.whole:
        pieces.append(
            f"CASE WHEN head @@ %s::tsquery THEN {WHOLE[0]}"
            f" WHEN terms @@ %s::tsquery THEN {WHOLE[1]} ELSE 0 END"
        )
        values += [_any([HEADING + term]), _any([term])]
    met = [_any([HEADING + term]) for term in query.words]
    counted = " + ".join(["0", *("(head @@ %s::tsquery)::int" for _ in met)])
    pieces.append(f"{CLOSENESS} * ({counted}) / size")
    return " + ".join(pieces), [*values, *met]


def _group_cases(group: Group, *, is_strict: bool) -> tuple[str, list[Any]]:
    cases: list[str] = []
    values: list[Any] = []
    for worth, terms in ((EXACT, (group.term,)), (OTHER, group.others)):
        if terms:
            cases += [f"WHEN head @@ %s::tsquery THEN {points}" for points in worth[:2]]
            values += [_any(mark + term for term in terms) for mark in (HEADING, NOTED)]
    if is_strict and not group.others:
        return " ".join([*cases, f"ELSE {EXACT[2]}"]), values
    for worth, terms in ((EXACT, (group.term,)), (OTHER, group.others)):
        if terms:
            cases.append(f"WHEN terms @@ %s::tsquery THEN {worth[2]}")
            values.append(_any(terms))
    return " ".join([*cases, "ELSE 0"]), values


def _any(terms: Iterable[str]) -> str:
    """Return the tsquery that one of the terms is there; whatever is in a term is only text."""
    quoted = ("'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in terms)
    return f"({' | '.join(quoted)})"
