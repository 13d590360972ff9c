"""The database's own refusal to change history."""

import pytest
from django.db import IntegrityError, connection, transaction

from helpdesk.events import guards
from helpdesk.events.models import Event, EventPayload, Seal
from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.events.sequencer import seal_batch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]


@pytest.fixture
def sealed_event(history_guards: None) -> Event:  # noqa: ARG001 - the triggers come first
    with transaction.atomic():
        event = publish(
            fact=Fact("ticket.renamed", "ticket", 1, 1, personal={"name": "A"}), actor=SYSTEM
        )
    seal_batch()
    return event


@pytest.mark.parametrize("table", guards.TABLES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {} WHERE {} = {}"])
def test_guards_refuse_to_change_or_delete_history(
    sealed_event: Event, table: str, verb: str
) -> None:
    key = "seq" if table == "events_seal" else "id"

    with pytest.raises(IntegrityError, match=guards.MESSAGE), connection.cursor() as cursor:
        cursor.execute(verb.format(table, key, key))

    assert Seal.objects.get().event == sealed_event


@pytest.mark.parametrize("table", guards.TABLES)
def test_guards_refuse_to_empty_a_table_of_history(sealed_event: Event, table: str) -> None:
    # SQLite's own way to truncate is a DELETE without a condition.
    verb = "TRUNCATE {} CASCADE" if connection.vendor == "postgresql" else "DELETE FROM {}"

    with pytest.raises(IntegrityError, match=guards.MESSAGE), connection.cursor() as cursor:
        cursor.execute(verb.format(table))

    assert Seal.objects.get().event == sealed_event


@pytest.mark.usefixtures("sealed_event")
def test_guards_refuse_the_orm_as_well() -> None:
    with pytest.raises(IntegrityError, match=guards.MESSAGE), transaction.atomic():
        Event.objects.update(kind="ticket.moved")
    with pytest.raises(IntegrityError, match=guards.MESSAGE), transaction.atomic():
        Seal.objects.all().delete()


def test_guards_let_erasure_delete_a_payload(sealed_event: Event) -> None:
    EventPayload.objects.filter(event=sealed_event).delete()

    assert EventPayload.objects.count() == 0


def test_guards_install_twice_and_remove_leave_no_trace() -> None:
    guards.install(connection)
    guards.install(connection)
    installed = guards.missing(connection)
    guards.remove(connection)

    assert installed == []
    assert len(guards.missing(connection)) == 4
