"""Two hundred German queries find what was meant, on both engines, in the same order."""

import pytest

from helpdesk.search.find import Scope, search
from tests.helpdesk.search.corpus import Asked, documents, key_of, queries
from tests.helpdesk.search.making import begin_anew, write

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
EVERYBODY = Scope(keys=(("open",),))


def first_hits(asked: Asked) -> tuple[str, ...]:
    found = search(asked.text, kind=asked.kind, scope=EVERYBODY)
    return tuple(key_of(asked.kind, hit.id) for hit in found.hits[: len(asked.hits)])


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    kinds = [document.kind for document in documents()]

    assert kinds.count("answer") >= 60
    assert kinds.count("request") >= 60
    assert len({(asked.kind, asked.text) for asked in queries()}) >= 200


def test_every_query_finds_what_was_meant_first() -> None:
    begin_anew()
    write(documents())

    wrong = [
        f"{asked.kind} | {asked.text} | {' '.join(found)} instead of {' '.join(asked.hits)}"
        for asked in queries()
        if (found := first_hits(asked)) != asked.hits
    ]

    assert not wrong, "\n".join(wrong)
