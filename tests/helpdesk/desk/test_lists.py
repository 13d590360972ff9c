"""Lists of tickets: who sees which, how they are sorted, what they cost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from helpdesk.desk.deadlines import due_state
from helpdesk.desk.shell import forget_counts
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.deadline import set_due
from helpdesk.tickets.domain.seen import mark_seen
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Status
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import LIST_QUERIES, counted_queries, make_tickets, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


def test_home_leads_to_the_unassigned(house: House) -> None:
    response = signed_in(house.anna).get("/a/")

    assert response["Location"] == "/a/v/unassigned/"


def test_a_list_asks_strangers_to_sign_in() -> None:
    response = Client().get("/a/v/all/")

    assert response.status_code == 302
    assert response["Location"].endswith("?next=/a/v/all/")


@pytest.mark.parametrize("slug", ["mine", "unassigned", "due", "all", "done", "team-tiefbau"])
def test_each_list_opens_empty_and_says_what_follows(house: House, slug: str) -> None:
    response = signed_in(house.anna).get(f"/a/v/{slug}/")

    assert response.status_code == 200
    assert b'class="empty"' in response.content
    assert b"data-list" in response.content


def test_each_list_holds_what_it_promises(house: House) -> None:
    taken, free, done = make_tickets(house, 3)
    assign(ticket_id=taken.pk, user=house.anna, owner_id=house.anna.pk)
    change_status(ticket_id=done.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    set_due(
        ticket_id=free.pk,
        due_at=timezone.now() - timedelta(minutes=5),
        kind="first_answer",
        paused=False,
    )
    client = signed_in(house.anna)

    found = {
        slug: [row.pk for row in client.get(f"/a/v/{slug}/").context["rows"]]
        for slug in ("mine", "unassigned", "due", "all", "done", "team-tiefbau")
    }

    assert found == {
        "mine": [taken.pk],
        "unassigned": [free.pk],
        "due": [free.pk],
        "all": [free.pk, taken.pk],
        "done": [done.pk],
        "team-tiefbau": [free.pk, taken.pk],
    }


def test_foreign_tickets_are_in_no_list_and_no_count(house: House) -> None:
    make_ticket(house, subject="Kanarienvogel")
    client = signed_in(house.bert)

    pages = [client.get(f"/a/v/{slug}/") for slug in ("mine", "unassigned", "due", "all", "done")]
    counts = client.get("/a/counts/").json()

    assert [b"Kanarienvogel" in page.content for page in pages] == [False] * 5
    assert "team-abfall" in counts
    assert set(counts.values()) == {0}


@pytest.mark.parametrize("slug", ["team-tiefbau", "team-nowhere", "nothing"])
def test_a_foreign_teams_list_is_as_if_it_were_not_there(house: House, slug: str) -> None:
    client = signed_in(house.bert)

    assert client.get(f"/a/v/{slug}/").status_code == 404


def test_a_list_sorts_by_deadline_and_the_done_by_activity(house: House) -> None:
    first, second, third = make_tickets(house, 3)
    now = timezone.now()
    for ticket, hours in ((first, 9), (second, 2), (third, 5)):
        set_due(
            ticket_id=ticket.pk,
            due_at=now + timedelta(hours=hours),
            kind="first_answer",
            paused=False,
        )

    rows = signed_in(house.anna).get("/a/v/all/").context["rows"]

    assert [row.pk for row in rows] == [second.pk, third.pk, first.pk]
    assert due_state(rows[0]).level == "soon"


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_the_same_with_one_row_and_with_thirty(house: House, count: int) -> None:
    make_tickets(house, count)
    client = signed_in(house.anna)
    client.get("/a/v/mine/")  # the first page of a session is marked in it
    forget_counts(house.anna)

    with counted_queries() as queries:
        response = client.get("/a/v/unassigned/")

    assert len(response.context["rows"]) == count
    assert len(queries) <= LIST_QUERIES, "\n".join(queries)


def test_a_list_of_51_has_a_second_page(house: House) -> None:
    make_tickets(house, 51)
    client = signed_in(house.anna)

    first, second = client.get("/a/v/all/"), client.get("/a/v/all/?page=2")

    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 1)
    assert b'rel="next"' in first.content
    assert b'rel="prev"' in second.content


def test_a_row_is_bold_until_its_reader_has_seen_the_newest(house: House) -> None:
    seen, unseen = make_tickets(house, 2)
    mark_seen(ticket=seen, user=house.anna)

    response = signed_in(house.anna).get("/a/v/all/")

    unread = {row.pk: row.is_unread for row in response.context["rows"]}
    assert unread == {seen.pk: False, unseen.pk: True}
    assert response.content.count(b"is-unread") == 1


def test_a_row_fragment_is_one_row(house: House) -> None:
    ticket = make_ticket(house)

    response = signed_in(house.anna).get(f"/a/row/{ticket.pk}/?view=unassigned")

    assert response.status_code == 200
    assert response.content.count(b"<tr") == 1
    assert f'id="t-{ticket.pk}"'.encode() in response.content
    assert b"?view=unassigned" in response.content


def test_a_row_that_left_the_list_is_204_like_one_that_never_was(house: House) -> None:
    ticket = make_ticket(house)
    assign(ticket_id=ticket.pk, user=house.anna, owner_id=house.anna.pk)
    anna, bert = signed_in(house.anna), signed_in(house.bert)

    answers = [
        anna.get(f"/a/row/{ticket.pk}/?view=unassigned"),
        anna.get("/a/row/999999/?view=unassigned"),
        bert.get(f"/a/row/{ticket.pk}/?view=all"),
    ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 3


def test_counts_name_every_view_of_the_navigation(house: House) -> None:
    make_tickets(house, 2)
    client = signed_in(house.anna)

    counts = client.get("/a/counts/").json()

    assert counts == {
        "mine": 0,
        "unassigned": 2,
        "due": 0,
        "all": 2,
        "notices": 0,
        "erwaehnt": 0,
        "beobachtet": 0,
        "team-tiefbau": 2,
    }


def test_a_list_begins_at_its_first_page_for_a_number_nobody_can_mean(house: House) -> None:
    make_ticket(house)

    response = signed_in(house.anna).get("/a/v/all/", {"page": "9" * 5000})

    assert response.status_code == 200
    assert len(response.context["rows"]) == 1
