"""Many requests changed at once: each under its own right, each failure named, all undone."""

import time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import Membership
from helpdesk.desk.choosing import QUESTIONS
from helpdesk.desk.views import bulk as views
from helpdesk.tickets.domain import bulk
from helpdesk.tickets.domain.assign import set_priority
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import BulkItem, BulkJob, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, Page, signed_in

pytestmark = pytest.mark.django_db
State = BulkItem.State


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def tickets(house: House) -> list[Ticket]:
    return [make_ticket(house, message_id=f"<{n}@example.org>", subject=f"Nr {n}") for n in "abc"]


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def start(client: Client, do: str, *tickets: Ticket, slug: str = "all", **more: str) -> Page:
    data = {"do": do, "ids": [ticket.pk for ticket in tickets], **more}
    return client.post(reverse("desk:bulk", args=[slug]), data)


def fresh(tickets: list[Ticket]) -> list[Ticket]:
    return [Ticket.objects.get(pk=ticket.pk) for ticket in tickets]


def test_list_offers_rows_to_choose_and_what_to_do(tickets: list[Ticket], anna: Client) -> None:
    page = anna.get("/a/v/all/").content.decode()

    assert page.count("data-select ") == len(tickets)
    for button in (
        'name="do" value="mine:"',
        'name="do" value="resolve:spam"',
        *(f'value="{ask}"' for ask in QUESTIONS),
    ):
        assert button in " ".join(page.split())


@pytest.mark.parametrize(
    "do, name, value",
    [
        ("mine:", "owner_id", "ANNA"),
        ("priority:30", "priority", Priority.HIGH),
        ("resolve:fixed", "outcome", Outcome.FIXED),
        ("resolve:spam", "outcome", Outcome.SPAM),
        ("team:WASTE", "team_id", "WASTE"),
    ],
)
def test_chosen_requests_are_changed_and_brought_back(
    house: House, tickets: list[Ticket], anna: Client, do: str, name: str, value: object
) -> None:
    keys: dict[object, int] = {"ANNA": house.anna.pk, "WASTE": house.waste.pk}
    wanted = keys.get(value, value)
    before = [getattr(ticket, name) for ticket in fresh(tickets)]

    done = start(anna, do.replace("WASTE", str(house.waste.pk)), *tickets[:2])

    assert done["Location"] == "/a/v/all/"
    assert [getattr(each, name) for each in fresh(tickets)] == [wanted, wanted, before[2]]
    offered = anna.session["undo"]
    assert offered["text"] == "2 Anliegen geändert."
    assert anna.post(offered["url"], headers=FETCH).json() == {"url": "/a/v/all/"}
    assert [getattr(each, name) for each in fresh(tickets)] == before
    assert anna.post(offered["url"], headers=FETCH).status_code == 409


def test_all_of_a_view_are_changed(tickets: list[Ticket], anna: Client) -> None:
    start(anna, "priority:40", slug="unassigned", all="1")

    assert {each.priority for each in fresh(tickets)} == {Priority.URGENT}


def test_foreign_requests_are_as_if_they_were_not_there(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    Ticket.objects.filter(pk=tickets[0].pk).update(team=house.waste)

    start(anna, "priority:40", tickets[0], tickets[1])

    assert [each.priority for each in fresh(tickets)] == [20, 40, 20]
    assert list(BulkItem.objects.values_list("ticket_id", flat=True)) == [tickets[1].pk]


def test_each_failure_is_named_and_the_others_are_done(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    change_status(ticket_id=tickets[0].pk, user=house.anna, to=Status.CLOSED, outcome=Outcome.FIXED)

    response = start(anna, "resolve:answered", *tickets)
    page = anna.get(response["Location"]).content.decode()

    assert "2 von 3 geändert" in page
    assert "Nr a" in page
    assert "auf den jetzigen Status" in page
    assert fresh(tickets)[1].outcome == Outcome.ANSWERED


def test_whoever_may_only_read_changes_nothing(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    Membership.objects.filter(user=house.anna).update(can_change=False)

    response = start(anna, "priority:40", tickets[0])

    assert fresh(tickets)[0].priority == Priority.NORMAL
    assert "kein Zugriff" in anna.get(response["Location"]).content.decode()


def test_rights_are_asked_again_when_the_task_goes_on(
    house: House, tickets: list[Ticket], anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", -1.0)
    response = start(anna, "priority:40", *tickets)
    assert "3 noch offen" in anna.get(response["Location"]).content.decode()
    Ticket.objects.filter(pk=tickets[0].pk).update(team=house.waste)

    bulk.work_off_all(until=time.monotonic() + 60)

    states = list(BulkItem.objects.order_by("id").values_list("state", "reason"))
    assert states == [("failed", "not_there"), ("done", ""), ("done", "")]
    page = anna.get(response["Location"]).content.decode()
    assert "Nr a" not in page
    assert "1 Anliegen, das Sie nicht mehr sehen" in page


def test_undo_leaves_what_somebody_else_has_changed_since(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    start(anna, "priority:40", *tickets[:2])
    colleague = make_agent(house.authority, "Carl Colleague", house.roads)
    set_priority(ticket_id=tickets[0].pk, user=colleague, priority=Priority.LOW)

    response = anna.post(anna.session["undo"]["url"])

    assert [each.priority for each in fresh(tickets)] == [10, 20, 20]
    assert "inzwischen geändert" in anna.get(response["Location"]).content.decode()


def test_undo_is_offered_only_while_it_is_possible(tickets: list[Ticket], anna: Client) -> None:
    start(anna, "priority:40", *tickets)
    job = BulkJob.objects.get()
    page, undo = (reverse(f"desk:{name}", args=[job.pk]) for name in ("bulk_job", "bulk_undo"))
    early = anna.get(page).content.decode()

    BulkJob.objects.update(finished_at=timezone.now() - bulk.UNDO_WITHIN)

    assert f'action="{undo}' in early
    assert f'action="{undo}' not in anna.get(page).content.decode()


def test_job_belongs_to_whoever_started_it(
    house: House, tickets: list[Ticket], anna: Client
) -> None:
    start(anna, "priority:40", *tickets)
    job = BulkJob.objects.get()
    colleague = signed_in(make_agent(house.authority, "Carl Colleague", house.roads))

    assert colleague.get(reverse("desk:bulk_job", args=[job.pk])).status_code == 404
    assert colleague.post(reverse("desk:bulk_undo", args=[job.pk])).status_code == 404
    assert {each.priority for each in fresh(tickets)} == {Priority.URGENT}


@pytest.mark.parametrize(
    "do",
    ["", "x:1", "priority:99", "priority:²", "team:", "owner:x", "resolve:nothing", "reopen:1"],
)
def test_what_is_no_action_is_not_there(tickets: list[Ticket], anna: Client, do: str) -> None:
    assert start(anna, do, *tickets).status_code == 404
    assert not BulkJob.objects.exists()


def test_nothing_chosen_says_so(anna: Client) -> None:
    page = anna.post(reverse("desk:bulk", args=["all"]), {"do": "mine:"}, follow=True)

    assert "Wählen Sie mindestens ein Anliegen." in page.content.decode()


def test_a_job_worked_off_twice_changes_each_once(house: House, tickets: list[Ticket]) -> None:
    ids = [ticket.pk for ticket in tickets]
    wanted = bulk.Wanted("priority", "40")
    job = bulk.start_job(user=house.anna, wanted=wanted, ticket_ids=ids)
    end = time.monotonic() + 60

    assert bulk.work_off(job, until=end)
    versions = [each.version for each in fresh(tickets)]
    assert bulk.work_off(job, until=end)

    assert [each.version for each in fresh(tickets)] == versions
