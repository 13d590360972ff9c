"""Properties of a ticket, saved at once: as a page, and as JSON for the script."""

from collections.abc import Mapping

import pytest
from django.test import Client

from helpdesk.agents.models import AfterSend
from helpdesk.desk.walk import find_place
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import Category, Ticket
from tests.factories.house import House, make_agent, make_authority, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, Page, make_tickets, page_of, signed_in

pytestmark = pytest.mark.django_db
NOTHING: Mapping[str, object] = {}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def change(client: Client, ticket: Ticket, what: str, data: Mapping[str, object] = NOTHING) -> Page:
    """Change one property as a form does."""
    response = client.post(f"{page_of(ticket)}change/{what}/", {"view": "all"} | dict(data))
    ticket.refresh_from_db()
    return response


def save(client: Client, ticket: Ticket, what: str, data: Mapping[str, object]) -> Page:
    """Change one property as the script does."""
    address = f"{page_of(ticket)}change/{what}/"
    response = client.post(address, {"view": "all"} | dict(data), headers=FETCH)
    ticket.refresh_from_db()
    return response


def test_each_property_is_saved_by_itself(house: House, ticket: Ticket, anna: Client) -> None:
    topic = Category.objects.create(authority=house.authority, name="Straßen")

    for what, value in (
        ("owner", house.anna.pk),
        ("priority", Priority.HIGH.value),
        ("category", topic.pk),
        ("title", "Neuer  Titel"),
    ):
        response = change(anna, ticket, what, {what: value})
        assert response["Location"] == f"{page_of(ticket)}?view=all"

    assert (ticket.owner, ticket.priority) == (house.anna, Priority.HIGH)
    assert (ticket.category, ticket.title) == (topic, "Neuer Titel")


def test_a_saved_property_answers_the_script_with_no_page(ticket: Ticket, anna: Client) -> None:
    response = save(anna, ticket, "priority", {"priority": 40})

    assert response.status_code == 200
    assert {name: response.json()[name] for name in ("error", "url")} == {"error": "", "url": ""}
    assert ticket.priority == Priority.URGENT


def test_moving_out_of_ones_sight_leads_to_the_list(
    house: House, ticket: Ticket, anna: Client
) -> None:
    response = save(anna, ticket, "team", {"team": house.waste.pk})

    assert response.json() == {"error": "", "url": "/a/v/all/"}
    assert ticket.team == house.waste


def test_resolving_needs_one_step_and_leads_to_the_list(ticket: Ticket, anna: Client) -> None:
    response = change(anna, ticket, "resolve", {"outcome": "fixed"})

    assert response["Location"] == "/a/v/all/"
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.FIXED)


@pytest.mark.parametrize(
    "after, leads_on",
    [(AfterSend.NEXT, True), (AfterSend.LIST, False), (AfterSend.STAY, False)],
)
def test_what_is_off_the_table_leads_to_the_next_of_the_list_as_the_profile_says(
    house: House, anna: Client, after: str, *, leads_on: bool
) -> None:
    make_tickets(house, 2)
    house.anna.after_send = after
    house.anna.save()
    anna.get("/a/v/all/")
    first, second = walked(house)

    response = change(anna, first, "spam")

    assert first.outcome == Outcome.SPAM
    assert response["Location"] == (f"{page_of(second)}?view=all" if leads_on else "/a/v/all/")
    assert change(anna, second, "spam")["Location"] == "/a/v/all/"


def walked(house: House) -> list[Ticket]:
    """Return the tickets of the list as Anna has them before her."""
    tickets = list(Ticket.objects.all())
    places = {each: find_place(house.anna, "all", each.number) for each in tickets}
    return sorted(tickets, key=lambda each: getattr(places[each], "position", 0))


def test_a_refused_change_stays_on_the_page_with_the_reason(ticket: Ticket, anna: Client) -> None:
    page = change(anna, ticket, "resolve", {"outcome": "sold"})
    script = save(anna, ticket, "title", {"title": "  "})

    assert page["Location"] == f"{page_of(ticket)}?view=all"
    assert b"toast-error" in anna.get(page["Location"]).content
    assert script.status_code == 422
    assert script.json()["error"] != ""
    assert ticket.status == Status.NEW


def test_a_resolved_ticket_can_be_opened_again(house: House, ticket: Ticket, anna: Client) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)

    change(anna, ticket, "reopen")

    assert (ticket.status, ticket.outcome, ticket.reopened) == (Status.OPEN, "", 1)


@pytest.mark.parametrize(
    "what, data, status",
    [
        ("later", {"days": 7}, Status.WAITING_DATE),
        ("wait", {"for": "citizen"}, Status.WAITING_CITIZEN),
        ("wait", {"for": "third"}, Status.WAITING_THIRD),
        ("mine", {}, Status.OPEN),
    ],
)
def test_the_heads_actions_change_the_status(
    ticket: Ticket, anna: Client, what: str, data: dict[str, object], status: str
) -> None:
    change(anna, ticket, what, data)

    assert ticket.status == status
    assert (ticket.waiting_until is not None) == (what == "later")


@pytest.mark.parametrize(
    "what, data",
    [
        ("owner", {"owner": "x"}),
        ("priority", {"priority": "99"}),
        ("priority", {"priority": ""}),
        ("wait", {"for": "godot"}),
        ("nothing", {}),
    ],
)
def test_nonsense_is_not_there_and_changes_nothing(
    ticket: Ticket, anna: Client, what: str, data: dict[str, object]
) -> None:
    version = ticket.version

    response = change(anna, ticket, what, data)

    assert response.status_code == 404
    assert ticket.version == version


def test_second_objects_of_others_are_refused(house: House, ticket: Ticket, anna: Client) -> None:
    other = make_authority("Stadt Anderswo", "AW")
    foreign_topic = Category.objects.create(authority=other, name="Fremd")
    stranger = make_agent(other, "Fremde Person")

    codes = [
        change(anna, ticket, "category", {"category": foreign_topic.pk}).status_code,
        save(anna, ticket, "owner", {"owner": stranger.pk}).status_code,
        save(anna, ticket, "owner", {"owner": house.bert.pk}).status_code,
    ]

    assert codes == [404, 422, 422]
    assert (ticket.category, ticket.owner) == (None, None)


def test_a_foreign_ticket_is_not_changed(house: House, ticket: Ticket) -> None:
    response = change(signed_in(house.bert), ticket, "priority", {"priority": 40})

    assert response.status_code == 404
    assert ticket.priority == Priority.NORMAL


def test_properties_are_changed_by_post_alone(ticket: Ticket, anna: Client) -> None:
    assert anna.get(f"{page_of(ticket)}change/priority/").status_code == 405
