"""What is looked at before an answer leaves: each doubt, and what must not be doubted."""

import pytest

from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.textmodules.models import TextModule, TextModuleText
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.doubts import Draughted, doubts_about
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket

pytestmark = pytest.mark.django_db
INTERNAL = "Der Bauhof meint, die Dame ruft jeden Tag an und übertreibt."


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def doubted(house: House, ticket: Ticket, text: str = "Wir kommen morgen.", **more: object) -> str:
    """Return all that is doubted about one answer of Anna's."""
    letter = Draughted(text, **more)  # type: ignore[arg-type] # each test names its own parts
    return "\n".join(doubt.words for doubt in doubts_about(ticket, house.anna, letter))


def test_a_plain_answer_is_doubted_in_nothing(house: House, ticket: Ticket) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text=INTERNAL)

    assert doubted(house, ticket, "Guten Tag,\nwir kommen morgen.") == ""


@pytest.mark.parametrize(
    "text",
    [
        INTERNAL,
        f"Guten Tag,\n> {INTERNAL}\nwir kommen.",
        "Guten Tag, der bauhof meint,   die Dame ruft\njeden Tag an und übertreibt. Bis morgen.",
    ],
)
def test_words_of_an_internal_note_are_told_before_they_leave(
    house: House, ticket: Ticket, text: str
) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text=f"Wichtig:\n{INTERNAL}")

    assert "übertreibt" in doubted(house, ticket, text)


def test_a_short_line_of_a_note_counts_only_where_it_is_quoted(
    house: House, ticket: Ticket
) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text="Ist zu teuer")

    assert doubted(house, ticket, "Das Pflaster ist zu teuer.") == ""
    assert "Ist zu teuer" in doubted(house, ticket, "> Ist zu teuer")


def test_what_the_citizen_wrote_is_no_internal_word_though_a_note_repeats_it(
    house: House, ticket: Ticket
) -> None:
    words = "Vor Nummer 14 ist ein tiefes Loch."
    write_note(ticket_id=ticket.pk, user=house.anna, text=words)

    assert doubted(house, ticket, f"Sie schrieben:\n> {words}") == ""


@pytest.mark.parametrize("text", ["Anbei der Plan.", "Siehe Anhang", "Den Plan habe ich beigefügt"])
def test_a_file_that_is_spoken_of_but_not_there_is_asked_for(
    house: House, ticket: Ticket, text: str
) -> None:
    assert "keine Datei" in doubted(house, ticket, text)
    assert doubted(house, ticket, text, has_files=True) == ""
    assert doubted(house, ticket, f"> {text}\nDanke.") == ""


def test_a_letter_in_english_is_looked_at_with_english_words(house: House) -> None:
    ticket = make_ticket(house, language="en")

    assert "attached" in doubted(house, ticket, "The plan is attached.")
    assert doubted(house, ticket, "Anbei der Plan.") == ""


def test_a_copy_to_somebody_unheard_of_is_asked_about(house: House, ticket: Ticket) -> None:
    assert "fremd@example.net" in doubted(house, ticket, cc=("fremd@example.net",))
    assert "fremd@example.net" in doubted(house, ticket, bcc=("Fremd@example.net",)).lower()


def test_whoever_takes_part_or_works_here_is_no_stranger(house: House, ticket: Ticket) -> None:
    make_agent(house.authority, "Carla Cohn", house.roads)

    copies = ("clara@example.org", "carla@musterstadt.example", "poststelle@musterstadt.example")
    assert doubted(house, ticket, cc=copies) == ""


def test_a_second_citizen_in_copy_is_told(house: House, ticket: Ticket) -> None:
    make_ticket(
        house, person=Person("Nora Nachbar", "nora@example.org"), message_id="<n@example.org>"
    )

    assert "Nora Nachbar" in doubted(house, ticket, cc=("nora@example.org",))
    assert "Nora Nachbar" not in doubted(house, ticket, bcc=("nora@example.org",))


def test_a_citizen_whom_the_writer_may_not_know_of_stays_unnamed(
    house: House, ticket: Ticket
) -> None:
    hidden = Citizen.objects.create(authority=house.authority, name="Heimlich Hansen")
    ContactPoint.objects.create(
        citizen=hidden,
        authority=house.authority,
        kind=ContactKind.MAIL,
        value="heimlich@example.org",
        normalised="heimlich@example.org",
    )

    assert "Hansen" not in doubted(house, ticket, cc=("heimlich@example.org",))


def test_a_text_module_in_another_language_is_told(house: House) -> None:
    english, german = make_ticket(house, language="en"), make_ticket(house, message_id="<2@x.org>")
    module = TextModule.objects.create(authority=house.authority, title="Haftung")
    body = "Für Schadenersatz schreiben Sie bitte ans Rechtsamt.\n{{termin}}"
    TextModuleText.objects.create(module=module, language="de", body=body)
    text = "Hello,\nFür Schadenersatz schreiben Sie bitte ans Rechtsamt."

    assert "Haftung" in doubted(house, english, text)
    assert doubted(house, german, text) == ""
