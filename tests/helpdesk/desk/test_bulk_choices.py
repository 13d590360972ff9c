"""What is asked about many requests: people, states, topics, which one stays; and every failure."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.desk.choosing import QUESTIONS
from helpdesk.tickets.domain import bulk
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.bulk_actions import ACTIONS
from helpdesk.tickets.domain.tags import change_tags
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import BulkItem, BulkJob, Category, Tag, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, Page, make_tickets, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def tickets(house: House) -> list[Ticket]:
    return [make_ticket(house, message_id=f"<{n}@example.org>", subject=f"Nr {n}") for n in "abc"]


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def carl(house: House) -> User:
    return make_agent(house.authority, "Carl Colleague", house.roads)


def asked(client: Client, ask: str, *tickets: Ticket, query: str = "", **more: str) -> Page:
    data = {"ask": ask, "ids": [ticket.pk for ticket in tickets], **more}
    return client.post(reverse("desk:bulk_choose", args=["all"]) + query, data)


def start(client: Client, do: str, *tickets: Ticket, **more: str) -> Page:
    data = {"do": do, "ids": [ticket.pk for ticket in tickets], **more}
    return client.post(reverse("desk:bulk", args=["all"]), data)


def options(page: Page) -> dict[str, str]:
    return {option.do: option.word for group in page.context["groups"] for option in group.options}


def fresh(tickets: list[Ticket]) -> list[Ticket]:
    return [Ticket.objects.get(pk=ticket.pk) for ticket in tickets]


def test_people_and_teams_stand_in_one_list_and_foreign_ones_in_none(
    house: House, tickets: list[Ticket], anna: Client, carl: User
) -> None:
    offered = options(asked(anna, "assign", *tickets))

    assert offered == {
        "mine:": "Mir",
        "owner:": "Niemandem",
        f"owner:{carl.pk}": "Carl Colleague",
        f"team:{house.roads.pk}": "Tiefbau",
    }


@pytest.mark.parametrize("ask", QUESTIONS)
def test_each_question_has_buttons_that_carry_on_what_was_chosen(
    house: House, tickets: list[Ticket], anna: Client, ask: str
) -> None:
    Category.objects.create(authority=house.authority, name="Straßen")
    change_tags(ticket_id=tickets[2].pk, user=house.anna, add=["Spielplatz"])

    page = asked(anna, ask, *tickets[:2], query="?owner=none")

    whole = " ".join(page.content.decode().split())
    form = whole.partition('id="choose"')[2].partition("</form>")[0]
    assert options(page)
    assert form.count('type="hidden" name="ids"') == 2
    assert 'action="/a/v/all/sammeln/?owner=none"' in form


def test_a_question_nobody_asks_is_not_there(tickets: list[Ticket], anna: Client) -> None:
    assert asked(anna, "delete", *tickets).status_code == 404


def test_all_of_a_filtered_view_means_those_that_the_filters_leave(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    assign(ticket_id=tickets[0].pk, user=house.anna, owner_id=house.anna.pk)

    page = asked(anna, "priority", query="?owner=none", all="1")
    anna.post(reverse("desk:bulk", args=["all"]) + "?owner=none", {"do": "priority:40", "all": "1"})

    assert page.context["chosen"].count == 2
    assert [each.priority for each in fresh(tickets)] == [20, 40, 40]


def test_requests_go_to_a_colleague_wait_and_change_their_topic(
    house: House, tickets: list[Ticket], anna: Client, carl: User
) -> None:
    topic = Category.objects.create(authority=house.authority, name="Straßen")
    day = timezone.localdate() + timedelta(days=3)

    start(anna, f"owner:{carl.pk}", tickets[0])
    start(anna, f"topic:{topic.pk}", tickets[0])
    start(anna, "wait:citizen", tickets[0])
    start(anna, f"later:{day}", tickets[1])
    start(anna, "later:", tickets[2], day=f"{day}")

    first, second, third = fresh(tickets)
    assert (first.owner, first.category, first.status) == (carl, topic, Status.WAITING_CITIZEN)
    for waiting in (second, third):
        assert waiting.status == Status.WAITING_DATE
        assert waiting.waiting_until is not None
        assert timezone.localtime(waiting.waiting_until).isoformat()[:13] == f"{day}T08"


@pytest.mark.parametrize(
    "day", ["", "gestern", "2020-01-01", "9999-12-31", "20301201", "２０３０-12-01"]
)
def test_a_day_that_is_none_is_refused_in_words(
    tickets: list[Ticket], anna: Client, day: str
) -> None:
    page = anna.post(
        reverse("desk:bulk", args=["all"]),
        {"do": "later:", "day": day, "ids": [tickets[0].pk]},
        follow=True,
    )

    assert "Wählen Sie einen Tag, der noch kommt" in page.content.decode()
    assert fresh(tickets)[0].status == Status.NEW


def test_requests_get_a_tag_and_are_found_by_it_and_lose_it_again(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    change_tags(ticket_id=tickets[2].pk, user=house.anna, add=["Spielplatz"])
    tag = Tag.objects.get()

    start(anna, f"tag:{tag.pk}", *tickets[:2])
    undo = anna.session["undo"]["url"]
    found = anna.get(f"/a/v/all/?tag={tag.pk}")
    anna.post(undo, headers=FETCH)

    assert len(found.context["rows"]) == 3
    assert found.context["chips"][0].words == "Spielplatz"
    assert [each.tag_line for each in fresh(tickets)] == ["", "", "Spielplatz"]


def test_a_tag_that_only_foreign_requests_carry_is_not_there(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    change_tags(ticket_id=tickets[0].pk, user=house.anna, add=["Geheim"])
    Ticket.objects.filter(pk=tickets[0].pk).update(team=house.waste)
    tag = Tag.objects.get()

    start(anna, f"tag:{tag.pk}", tickets[1])

    assert fresh(tickets)[1].tag_line == ""
    assert anna.get(f"/a/v/all/?tag={tag.pk}").context["chips"][0].words == "nicht vorhanden"


def test_requests_go_into_the_bin_and_come_back_as_they_were(
    tickets: list[Ticket], anna: Client
) -> None:
    start(anna, "trash:", *tickets[:2])
    gone = [each.status for each in fresh(tickets)]
    anna.post(anna.session["undo"]["url"], headers=FETCH)

    assert gone == [Status.DELETED, Status.DELETED, Status.NEW]
    assert [each.status for each in fresh(tickets)] == [Status.NEW] * 3


def test_requests_of_one_person_are_merged_and_taken_apart_again(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    other = make_tickets(house, 1)[0]

    done = start(anna, f"merge:{tickets[0].pk}", *tickets, other)
    page = anna.get(done["Location"]).content.decode()
    job = BulkItem.objects.values_list("job_id", flat=True).first()
    merged = [each.merged_into_id for each in fresh(tickets)]
    anna.post(reverse("desk:bulk_undo", args=[job]), headers=FETCH)

    assert merged == [None, tickets[0].pk, tickets[0].pk]
    assert "2 von 3 geändert" in page
    assert "von einer anderen Person" in page
    assert [each.merged_into_id for each in fresh(tickets)] == [None, None, None]


def test_a_target_of_another_team_takes_in_nothing(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(team=house.waste)

    start(anna, f"merge:{tickets[0].pk}", *tickets[1:])

    assert {item.reason for item in BulkItem.objects.all()} == {"not_there"}
    assert [each.merged_into_id for each in fresh(tickets)] == [None, None, None]


def test_every_failure_is_counted_and_found_on_some_page(
    house: House, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.desk.views.bulk.PAGE", 2)
    many = make_tickets(house, 5)
    Ticket.objects.update(status=Status.CLOSED)

    done = anna.post(
        reverse("desk:bulk", args=["done"]), {"do": "wait:third", "ids": [one.pk for one in many]}
    )
    pages = [anna.get(f"{done['Location']}&page={number}") for number in (1, 2, 3)]

    shown = [ticket.pk for page in pages for ticket, _reason in page.context["failures"]]
    assert shown == [one.pk for one in many]
    assert "Nicht geändert" in pages[0].content.decode()
    assert "(5)" in pages[0].content.decode()
    assert pages[0].context["hidden"] == 0


def test_a_request_that_breaks_the_program_is_named_and_the_others_are_done(
    house: House, tickets: list[Ticket], anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [ticket.pk for ticket in tickets]
    job = bulk.start_job(user=house.anna, wanted=bulk.Wanted("priority", "40"), ticket_ids=ids)
    known = ACTIONS["priority"]

    def breaks(item: BulkItem, of: BulkJob) -> object:
        if item.ticket_id == ids[1]:
            raise ZeroDivisionError
        return known.do(item, of)

    monkeypatch.setitem(ACTIONS, "priority", replace(known, do=breaks))
    bulk.work_off(job, until=float("inf"))

    assert [each.priority for each in fresh(tickets)] == [40, 20, 40]
    page = anna.get(reverse("desk:bulk_job", args=[job.pk])).content.decode()
    assert "ein Fehler des Programms" in page
