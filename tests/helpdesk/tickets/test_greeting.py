"""Greeting and closing of an answer: in whose words, in which language, and never alone."""

import pytest

from helpdesk.tickets.domain.articles import Answer, EmptyTextError, write_answer
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.domain.greeting import Greeting, greeting_of, own_words
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import DraftKind
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.mark.parametrize(
    "name, language, opening, closing",
    [
        ("Aylin Yıldız", "de", "Guten Tag Aylin Yıldız,", "Mit freundlichen Grüßen"),
        ("Aylin Yıldız", "en", "Hello Aylin Yıldız,", "Kind regards"),
        ("Aylin Yıldız", "pl", "Guten Tag Aylin Yıldız,", "Mit freundlichen Grüßen"),
        ("", "de", "Guten Tag,", "Mit freundlichen Grüßen"),
        ("aylin@example.org", "en", "Hello,", "Kind regards"),
    ],
)
def test_a_citizen_is_greeted_by_name_in_their_language_and_without_a_guess(
    house: House, name: str, language: str, opening: str, closing: str
) -> None:
    ticket = make_ticket(house, person=Person(name, "aylin@example.org"), language=language)

    assert greeting_of(ticket, house.anna) == Greeting(opening, closing)


def test_a_team_words_both_and_what_it_left_out_is_worded_by_us(house: House) -> None:
    house.roads.greetings = {"de": "Moin {{buerger.name}}!\n\nViele Grüße\naus dem {{team.name}}"}
    house.roads.save()
    german = make_ticket(house)
    english = make_ticket(house, language="en", message_id="<second@example.org>")

    assert greeting_of(german, house.anna) == Greeting(
        "Moin Clara Citizen!", "Viele Grüße\naus dem Tiefbau"
    )
    assert greeting_of(english, house.anna).opening == "Hello Clara Citizen,"


def test_a_signature_that_says_farewell_gets_no_second_one(house: House) -> None:
    house.anna.signature = "Mit freundlichem Gruß\nAnna Abend"
    ticket = make_ticket(house)

    assert greeting_of(ticket, house.anna) == Greeting("Guten Tag Clara Citizen,")


def test_whoever_wants_none_begins_with_an_empty_text(house: House) -> None:
    house.anna.greets = False

    assert greeting_of(make_ticket(house), house.anna) == Greeting()


@pytest.mark.parametrize(
    "text, own",
    [
        (Greeting("Guten Tag,", "Gruß\nTiefbau").text, ""),
        ("  Gruß\n\nGuten Tag,\n\n\n", ""),
        ("Guten Tag,\n\nGuten Tag,", "Guten Tag,"),
        ("Guten Tag,\n\nEs ist\n\nrepariert.\n\nGruß", "Es ist\n\nrepariert."),
        ("", ""),
    ],
)
def test_own_words_are_what_stands_beside_greeting_and_closing(text: str, own: str) -> None:
    assert own_words(text, Greeting("Guten Tag,", "Gruß\nTiefbau")) == own


def test_a_greeting_alone_is_neither_sent_nor_kept_as_a_draft(house: House) -> None:
    ticket = make_ticket(house)
    alone = greeting_of(ticket, house.anna).text

    kept = save_draft(typed=Typed(ticket.pk, DraftKind.ANSWER, alone), user=house.anna)
    copied = Typed(ticket.pk, DraftKind.ANSWER, alone, fields={"cc": "rosa@example.org"})

    assert kept is None
    assert save_draft(typed=copied, user=house.anna) is not None
    with pytest.raises(EmptyTextError):
        write_answer(answer=Answer(ticket.pk, alone, "form-1"), user=house.anna)
