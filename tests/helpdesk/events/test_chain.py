"""Proving that history is whole."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from helpdesk.events import chain
from helpdesk.events.models import Event, EventPayload, Seal
from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.events.sequencer import GENESIS, seal_batch


@pytest.fixture
def three_events(db: None) -> list[Event]:  # noqa: ARG001 - rows need the database
    with transaction.atomic():
        events = [
            publish(
                fact=Fact("ticket.renamed", "ticket", n, 1, {"ä": 1.5}, {"name": f"Bürger {n}"}),
                actor=SYSTEM,
            )
            for n in range(3)
        ]
    seal_batch()
    return events


@pytest.mark.both_engines
@pytest.mark.usefixtures("three_events")
def test_verify_finds_nothing_in_a_whole_chain() -> None:
    assert chain.verify() is None


def test_verify_names_the_first_event_that_was_changed(three_events: list[Event]) -> None:
    Event.objects.filter(id=three_events[1].id).update(subject_id=99)

    assert chain.verify() == 2


def test_verify_names_a_payload_that_was_changed(three_events: list[Event]) -> None:
    EventPayload.objects.filter(event=three_events[2]).update(data={"name": "Mallory"})

    assert chain.verify() == 3


@pytest.mark.usefixtures("three_events")
def test_verify_names_a_number_that_is_missing() -> None:
    Seal.objects.filter(seq=2).delete()

    assert chain.verify() == 2


def test_verify_holds_after_a_payload_was_erased(three_events: list[Event]) -> None:
    EventPayload.objects.filter(event=three_events[0]).delete()

    assert chain.verify() is None


@pytest.mark.usefixtures("three_events")
def test_holds_recognises_a_kept_head_and_misses_a_cut_off_one() -> None:
    kept = chain.head()
    still_there = chain.holds(*kept)
    Seal.objects.filter(seq=3).delete()

    assert still_there
    assert chain.verify() is None
    assert not chain.holds(*kept)
    assert chain.holds(0, GENESIS)


@pytest.mark.usefixtures("three_events")
def test_strays_counts_events_written_past_the_door() -> None:
    Event.objects.create(kind="x", subject_kind="ticket", subject_id=1, actor_kind="system")

    assert chain.strays() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("history_guards", "three_events")
def test_audit_verify_prints_the_head_of_a_whole_chain(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("audit", "verify")

    seq, seal_hash = chain.head()
    assert capsys.readouterr().out == f"3 events, chain whole, head {seq}:{seal_hash}\n"


@pytest.mark.usefixtures("three_events")
def test_audit_verify_fails_where_the_database_does_not_guard() -> None:
    with pytest.raises(CommandError, match="lacks the triggers events_event_no_"):
        call_command("audit", "verify")


def test_audit_verify_fails_with_the_first_broken_number(three_events: list[Event]) -> None:
    Event.objects.filter(id=three_events[1].id).update(kind="ticket.moved")

    with pytest.raises(CommandError, match="broken at event number 2"):
        call_command("audit", "verify")


@pytest.mark.usefixtures("three_events")
@pytest.mark.parametrize("kept", ["3:abc", "²:abc"])
def test_audit_verify_fails_where_a_kept_head_is_gone(kept: str) -> None:
    with pytest.raises(CommandError, match=f"no longer contains the head {kept}"):
        call_command("audit", "verify", head=kept)
