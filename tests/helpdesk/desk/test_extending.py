"""The sheet that moves a deadline: day, reason, words with the day in them, the way back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.outbox.models import OutgoingMessage
from helpdesk.sla.domain.clocks import start
from helpdesk.sla.models import Clock
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def ticket(house: House) -> Ticket:
    made = make_ticket(house, received_at=timezone.now())
    start(ticket_id=made.pk)
    return Ticket.objects.get(pk=made.pk)


def test_a_deadline_is_moved_told_with_its_day_and_moved_back(anna: Client, ticket: Ticket) -> None:
    sheet = reverse("desk:extend", args=[ticket.number])
    before = Ticket.objects.get(pk=ticket.pk).due_at
    asked = anna.get(sheet, headers=FETCH).context
    day = timezone.localdate() + timedelta(days=28)
    sent = {"clock": asked["chosen"], "day": day.isoformat(), "reason": "Teil fehlt", "tell": "on"}

    answer = anna.post(sheet, sent | {"notice": asked["notice"], "form_key": "k"}, headers=FETCH)

    assert answer.json() == {"error": "", "url": page_of(ticket)}
    page = anna.get(page_of(ticket))
    assert "Frist verlängert bis" in page.content.decode()
    told = OutgoingMessage.objects.get(kind="answer")
    assert str(day.year) in told.text
    assert "{{" not in told.text
    undo = page.context["undo"]["url"]
    assert anna.post(undo, headers=FETCH).status_code == 200
    assert Ticket.objects.get(pk=ticket.pk).due_at == before
    assert anna.post(undo, headers=FETCH).status_code == 409


def test_the_navigation_counts_a_moved_deadline_at_once(anna: Client, ticket: Ticket) -> None:
    Clock.objects.filter(ticket=ticket).exclude(kind="first_answer").delete()
    Clock.objects.filter(ticket=ticket).update(due_at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(due_sort=timezone.now())
    day = (timezone.localdate() + timedelta(days=28)).isoformat()
    given = {"clock": "first_answer", "day": day, "reason": "Teil fehlt", "form_key": "k"}

    def due_today() -> int:
        nav = anna.get("/a/v/all/").context["nav"]
        return int(next(item["count"] for item in nav if item.get("slug") == "due"))

    counts = [due_today()]
    anna.post(reverse("desk:extend", args=[ticket.number]), given)
    counts.append(due_today())

    assert counts == [1, 0]


@pytest.mark.parametrize(
    "sent",
    [{"reason": ""}, {"day": "bald"}, {"day": "2020-01-01"}, {"tell": "on", "notice": " \r\n"}],
)
def test_a_refusal_keeps_what_was_typed(anna: Client, ticket: Ticket, sent: dict[str, str]) -> None:
    day = (timezone.localdate() + timedelta(days=28)).isoformat()
    given = {"clock": "first_answer", "day": day, "reason": "Teil fehlt", "notice": "Eigene Worte"}

    response = anna.post(reverse("desk:extend", args=[ticket.number]), given | sent)

    assert response.status_code == 422
    shown = response.context
    assert (shown["day"], shown["reason"], shown["notice"]) == (
        sent.get("day", day),
        sent.get("reason", "Teil fehlt"),
        sent.get("notice", "Eigene Worte"),
    )
    assert shown["error"]
    assert Ticket.objects.get(pk=ticket.pk).due_at == ticket.due_at


def test_lines_of_a_notice_count_once_and_none_of_what_may_be_typed_is_cut_off(
    anna: Client, ticket: Ticket
) -> None:
    longest = anna.get(reverse("desk:extend", args=[ticket.number])).context["longest_notice"]
    typed = "\r\n".join(["x"] * (longest // 2))
    day = (timezone.localdate() + timedelta(days=28)).isoformat()
    given = {
        "clock": "first_answer",
        "day": day,
        "reason": "Teil fehlt",
        "tell": "on",
        "form_key": "k",
    }

    anna.post(reverse("desk:extend", args=[ticket.number]), given | {"notice": typed})

    assert ticket.articles.get(kind="answer").text == typed.replace("\r\n", "\n")


def test_a_request_merged_meanwhile_keeps_reason_and_words_for_the_one_it_went_into(
    house: House, anna: Client, ticket: Ticket
) -> None:
    home = make_ticket(house)
    merge_tickets(ticket_id=ticket.pk, into_id=home.pk, user=house.anna)
    typed = {"clock": "first_answer", "reason": "Teil fehlt", "tell": "on", "notice": "Es dauert."}

    refused = anna.post(reverse("desk:extend", args=[ticket.number]), typed, headers=FETCH)

    assert refused.status_code == 422
    shown = refused.context
    assert (shown["ticket"], shown["reason"], shown["notice"]) == (home, "Teil fehlt", "Es dauert.")
    assert home.number in shown["error"]
    assert not OutgoingMessage.objects.filter(kind="answer").exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_request_that_one_may_not_change_has_no_sheet_wherever_it_went(
    house: House, ticket: Ticket, method: str
) -> None:
    merge_tickets(ticket_id=ticket.pk, into_id=make_ticket(house).pk, user=house.anna)
    bert = signed_in(house.bert)

    assert getattr(bert, method)(reverse("desk:extend", args=[ticket.number])).status_code == 404
