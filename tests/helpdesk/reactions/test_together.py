"""Events that are worked off together: what follows is the same as from each alone."""

import logging
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from bench.counting import statements
from helpdesk.citizens.models import Citizen
from helpdesk.events.models import Event, EventPayload, Unsealed
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.reactions import dispatch
from helpdesk.reactions.models import Reaction
from helpdesk.reactions.order import handlers_of
from helpdesk.sla.models import Clock
from helpdesk.tickets.inbound import Person, Threading
from helpdesk.tickets.models import Article, Ticket
from tests.factories.town import Town, arrive, make_town
from tests.factories.written import Told, differences, tell

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

TABLES = (
    *(Citizen, Article, Ticket, Clock, OutgoingMessage, Recipient, Reaction),
    *(Event, EventPayload, Unsealed),
)
# Taken 2; asked ahead 4: promises, what was opened, dead addresses, receipts of the last hour;
# keys of clocks, of which each ticket has two, messages and recipients 4; these and deadlines 4.
TO_REACT_TO_ANY_NUMBER = 14
# Taken 2; for each promises, clocks, deadline, what was opened, dead, receipts, message, recipient.
TAKEN, FOR_EACH = 2, 8


@pytest.fixture
def town() -> Town:
    return make_town()


def arrive_from(town: Town, *names: str) -> list[Reaction]:
    """Let each write, and return the events to be worked off."""
    for number, name in enumerate(names):
        person = Person(name.title(), f"{name}@buergerin.example")
        arrive(town, person=person, threading=Threading(f"<{number}@buergerin.example>"))
    return dispatch.seal_committed()


def one_by_one(reactions: list[Reaction]) -> None:
    for reaction in reactions:
        dispatch.react(reaction)


def followed(way: Callable[[list[Reaction]], object], reactions: list[Reaction]) -> Told:
    """Return everything there is when ``reactions`` were worked off in this way, and undo it."""
    before = transaction.savepoint()
    way(reactions)
    told = tell(TABLES)
    transaction.savepoint_rollback(before)
    return told


def test_events_worked_off_together_have_the_consequences_of_each_alone(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    # Six of one person: the sixth gets no receipt any more, and its history says so.
    reactions = arrive_from(town, "anna", *["bert"] * 6, "clara", "rathaus@nirgends", "dora")

    alone, together = (followed(way, reactions) for way in (one_by_one, dispatch.react_together))

    assert differences(alone, together) == []
    assert caplog.messages == []
    assert len(alone["Clock"]) == 20
    assert len(alone["OutgoingMessage"]) == 8
    assert {row["state"] for row in alone["Reaction"]} == {"done"}


def test_one_event_that_fails_holds_up_no_other_that_was_to_be_worked_off_with_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    reactions = arrive_from(town, "anna", "bert", "clara")
    handlers = handlers_of("ticket")

    def refuse_one(*, event: Event) -> None:
        if event.pk == reactions[1].event_id:
            raise RuntimeError("as it was told")

    monkeypatch.setattr(dispatch, "handlers_of", lambda _kind: (*handlers, refuse_one))

    assert dispatch.react_together(reactions)

    rows = Reaction.objects.filter(subject_kind="ticket").order_by("seq")
    states = rows.values_list("state", "attempts")
    assert list(states) == [("done", 0), ("pending", 1), ("done", 0)]
    assert OutgoingMessage.objects.count() == 2
    assert Clock.objects.count() == 4


def test_what_another_has_worked_off_meanwhile_is_left_out(town: Town) -> None:
    reactions = arrive_from(town, "anna", "bert", "clara")
    dispatch.react(reactions[0])

    assert dispatch.react_together(reactions)
    assert not dispatch.react_together(reactions)

    assert OutgoingMessage.objects.count() == 3
    assert Clock.objects.count() == 6


@pytest.mark.parametrize("count", [3, 9])
def test_events_worked_off_together_take_so_many_statements(town: Town, count: int) -> None:
    arrive_from(town, "somebody")
    reactions = arrive_from(town, *(f"person{number}" for number in range(count)))

    with statements() as sent:
        dispatch.react_together(reactions)

    is_postgres = connection.vendor == "postgresql"
    assert sent.total() == (TO_REACT_TO_ANY_NUMBER if is_postgres else TAKEN + FOR_EACH * count)
    assert OutgoingMessage.objects.count() == count
