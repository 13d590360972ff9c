"""Parts of a request's page that are drawn once: what was drawn for one reader helps no other."""

import re
from typing import Any

import pytest
from django.template import Context
from django.urls import reverse

from helpdesk.desk.templatetags import desk_acts, desk_composer
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from helpdesk.ui import skeletons
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import page_of, signed_in

pytestmark = pytest.mark.django_db
HOSTILE = '<b title="x">\'&'
TOKENS = re.compile(r'(?:name="(?:csrfmiddlewaretoken|form_key)" value|data-csrf)="[^"]+"')


@pytest.fixture
def house() -> House:
    skeletons._skeleton.cache_clear()
    return make_house()


def opened(house: House, ticket: Ticket, query: str = "") -> str:
    """Return the page as Anna reads it, without what is new each time."""
    page = signed_in(house.anna).get(f"{page_of(ticket)}{query}").content.decode()
    return TOKENS.sub("", page)


def test_a_page_is_the_same_after_that_of_another_request_and_another_reader(house: House) -> None:
    dora = make_ticket(house, person=Person("Dora", "dora@example.org"), message_id="<d@x.example>")
    emil = make_ticket(house, person=Person("Emil", "emil@example.org"), message_id="<e@x.example>")
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    opened(house, dora)
    opened(house, emil)
    first = opened(house, dora)
    skeletons._skeleton.cache_clear()

    signed_in(carla).get(page_of(emil))
    opened(house, emil, "?view=all")
    again = opened(house, dora)

    assert again == first
    assert "dora@example.org" in again
    assert "emil@example.org" not in again


def test_what_is_drawn_once_is_what_the_template_draws(house: House) -> None:
    person = Person(f"Dora {HOSTILE}", "dora@example.org")
    ticket = make_ticket(house, person=person, subject=HOSTILE)
    house.roads.signature = f"Tiefbau {HOSTILE}\nZimmer 3"
    house.roads.save()
    page = signed_in(house.anna).get(f"{page_of(ticket)}?view=all")
    contexts: Any = page.context
    values = contexts[0].flatten()

    kept = desk_composer.composer(Context(values))
    context = Context(values)
    along = desk_composer.along_of(values)
    plain = skeletons.drawn("desk/parts/composer.html", Context(values | along))
    stands = {"is_mine": False, "is_merged": False}
    acts = skeletons.drawn("desk/parts/acts.html", Context(values | stands))

    assert kept == plain
    assert desk_acts.ticket_acts(context) == acts
    assert "Dora &lt;b title=" in kept
    assert "<b title=" not in kept


def test_nothing_of_a_request_stands_in_what_is_kept() -> None:
    said = (("ticket.number", True), ("csrf_token", True), ("view_slug", False))
    shape = (("may_restore", True),)

    kept = skeletons._skeleton("desk/parts/acts.html", "de", shape, said)

    assert kept[1::2] == ("ticket.number", "csrf_token")
    assert kept[0].endswith('action="/a/t/')
    assert kept[2].startswith("/change/restore/")


def test_a_text_that_looks_like_a_number_stays_what_it_is() -> None:
    shape = {"may_change": True, "outcomes": (("x", "0000-000000"),)}
    words = {"ticket.number": "2026-000007", "view_slug": "", "csrf_token": ""}

    drawn = skeletons.draw_once("desk/parts/acts.html", shape, words)

    assert re.search(r'<button name="outcome" value="x">\s*0000-000000\s*</button>', drawn)
    assert 'action="/a/t/2026-000007/change/resolve/"' in drawn


def test_actions_follow_the_state_of_each_request(house: House) -> None:
    ticket = make_ticket(house)
    assert "data-pick=" in opened(house, ticket)

    resolve = reverse("desk:change", args=[ticket.number, "resolve"])
    signed_in(house.anna).post(resolve, {"outcome": "answered"})

    assert "Wieder öffnen" in opened(house, ticket)
