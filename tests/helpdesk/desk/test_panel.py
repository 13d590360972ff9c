"""The side panel: arranged by each reader, and one section that fails takes no other with it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import User
from helpdesk.desk import dossier
from helpdesk.desk.sections import SECTIONS
from helpdesk.lib.statements import ask
from helpdesk.tickets.domain.assign import set_priority
from helpdesk.tickets.domain.link import link_tickets
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, counted_queries, page_of, signed_in

pytestmark = pytest.mark.django_db
LAYOUT = "/a/anordnen/"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def sections(client: Client, ticket: Ticket) -> dict[str, bool]:
    """Return the sections in their order, and which of them are open."""
    page = client.get(f"{page_of(ticket)}panel/").content.decode()
    pieces = page.split('data-section="')[1:]
    return {piece.split('"')[0]: piece.split('"', 1)[1].startswith(" open>") for piece in pieces}


def test_sections_are_moved_and_folded_for_the_reader_alone(
    house: House, ticket: Ticket, anna: Client
) -> None:
    before = sections(anna, ticket)

    for data in (
        {"section": "tags", "step": "up"},
        {"section": "deadline", "step": "up"},
        {"section": "citizen", "step": "fold"},
    ):
        assert anna.post(LAYOUT, data).status_code == 200
    after = sections(signed_in(User.objects.get(pk=house.anna.pk)), ticket)

    assert list(before)[:5] == ["deadline", "citizen", "place", "properties", "tags"]
    assert list(after)[:5] == ["deadline", "citizen", "place", "tags", "properties"]
    assert [key for key, is_open in after.items() if not is_open] == ["citizen"]
    assert all(before.values())
    anna.post(LAYOUT, {"section": "citizen", "step": "open"})
    assert all(sections(anna, ticket).values())


@pytest.mark.parametrize("data", [{"section": "x", "step": "up"}, {"section": "tags", "step": "x"}])
def test_what_is_no_section_is_not_there(anna: Client, data: dict[str, str]) -> None:
    assert anna.post(LAYOUT, data).status_code == 404


def test_a_section_that_fails_says_so_and_the_rest_stands(
    ticket: Ticket, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(make: Callable[..., Any], *given: Any, **values: Any) -> list[Any]:
        if make.__name__ == "_related":
            raise RuntimeError("a table is away")
        return ask(make, *given, **values)

    monkeypatch.setattr(dossier, "ask", fault)

    response = anna.get(f"{page_of(ticket)}panel/")

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("nicht verfügbar") == 2
    assert 'id="p-priority"' in page
    assert set(sections(anna, ticket)) >= {"deadline", "citizen", "properties", "linked"}


def test_history_tells_everything_and_can_be_narrowed(
    house: House, ticket: Ticket, anna: Client
) -> None:
    set_priority(ticket_id=ticket.pk, user=house.anna, priority=Priority.HIGH)
    address = reverse("desk:history", args=[ticket.number])

    everything = anna.get(address).content.decode()
    narrowed = anna.get(address, {"kind": "properties"}).content.decode()

    assert "Anliegen eröffnet" in everything
    assert "Priorität: hoch" in everything
    assert "Anliegen eröffnet" not in narrowed
    assert "Priorität: hoch" in narrowed
    with counted_queries() as asked:
        anna.get(address, headers=FETCH)
    assert len(asked) <= 6


def test_a_merge_is_undone_from_the_history_at_any_time(
    house: House, ticket: Ticket, anna: Client
) -> None:
    source = make_ticket(house, message_id="<2@example.org>")
    merge_tickets(ticket_id=source.pk, into_id=ticket.pk, user=house.anna)
    part = reverse("desk:change", args=[source.number, "unmerge"])

    before = anna.get(reverse("desk:history", args=[ticket.number])).content.decode()
    anna.post(part)
    after = anna.get(reverse("desk:history", args=[ticket.number])).content.decode()

    assert part in before
    assert part not in after
    assert Ticket.objects.get(pk=source.pk).merged_into is None


def test_history_names_no_request_of_a_foreign_team(house: House, ticket: Ticket) -> None:
    other = make_ticket(house, message_id="<2@example.org>", subject="Kanarienvogel")
    link_tickets(ticket_id=ticket.pk, other_id=other.pk, user=house.anna)
    Ticket.objects.filter(pk=other.pk).update(team=house.waste)

    page = signed_in(house.anna).get(reverse("desk:history", args=[ticket.number]))

    assert "mit einem anderen Anliegen verknüpft" in page.content.decode()
    assert "Kanarienvogel" not in page.content.decode()


def test_every_section_has_a_template_and_a_title() -> None:
    assert all(each.words and each.template for each in SECTIONS.values())


def test_a_reader_watches_a_request_and_sees_who_else_does(
    house: House, ticket: Ticket, anna: Client
) -> None:
    colleague = make_agent(house.authority, "Carl Colleague", house.roads)
    signed_in(colleague).post(f"{page_of(ticket)}change/watch/")

    before = anna.get(f"{page_of(ticket)}panel/").content.decode()
    anna.post(f"{page_of(ticket)}change/watch/", headers=FETCH)
    watched = anna.get(f"{page_of(ticket)}panel/").content.decode()
    anna.post(f"{page_of(ticket)}change/unwatch/", headers=FETCH)

    assert '<span class="tag is-plain">Carl Colleague</span>' in before
    assert f"{page_of(ticket)}change/watch/" in before
    assert f'<span class="tag is-plain">{house.anna.name}</span>' in watched
    assert [row.user for row in ticket.watchers.all()] == [colleague]


@pytest.mark.parametrize(
    "section,words",
    [
        ("place", "Kein Ort genannt."),
        ("citizen", "Kein weiteres Anliegen dieser Person."),
        ("tags", "Kein Schlagwort."),
        ("linked", "Mit keinem anderen Anliegen verknüpft."),
        ("watchers", "Niemand beobachtet dieses Anliegen."),
    ],
)
def test_a_section_without_anything_says_so_in_words_of_its_own(
    ticket: Ticket, anna: Client, section: str, words: str
) -> None:
    page = anna.get(f"{page_of(ticket)}panel/").content.decode()

    own = page.split(f'data-section="{section}"', 1)[1].split("data-section=", 1)[0]
    assert words in " ".join(own.split())
