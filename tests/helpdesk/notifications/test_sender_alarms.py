"""A sender by whom nothing leaves is told of by another one: after an hour, then once a day."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from helpdesk.notifications.sender_alarms import raise_alarms
from helpdesk.outbox.models import OutgoingMessage, Sender
from tests.factories.house import House, make_administrator, make_house
from tests.fakes.clock import clock_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db: None) -> House:
    del db
    house = make_house()
    make_administrator(house.authority)
    return house


def other_sender(house: House) -> Sender:
    return Sender.objects.create(
        authority=house.authority, name="Amt", email="amt@musterstadt.example", host="127.0.0.1"
    )


def fail(sender: Sender, since: datetime) -> None:
    Sender.objects.filter(pk=sender.pk).update(
        failing_since=since, last_error="no reply within 30 s"
    )


def alarms() -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(kind="sender_alarm").order_by("pk"))


def test_alarm_comes_after_an_hour_by_a_sender_that_works_and_once_a_day(
    house: House,
) -> None:
    route, counts = other_sender(house), []

    for minutes in (59, 61):
        fail(house.sender, timezone.now() - timedelta(minutes=minutes))
        counts += [raise_alarms(), raise_alarms()]
    with clock_at(timezone.now() + timedelta(hours=24)):
        counts += [raise_alarms(), raise_alarms()]

    assert counts == [0, 0, 1, 0, 1, 0]
    told = alarms()[0]
    assert told.sender == route
    assert house.sender.email in told.text
    assert "no reply within 30 s" in told.text
    assert told.is_automatic


def test_alarm_is_left_to_the_desk_where_no_other_sender_works(house: House) -> None:
    other = other_sender(house)
    for sender in (house.sender, other):
        fail(sender, timezone.now() - timedelta(hours=2))

    assert raise_alarms() == 0
    assert alarms() == []
