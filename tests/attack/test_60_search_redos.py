"""Attack case 60: a megabyte of anything is analysed, cut and marked in time that grows with it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.lib.german import tokens
from helpdesk.search.analysis import read_query, terms_of
from helpdesk.search.document import Document, Field
from helpdesk.search.snippets import Marker
from tests.attack.town import World, make_world
from tests.factories.knowledge import make_editor
from tests.helpdesk.api.client import Response
from tests.helpdesk.lib.ratio import MEGABYTE, assert_linear
from tests.helpdesk.search.making import index_everything

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
    assert_linear(lambda text: Marker(WANTED).marked(text), piece)
    assert_linear(lambda text: Marker(WANTED).best_snippet([text]), piece)
    assert_linear(lambda text: Marker(WANTED - {"1"}).marked(text), piece)


@pytest.mark.parametrize("piece", PIECES)
def test_a_query_is_cut_before_it_is_read(piece: str) -> None:
    assert_linear(read_query, piece)


@pytest.mark.parametrize("piece", PIECES)
def test_a_document_is_read_in_time_that_grows_with_it(piece: str) -> None:
    assert_linear(lambda text: terms_of(Document("thing", 1, 1, "", (Field(text),))), piece)


@pytest.fixture
def world(db: None) -> World:
    del db
    made = make_world()
    make_editor(made.house.authority, made.house.bert)
    index_everything()
    return made


# What each place does with what is typed: the citizens' search, what is offered beside a report,
# the list of answers for who reads and who edits, the answers behind ?? and the related ones.
PLACES: dict[str, Callable[[World, Client, str], Response]] = {
    "search": lambda _world, client, typed: _get(client, "portal:search", typed),
    "search list": lambda _world, client, typed: _get(client, "portal:search_list", typed),
    "report": lambda _world, client, typed: client.post(
        reverse("portal:suggestions"), {"text": typed}
    ),
    "answers": lambda _world, client, typed: _get(client, "desk:knowledge", typed),
    "composer": lambda world, client, typed: _get(
        client, "desk:knowledge_pick", typed, world.objects["number"]
    ),
    "related": lambda world, client, typed: _get(
        client, "desk:knowledge_related", typed, world.objects["page"]
    ),
}
WORDS = ["a", "ä", "1-", "pass ", "\u0301", "\u00ad"]


def _get(client: Client, name: str, typed: str, *args: object) -> Response:
    return client.get(reverse(name, args=args), {"q": typed})


@pytest.mark.parametrize("place", PLACES)
def test_a_megabyte_of_words_about_answers_is_read_in_time_that_grows_with_it(
    world: World, place: str
) -> None:
    client = Client()
    user = world.personas["A" if place == "composer" else "B"]
    assert user is not None
    client.force_login(user)

    def ask(typed: str) -> None:
        response = PLACES[place](world, client, typed)
        assert response.status_code == 200

    for word in WORDS:
        assert_linear(ask, word, size=MEGABYTE // len(word.encode()))
