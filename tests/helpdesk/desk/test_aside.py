"""What does not fit a request is set aside: it is not offered there again, until it is wished."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Answer
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.desk.pages import page_of, signed_in
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def answered(house: House) -> Iterator[Answer]:
    """An answer that fits the words of the usual request."""
    hole = TextDraft("Schlagloch melden", "Wir sichern Schlaglöcher.", "<p>x</p>")
    yield make_answer(make_section(house.authority, "Straßen"), hole)
    begin_anew()


def aside(client: Client, ticket: Ticket, **data: object) -> str:
    response = client.post(reverse("desk:aside", args=[ticket.number]), data, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def offered(client: Client, ticket: Ticket) -> list[int]:
    context = client.get(reverse("desk:similar", args=[ticket.number])).context
    return [each.ticket.pk for each in context["found"]]


def test_a_request_that_does_not_fit_is_not_offered_beside_this_one_again(
    house: House, anna: Client
) -> None:
    ticket, one, two = (make_ticket(house, message_id=f"<{n}@example.org>") for n in range(3))
    colleague = signed_in(make_agent(house.authority, "Carl Colleague", house.roads))

    left = aside(anna, ticket, kind="request", other=one.pk)

    assert f"{one.number[5:]} {one.title}" not in left
    assert f"{two.number[5:]} {two.title}" in left
    assert "1 passt nicht." in left
    assert offered(colleague, ticket) == [two.pk]
    assert set(offered(anna, one)) == {ticket.pk, two.pk}
    sheet = anna.get(reverse("desk:merge", args=[ticket.number])).content.decode()
    assert f'value="{one.number}"' not in sheet


def test_what_was_set_aside_is_offered_again_and_the_history_tells_of_both(
    house: House, anna: Client
) -> None:
    ticket, other = (make_ticket(house, message_id=f"<{n}@example.org>") for n in range(2))
    for _twice in range(2):
        aside(anna, ticket, kind="request", other=other.pk)

    shown = aside(anna, ticket, kind="request", again="1")

    assert f"{other.number[5:]} {other.title}" in shown
    assert offered(anna, ticket) == [other.pk]
    told = Event.objects.filter(kind=facts.SET_ASIDE, subject_id=ticket.pk)
    assert [event.data.get("undo", False) for event in told.order_by("pk")] == [False, True]
    history = anna.get(reverse("desk:history", args=[ticket.number])).content.decode()
    assert "ein Vorschlag passt nicht" in history


def test_an_answer_that_does_not_fit_is_offered_neither_beside_it_nor_in_the_composer(
    house: House, anna: Client, answered: Answer
) -> None:
    ticket = make_ticket(house)
    index_everything()
    fit, pick = (
        reverse(f"desk:knowledge_{name}", args=[ticket.number]) for name in ("fit", "pick")
    )
    assert [row["line"].pk for row in anna.get(fit).context["rows"]] == [answered.pk]

    left = aside(anna, ticket, kind="answer", other=answered.pk)

    assert "Schlagloch melden" not in left
    assert anna.get(fit).context["rows"] == []
    assert anna.get(pick, {"q": ""}).json()["results"] == []
    # Whoever asks for it by name finds it.
    assert anna.get(pick, {"q": "schlagloch"}).json()["results"]


def test_what_one_may_not_see_or_change_can_not_be_set_aside(
    house: House, anna: Client, answered: Answer
) -> None:
    ticket = make_ticket(house)
    foreign = make_ticket(house, message_id="<2@example.org>", team_id=house.waste.pk)
    Answer.objects.filter(pk=answered.pk).update(visibility="team", team=house.waste)
    reader = signed_in(make_agent(house.authority, "Rita Reader", house.roads, can_change=False))
    address = reverse("desk:aside", args=[ticket.number])

    for client, data in (
        (anna, {"kind": "request", "other": foreign.pk}),
        (anna, {"kind": "request", "other": 999_999}),
        (anna, {"kind": "request", "other": ticket.pk}),
        (anna, {"kind": "answer", "other": answered.pk}),
        (anna, {"kind": "person", "other": 1}),
        (anna, {"kind": "request", "other": "x"}),
        (reader, {"kind": "request", "again": "1"}),
    ):
        assert client.post(address, data, headers=HTMX).status_code == 404
    assert list(ticket.set_aside.all()) == []


def test_without_scripts_one_comes_back_to_the_request(house: House, anna: Client) -> None:
    ticket, other = (make_ticket(house, message_id=f"<{n}@example.org>") for n in range(2))
    address = reverse("desk:aside", args=[ticket.number])

    response = anna.post(address, {"kind": "request", "other": other.pk, "view": "all"})

    assert response["Location"] == f"{page_of(ticket)}?view=all"
    assert offered(anna, ticket) == []


def test_the_same_matter_and_the_same_person_are_named_with_a_way_to_make_them_one(
    house: House, anna: Client
) -> None:
    ticket, other = (make_ticket(house, message_id=f"<{n}@example.org>") for n in range(2))
    Ticket.objects.filter(pk__in=(ticket.pk, other.pk)).update(latitude=50, longitude=8)
    twin = make_ticket(
        house,
        message_id="<3@example.org>",
        person=Person("Clara Citizen", "other@example.org"),
    )

    page = anna.get(reverse("desk:similar", args=[ticket.number])).content.decode()

    assert "Wahrscheinlich dasselbe:" in page
    assert f'href="{reverse("desk:merge", args=[ticket.number])}?other={other.number}' in page
    combine = reverse("desk:combine", args=[ticket.citizen_id])
    assert f'{combine}?ticket={ticket.number}&amp;other={twin.citizen_id}"' in page
