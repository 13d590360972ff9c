"""Writing facts."""

import pytest
from django.db import transaction

from helpdesk.events.models import Event, EventPayload, Unsealed
from helpdesk.events.publish import SYSTEM, Actor, Fact, payload_digest, publish

FACT = Fact("ticket.created", "ticket", 7, 1, {"team_id": 3}, {"name": "Erika Muster"}, 5)


@pytest.mark.django_db
def test_publish_writes_event_payload_and_queue_row() -> None:
    event = publish(fact=FACT, actor=Actor("user", 9))

    stored = Event.objects.get()
    assert stored == event
    assert (stored.kind, stored.subject_kind, stored.subject_id) == ("ticket.created", "ticket", 7)
    assert (stored.actor_kind, stored.actor_id, stored.authority_id) == ("user", 9, 1)
    assert (stored.data, stored.cause_id) == ({"team_id": 3}, 5)
    assert stored.payload.data == {"name": "Erika Muster"}
    assert stored.payload_digest == payload_digest(stored.payload.salt, stored.payload.data)
    assert Unsealed.objects.get().event_id == event.id


@pytest.mark.django_db
def test_publish_without_personal_values_writes_no_payload() -> None:
    event = publish(fact=Fact("ticket.renamed", "ticket", 7, 1), actor=SYSTEM)

    assert event.payload_digest == ""
    assert EventPayload.objects.count() == 0


@pytest.mark.django_db
def test_publish_salts_equal_payloads_differently() -> None:
    first = publish(fact=FACT, actor=SYSTEM)
    second = publish(fact=FACT, actor=SYSTEM)

    assert first.payload_digest != second.payload_digest


@pytest.mark.django_db(transaction=True)
def test_publish_refuses_to_run_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        publish(fact=FACT, actor=SYSTEM)

    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_publish_leaves_nothing_when_the_change_rolls_back() -> None:
    with transaction.atomic():
        publish(fact=FACT, actor=SYSTEM)
        transaction.set_rollback(True)

    assert (Event.objects.count(), Unsealed.objects.count()) == (0, 0)
