"""What an agent types about a caller and a call."""

from datetime import UTC, datetime

import pytest

from channels_in.phone.parse import Note, parse_caller, parse_note, split_title
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.inbound import Person

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed,person",
    [
        ("", Person()),
        ("Meyer", Person("Meyer")),
        ("Meyer, 0171 5550132", Person("Meyer", phone="0171 5550132")),
        ("Meyer 0171 5550132", Person("Meyer", phone="0171 5550132")),
        ("Meyer, +49 (171) 555-0132", Person("Meyer", phone="+49 (171) 555-0132")),
        ("0171/5550132", Person(phone="0171/5550132")),
        (
            "Frau Meyer-Lüd, 0171 5550132, Lindenstraße 14, 12345 Musterstadt",
            Person(
                "Frau Meyer-Lüd",
                phone="0171 5550132",
                address="Lindenstraße 14, 12345 Musterstadt",
            ),
        ),
        ("Lindenstr. 14", Person(address="Lindenstr. 14")),
        ("Meyer, meyer@example.org", Person("Meyer", "meyer@example.org")),
        (
            "Meyer, 0171 5550132, 0172 4440000",
            Person("Meyer", phone="0171 5550132", address="0172 4440000"),
        ),
    ],
)
def test_parse_caller_reads_what_was_typed_and_drops_nothing(typed: str, person: Person) -> None:
    assert parse_caller(typed) == person


@pytest.mark.parametrize(
    "text,title,whole",
    [
        ("Tonne voll", "Tonne voll", "Tonne voll"),
        ("  Tonne voll\r\nseit Montag ", "Tonne voll", "Tonne voll\nseit Montag"),
        ("x" * 400, "x" * 250, "x" * 400),
    ],
)
def test_split_title_takes_the_first_line_and_keeps_the_whole(
    text: str, title: str, whole: str
) -> None:
    assert split_title(text) == (title, whole)


def test_parse_note_makes_an_inbound_of_the_agent_who_took_it() -> None:
    note = Note(
        channel=Channel.COUNTER,
        caller=Person("Meyer"),
        text="Tonne voll",
        request_key="k",
        received_at=NOW,
        citizen_id=5,
        category_id=7,
        place="Lindenstraße 14",
    )

    inbound = parse_note(note, authority_id=1, team_id=2, user_id=3)

    assert (inbound.kind, inbound.channel, inbound.by_user_id) == ("phone_note", "counter", 3)
    assert (inbound.citizen_id, inbound.ticket_id, inbound.category_id) == (5, None, 7)
    assert (inbound.subject, inbound.text, inbound.place) == (
        "Tonne voll",
        "Tonne voll",
        "Lindenstraße 14",
    )
    assert (inbound.authority_id, inbound.team_id, inbound.request_key) == (1, 2, "k")
