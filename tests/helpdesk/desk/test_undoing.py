"""Every change of a property can be undone for a moment, by whoever made it and nobody else."""

import re
from collections.abc import Mapping
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from helpdesk.agents.models import Membership, Team
from helpdesk.events.models import Event
from helpdesk.reactions.dispatch import due, react, seal_committed
from helpdesk.sla.models import Clock as Running
from helpdesk.tickets import facts
from helpdesk.tickets.domain.assign import assign, set_priority
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.taking_back import keep_what_changes, snapshot, take_back_kept
from helpdesk.tickets.enums import Priority, Status
from helpdesk.tickets.models import Category, Ticket
from tests.factories.house import House, make_agent, make_house, make_inbound, make_ticket
from tests.fakes.clock import Clock
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in
from tests.locks import Beside, locked

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def change(client: Client, ticket: Ticket, what: str, data: Mapping[str, object]) -> str:
    """Change a property and return where the offered undo goes to."""
    client.post(f"{page_of(ticket)}change/{what}/", {"view": "all", **data})
    offered: dict[str, str] = client.session["undo"]
    return offered["url"]


def undo(client: Client, url: str) -> int:
    return client.post(url, headers=FETCH).status_code


def values(ticket: Ticket) -> dict[str, object]:
    return snapshot(Ticket.objects.get(pk=ticket.pk))


@pytest.mark.parametrize(
    "what, data",
    [
        ("owner", {"owner": "ANNA"}),
        ("mine", {}),
        ("team", {"team": "WASTE"}),
        ("priority", {"priority": "30"}),
        ("category", {"category": "TOPIC"}),
        ("title", {"title": "Ganz anders"}),
        ("resolve", {"outcome": "fixed"}),
        ("spam", {}),
        ("wait", {"for": "citizen"}),
        ("later", {"when": "week"}),
        ("wait", {"for": "third", "when": "fortnight", "note": "Gutachten"}),
        ("tag", {"tags": "Haftung"}),
        ("status", {"to": "waiting_citizen"}),
    ],
)
def test_change_is_brought_back_as_it_was(
    house: House, ticket: Ticket, anna: Client, what: str, data: dict[str, str]
) -> None:
    topic = Category.objects.create(authority=house.authority, name="Straßen")
    keys = {"ANNA": house.anna.pk, "WASTE": house.waste.pk, "TOPIC": topic.pk}
    before = values(ticket)
    url = change(anna, ticket, what, {name: keys.get(v, v) for name, v in data.items()})
    assert values(ticket) != before

    status = undo(anna, url)

    assert status == 200
    assert values(ticket) == before
    undone = [e for e in Event.objects.filter(subject_id=ticket.pk) if e.data.get("undo")]
    assert undone


def test_reopening_is_undone_too(ticket: Ticket, anna: Client) -> None:
    change(anna, ticket, "resolve", {"outcome": "fixed"})
    before = values(ticket)
    url = change(anna, ticket, "reopen", {})

    assert undo(anna, url) == 200
    assert values(ticket) == before


def test_clocks_run_on_as_if_the_end_had_not_been(ticket: Ticket, anna: Client) -> None:
    react_to_all()
    running = list(Running.objects.values_list("due_at", flat=True))
    url = change(anna, ticket, "resolve", {"outcome": "fixed"})
    react_to_all()
    assert list(Running.objects.values_list("due_at", flat=True)) == [None, None]

    undo(anna, url)
    react_to_all()

    assert list(Running.objects.values_list("due_at", flat=True)) == running


def react_to_all() -> None:
    # One fact of a ticket follows the other, and facts may bring forth facts.
    for _round in range(5):
        seal_committed()
        for reaction in due(limit=100):
            react(reaction)


def test_what_somebody_else_changed_since_stays(house: House, ticket: Ticket, anna: Client) -> None:
    url = change(anna, ticket, "priority", {"priority": "30"})
    colleague = make_agent(house.authority, "Carl Colleague", house.roads)
    set_priority(ticket_id=ticket.pk, user=colleague, priority=Priority.URGENT)

    assert undo(anna, url) == 409
    ticket.refresh_from_db()
    assert ticket.priority == Priority.URGENT


def test_an_end_that_a_message_of_the_citizen_met_is_not_undone_into_the_old_state(
    house: House, ticket: Ticket, anna: Client
) -> None:
    url = change(anna, ticket, "wait", {"for": "citizen"})
    accept(make_inbound(house, message_id="<2@example.org>", ticket_id=ticket.pk, text="Nun?"))

    assert undo(anna, url) == 409
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_undo_works_once_and_only_in_its_time(ticket: Ticket, anna: Client, clock: Clock) -> None:
    url = change(anna, ticket, "priority", {"priority": "30"})
    assert undo(anna, url) == 200
    assert undo(anna, url) == 409

    late = change(anna, ticket, "priority", {"priority": "30"})
    clock.advance(seconds=41)
    assert undo(anna, late) == 409
    ticket.refresh_from_db()
    assert ticket.priority == Priority.HIGH


def test_nobody_else_can_undo_it(house: House, ticket: Ticket, anna: Client) -> None:
    url = change(anna, ticket, "priority", {"priority": "30"})
    colleague = signed_in(make_agent(house.authority, "Carl Colleague", house.roads))

    assert undo(colleague, url) == 409
    assert undo(signed_in(house.bert), url) == 404
    ticket.refresh_from_db()
    assert ticket.priority == Priority.HIGH


def test_undo_needs_the_right_it_was_done_with(house: House, ticket: Ticket, anna: Client) -> None:
    url = change(anna, ticket, "priority", {"priority": "30"})
    Membership.objects.filter(user=house.anna).update(can_change=False)

    assert undo(anna, url) == 404
    ticket.refresh_from_db()
    assert ticket.priority == Priority.HIGH


def test_a_move_is_not_undone_once_the_other_team_has_moved_it_on(
    house: House, ticket: Ticket, anna: Client
) -> None:
    third = Team.objects.create(authority=house.authority, name="Dritte", slug="dritte")
    url = change(anna, ticket, "team", {"team": house.waste.pk})
    Ticket.objects.filter(pk=ticket.pk).update(team=third)

    assert undo(anna, url) == 404


def test_script_gets_the_toast_with_its_answer(ticket: Ticket, anna: Client) -> None:
    response = anna.post(
        f"{page_of(ticket)}change/priority/", {"priority": "30", "view": "all"}, headers=FETCH
    )

    answer = response.json()
    assert answer["url"] == ""
    assert "data-undo-change" in answer["undo"]
    assert "Priorität geändert." in answer["undo"]
    assert "undo" not in anna.session


def test_change_that_changes_nothing_offers_no_undo(ticket: Ticket, anna: Client) -> None:
    anna.post(f"{page_of(ticket)}change/priority/", {"priority": str(ticket.priority)})

    assert "undo" not in anna.session


def test_undo_without_a_script_goes_back_to_the_ticket(ticket: Ticket, anna: Client) -> None:
    url = change(anna, ticket, "resolve", {"outcome": "fixed"})

    response = anna.post(url, follow=True)

    assert response.redirect_chain == [(f"{page_of(ticket)}?view=all", 302)]
    assert "Rückgängig gemacht." in response.content.decode()
    assert Event.objects.filter(kind=facts.STATUS_CHANGED).count() == 2


def test_two_changes_at_once_are_both_offered_for_undo(ticket: Ticket, anna: Client) -> None:
    """Each in a tab of its own: neither page has been shown yet."""
    first = change(anna, ticket, "priority", {"priority": "30"})
    second = change(anna, ticket, "title", {"title": "Ganz anders"})

    page, next_page = (anna.get(page_of(ticket)) for _ in range(2))

    offered = re.findall(r'data-undo-url="([^"]+)"', page.content.decode())
    assert offered == [first, second]
    assert "data-undo-url" not in next_page.content.decode()


def test_an_undo_is_of_its_change_alone_also_from_two_windows(
    house: House, ticket: Ticket, anna: Client
) -> None:
    first = change(anna, ticket, "priority", {"priority": "30"})
    second = change(anna, ticket, "owner", {"owner": house.anna.pk})
    # As a session that another window has written over.
    anna.session.flush()
    anna.force_login(house.anna)

    assert undo(anna, first) == 200
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.owner) == (Priority.NORMAL, house.anna)
    assert undo(anna, second) == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_what_a_colleague_changes_in_the_same_moment_is_no_part_of_it(
    house: House, ticket: Ticket
) -> None:
    colleague = make_agent(house.authority, "Carl Colleague", house.roads)

    meanwhile = Beside(partial(assign, ticket_id=ticket.pk, user=colleague, owner_id=colleague.pk))

    def raise_priority(locked: Ticket) -> None:
        meanwhile.start()
        meanwhile.comes_to_the_lock()
        set_priority(ticket_id=locked.pk, user=house.anna, priority=Priority.HIGH)

    key = keep_what_changes(ticket_id=ticket.pk, user=house.anna, change=raise_priority)
    meanwhile.ends()
    take_back_kept(number=ticket.number, user=house.anna, key=key)

    ticket.refresh_from_db()
    assert (ticket.priority, ticket.owner) == (Priority.NORMAL, colleague)


@pytest.mark.both_engines
def test_an_undo_locks_as_its_change_did_the_request_before_what_was_kept(
    house: House, ticket: Ticket
) -> None:
    def raise_priority(locked: Ticket) -> None:
        set_priority(ticket_id=locked.pk, user=house.anna, priority=Priority.HIGH)

    key = keep_what_changes(ticket_id=ticket.pk, user=house.anna, change=raise_priority)
    with CaptureQueriesContext(connection) as asked:
        take_back_kept(number=ticket.number, user=house.anna, key=key)

    order = ["tickets_ticket", "citizens_keptchange"]
    assert locked(asked)[:2] == (order if connection.vendor == "postgresql" else [])
