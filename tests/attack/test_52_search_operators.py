"""Attack case 52: operators, quotes and endless words in the search are words and nothing more."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.models import Ticket
from knowledgebase.models import Answer
from tests.attack.town import World, make_world
from tests.factories.knowledge import make_editor
from tests.helpdesk.api.client import Response
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
WRONG = ("'", "1 OR 1=1", "-1", "9" * 40, "²", "\x00", "1e9", "__class__")


@pytest.fixture
def world() -> World:
    made = make_world()
    make_editor(made.house.authority, made.house.bert)
    index_everything()
    return made


def signed_in(world: World, who: str) -> Client:
    user = world.personas[who]
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def is_ordinary(response: Response, typed: str) -> None:
    """Tell by failing that something else came back than a page or a list."""
    assert response.status_code == 200, typed
    text = response.content.decode()
    assert "Traceback" not in text
    # A product that no random token of the page can hold by chance.
    assert "62615533" not in text


def test_whatever_is_typed_is_an_ordinary_search(world: World) -> None:
    client = signed_in(world, "A")

    for typed in TYPED:
        is_ordinary(client.get(reverse("desk:search"), {"q": typed}), typed)
        is_ordinary(client.post(reverse("desk:suggest"), {"q": typed}), typed)


@pytest.mark.parametrize("page", ["portal:search", "portal:search_list"])
def test_whatever_citizens_type_is_an_ordinary_search(world: World, page: str) -> None:
    del world
    for typed in TYPED:
        is_ordinary(Client().get(reverse(page), {"q": typed}), typed)


def test_whatever_is_written_in_a_report_is_offered_ordinary_answers(world: World) -> None:
    del world
    for typed in TYPED:
        is_ordinary(Client().post(reverse("portal:suggestions"), {"text": typed}), typed)


@pytest.mark.parametrize("who", ["A", "B"])
def test_whatever_staff_types_about_answers_is_an_ordinary_search(world: World, who: str) -> None:
    """Who edits answers asks another index than who reads them."""
    number = world.objects["number"]
    pages = [reverse("desk:knowledge")]
    if who == "A":
        pages.append(reverse("desk:knowledge_pick", args=[number]))
    else:
        pages.append(reverse("desk:knowledge_related", args=[world.objects["page"]]))
    client = signed_in(world, who)

    for page in pages:
        for typed in TYPED:
            is_ordinary(client.get(page, {"q": typed}), typed)


def test_whatever_a_citizen_wrote_fits_ordinary_answers(world: World) -> None:
    client = signed_in(world, "A")
    ticket = Ticket.objects.get(pk=world.objects["ticket"])

    for typed in TYPED:
        words = typed.replace("\0", "")
        Ticket.objects.filter(pk=ticket.pk).update(title=words[:200], snippet=words[:200])
        is_ordinary(client.get(reverse("desk:knowledge_fit", args=[ticket.number])), typed)


def test_whatever_is_looked_for_without_scripts_is_an_ordinary_search(world: World) -> None:
    answer = Answer.objects.get(pk=world.objects["page"])
    client = signed_in(world, "B")
    fixed = {"section": str(answer.section_id), "visibility": "public", "find": "1"}

    for typed in TYPED[:10]:
        page = reverse("desk:knowledge_details", args=[answer.pk])
        response = client.post(page, fixed | {"related_words": typed})
        assert response.status_code in {200, 302}, typed
        assert "62615533" not in response.content.decode()


@pytest.mark.parametrize("name", ["section", "state", "language", "visibility", "owner", "page"])
@pytest.mark.parametrize("who", ["A", "B"])
def test_whatever_stands_in_a_filter_of_answers_is_an_ordinary_page(
    world: World, who: str, name: str
) -> None:
    client = signed_in(world, who)

    for value in WRONG:
        is_ordinary(client.get(reverse("desk:knowledge"), {"q": "Pass", name: value}), value)


def test_whatever_stands_for_a_page_of_the_portal_is_an_ordinary_page(world: World) -> None:
    del world
    for value in WRONG:
        is_ordinary(Client().get(reverse("portal:search"), {"q": "Pass", "page": value}), value)
        address = reverse("portal:section", args=["ausweise"])
        is_ordinary(Client().get(address, {"page": value}), value)


@pytest.mark.parametrize("name", ["team", "status", "since", "files", "sort", "kind", "after"])
def test_whatever_stands_in_a_filter_is_an_ordinary_page(world: World, name: str) -> None:
    client = signed_in(world, "A")

    for value in WRONG:
        response = client.get(reverse("desk:search"), {"q": "Kanarienvogel", name: value})
        assert response.status_code == 200, value


def test_nothing_was_lost_by_it(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_ticket")
        assert cursor.fetchone()[0] == 1
    assert world.objects["ticket"]
