"""Attack case 60: a megabyte of anything is analysed, cut and marked in time that grows with it."""

import pytest

from helpdesk.lib.german import tokens
from helpdesk.search.analysis import read_query, terms_of
from helpdesk.search.document import Document, Field
from helpdesk.search.snippets import best_snippet, marked
from tests.helpdesk.lib.ratio import assert_linear

PIECES = [
    "a",
    "a ",
    "1 ",
    "1-",
    "a@",
    "a.",
    "@.",
    "'",
    "\u0301",
    "ä",
    "haus",
    "+49 ",
    "ﬀ",
    "\u00ad",
]
WANTED = frozenset({"haus", "a", "1"})


@pytest.mark.parametrize("piece", PIECES)
def test_analysis_is_linear(piece: str) -> None:
    assert_linear(tokens, piece)


@pytest.mark.parametrize("piece", PIECES)
def test_cutting_and_marking_are_linear(piece: str) -> None:
    assert_linear(lambda text: marked(text, WANTED), piece)
    assert_linear(lambda text: best_snippet([text], WANTED), piece)


@pytest.mark.parametrize("piece", PIECES)
def test_a_query_is_cut_before_it_is_read(piece: str) -> None:
    assert_linear(read_query, piece)


@pytest.mark.parametrize("piece", PIECES)
def test_a_document_is_read_in_time_that_grows_with_it(piece: str) -> None:
    assert_linear(lambda text: terms_of(Document("thing", 1, 1, "", (Field(text),))), piece)
