"""Choosing the sender of an answer where a request has several."""

import re

import pytest
from django.test import Client

from helpdesk.agents.models import Team
from helpdesk.outbox.models import Sender
from helpdesk.tickets.domain.drafts import SENDER_LINE, Typed, above_draft, load_drafts, save_draft
from helpdesk.tickets.models import ArticleDraft, DraftKind, Ticket
from tests.factories.house import House, make_authority, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, page_of, signed_in
from tests.helpdesk.desk.test_compose import answers_of, form, refusal_of, send

pytestmark = pytest.mark.django_db
SELECT = re.compile(r'<select[^>]*\bname="sender"[^>]*>(.*?)</select>', re.DOTALL)
OPTION = re.compile(r'<option value="(\d*)"( selected)?>([^<]*)</option>')
ROADS = "tiefbau@musterstadt.example"
HALL = "rathaus@musterstadt.example"
REFUSED = (
    "Dieser Absender kann für dieses Anliegen nicht verwendet werden. "
    "Bitte wählen Sie einen anderen."
)


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def make_sender(house: House, email: str, team: Team | None = None, **values: bool) -> Sender:
    return Sender.objects.create(
        authority=house.authority, team=team, name=email, email=email, host="127.0.0.1", **values
    )


@pytest.fixture
def hall(house: House) -> Sender:
    return make_sender(house, HALL)


def offered(page: Page) -> list[str]:
    """Return the addresses to choose from; none where there is no choice."""
    return [email for _pk, _selected, email in _options(page)]


def selected(page: Page) -> str:
    return next(email for _pk, is_selected, email in _options(page) if is_selected)


def _options(page: Page) -> list[tuple[str, str, str]]:
    found = SELECT.search(page.content.decode())
    return OPTION.findall(found[1]) if found else []


@pytest.mark.usefixtures("hall")
def test_the_sender_at_hand_stands_first_and_is_selected(ticket: Ticket, anna: Client) -> None:
    page = anna.get(page_of(ticket))

    assert offered(page) == [ROADS, HALL]
    assert selected(page) == ROADS


def test_one_sender_is_no_choice(house: House, ticket: Ticket, anna: Client) -> None:
    make_sender(house, "abfall@musterstadt.example", house.waste)
    make_sender(house, "alt@musterstadt.example", house.roads, is_active=False)

    page = anna.get(page_of(ticket))

    assert offered(page) == []
    assert f"<b>{ROADS}</b>" in page.content.decode()


def test_the_choice_of_one_request_is_not_that_of_the_next(
    house: House, anna: Client, ticket: Ticket, hall: Sender
) -> None:
    other = make_ticket(house, message_id="<other@example.org>")
    Ticket.objects.filter(pk=other.pk).update(sender=hall)

    assert offered(anna.get(page_of(ticket))) == [ROADS, HALL]
    assert offered(anna.get(page_of(other))) == [HALL, ROADS]


def test_an_answer_leaves_by_the_sender_that_was_chosen(
    ticket: Ticket, anna: Client, hall: Sender
) -> None:
    send(anna, ticket, sender=hall.pk)

    (article,) = answers_of(ticket)
    assert article.from_address == HALL
    assert article.outgoing is not None
    assert article.outgoing.sender == hall


@pytest.mark.usefixtures("hall")
@pytest.mark.parametrize("values", [{"sender": ""}, {}])
def test_without_a_choice_the_team_answers(
    ticket: Ticket, anna: Client, values: dict[str, str]
) -> None:
    send(anna, ticket, **values)

    (article,) = answers_of(ticket)
    assert article.from_address == ROADS


def test_a_sender_of_others_is_refused_as_one_that_never_was_and_the_text_stays(
    house: House, ticket: Ticket, anna: Client
) -> None:
    elsewhere = make_authority("Stadt Anderswo", "AW")
    foreign = Sender.objects.create(authority=elsewhere, name="A", email="a@anderswo.example")
    waste = make_sender(house, "abfall@musterstadt.example", house.waste)
    closed = make_sender(house, "alt@musterstadt.example", house.roads, is_active=False)
    missing = max(foreign.pk, waste.pk, closed.pk) + 1000

    pages = [
        send(anna, ticket, sender=wanted)
        for wanted in (missing, foreign.pk, waste.pk, closed.pk, "²", "x" * 40)
    ]

    assert {page.status_code for page in pages} == {422}
    assert {refusal_of(page)["error"] for page in pages} == {REFUSED}
    assert answers_of(ticket) == []
    assert ArticleDraft.objects.get(ticket=ticket).body == form(ticket)["body"]


def test_the_choice_is_kept_with_the_draft(ticket: Ticket, anna: Client, hall: Sender) -> None:
    anna.post(f"{page_of(ticket)}draft/answer/", form(ticket, sender=hall.pk))

    assert selected(anna.get(page_of(ticket))) == HALL


def test_a_draft_whose_sender_is_no_more_falls_back_to_the_one_at_hand(
    house: House, ticket: Ticket, anna: Client, hall: Sender
) -> None:
    make_sender(house, "buero@musterstadt.example")
    anna.post(f"{page_of(ticket)}draft/answer/", form(ticket, sender=hall.pk))
    Sender.objects.filter(pk=hall.pk).update(is_active=False)

    page = anna.get(page_of(ticket))

    assert offered(page) == [ROADS, "buero@musterstadt.example"]


def test_an_answer_taken_back_brings_its_sender_back(
    ticket: Ticket, anna: Client, hall: Sender
) -> None:
    send(anna, ticket, sender=hall.pk)
    (article,) = answers_of(ticket)

    anna.post(f"/a/articles/{article.pk}/withdraw/")

    assert selected(anna.get(page_of(ticket))) == HALL


def test_what_comes_back_above_another_draft_has_one_sender(
    house: House, ticket: Ticket, hall: Sender
) -> None:
    def words(text: str, sender: int) -> Typed:
        return Typed(ticket.pk, DraftKind.ANSWER, text, fields={SENDER_LINE: str(sender)})

    save_draft(typed=words("Unten", house.sender.pk), user=house.anna)
    both = above_draft(words("Oben", hall.pk), house.anna)
    save_draft(typed=both, user=house.anna)

    draft = load_drafts(ticket_id=ticket.pk, user=house.anna)[DraftKind.ANSWER]
    assert draft.body == "Oben\n\nUnten"
    assert draft.fields[SENDER_LINE] == str(hall.pk)
