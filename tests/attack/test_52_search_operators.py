"""Attack case 52: operators, quotes and endless words in the search are words and nothing more."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.attack.town import World, make_world
from tests.helpdesk.search.making import index_everything

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
TYPED = [
    "& | ! ( ' : * <-> <2>",
    "'); DROP TABLE tickets_ticket; --",
    "' OR 1=1 --",
    "x' UNION SELECT password FROM agents_user --",
    "a & !b:*A | (c",
    "\\'",
    "%' AND pg_sleep(5) --",
    "h:kanarienvogel",
    "=team:1",
    "\x00",
    "😀 😀",
    "ﷺ" * 50,
    "'" * 10_000,
    "wort " * 2_000,
    "ß" * 10_000,
    "*",
    "?" * 100,
    "[a-z]+",
    "{{ 7919 * 7907 }} {% debug %}",
    "\u202egnirts",
    "NaN 1e999999 -1",
]


@pytest.fixture
def world() -> World:
    made = make_world()
    index_everything()
    return made


@pytest.mark.parametrize("page", ["desk:search", "desk:suggest"])
def test_whatever_is_typed_is_an_ordinary_search(world: World, page: str) -> None:
    client = Client()
    user = world.personas["A"]
    assert user is not None
    client.force_login(user)

    for typed in TYPED:
        response = client.get(reverse(page), {"q": typed})
        assert response.status_code == 200, typed
        text = response.content.decode()
        assert "Traceback" not in text
        # A product that no random token of the page can hold by chance.
        assert "62615533" not in text


@pytest.mark.parametrize("name", ["team", "state", "days", "page"])
def test_whatever_stands_in_a_filter_is_an_ordinary_page(world: World, name: str) -> None:
    client = Client()
    user = world.personas["A"]
    assert user is not None
    client.force_login(user)

    for value in ("'", "1 OR 1=1", "-1", "9" * 40, "²", "\x00", "1e9", "__class__"):
        response = client.get(reverse("desk:search"), {"q": "Kanarienvogel", name: value})
        assert response.status_code == 200, value


def test_nothing_was_lost_by_it(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_ticket")
        assert cursor.fetchone()[0] == 1
    assert world.objects["ticket"]
