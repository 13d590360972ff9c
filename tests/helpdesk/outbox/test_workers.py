from dataclasses import replace

import pytest
from django.db import connection
from pytest_django import Settings

from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.tasks import deliver_due
from helpdesk.outbox.transports.base import (
    Gate,
    PreparedMessage,
    Result,
    Stage,
    Verdict,
    same_for_all,
)
from helpdesk.outbox.workers import request_stop, wait_idle
from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.helpdesk.outbox.conftest import PATIENT
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]


def states() -> set[str]:
    return set(OutgoingMessage.objects.values_list("state", flat=True))


def test_deliver_due_returns_at_once_and_delivers_all_exactly_once(smtp_server: SmtpSink) -> None:
    sender = make_sender(port=smtp_server.port)
    messages = [queue(sender, number) for number in range(20)]

    deliver_due()
    deliver_due()
    assert wait_idle(60)

    contents = [mail.content for mail in smtp_server.wait_for(20)]
    assert all(
        sum(message.message_id.encode() in content for content in contents) == 1
        for message in messages
    )
    assert states() == {MessageState.SENT}


def test_a_hanging_server_holds_up_only_its_own_sender(
    smtp_server: SmtpSink, settings: Settings
) -> None:
    settings.OUTBOX_TIMEOUTS = replace(PATIENT, command=120)
    with smtp_sink() as slow:
        hangs = slow.hold("MAIL", times=3)
        hanging = make_sender(port=slow.port)
        healthy = make_sender(port=smtp_server.port, email="other@stadt.example")
        for number in range(3):
            queue(hanging, number)
            queue(healthy, 10 + number)

        deliver_due()
        smtp_server.wait_for(3, seconds=60)

        assert slow.mails == []
        hangs.let_go()
        assert wait_idle(60)
        assert len(slow.mails) == 3


class Watching:
    """Takes every message, and notes whether a connection to the database is held meanwhile."""

    def __init__(self) -> None:
        self.held: list[bool] = []

    def deliver(self, message: PreparedMessage, *, gate: Gate) -> Result:
        self.held.append(connection.connection is not None)
        gate()
        self.held.append(connection.connection is not None)
        return Result(same_for_all(message, Verdict.ACCEPTED, "250 OK"), Stage.DONE)

    def close(self) -> None:
        """Note it for the goodbye, too."""
        self.held.append(connection.connection is not None)


def test_who_waits_for_a_server_holds_no_connection_that_a_page_may_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watching = Watching()
    monkeypatch.setattr("helpdesk.outbox.deliver.transport_for", lambda _sender: watching)
    queue(make_sender())

    deliver_waiting()

    # SQLite has one for each thread, and opening its file costs more.
    assert watching.held == [connection.vendor == "sqlite"] * 3
    assert states() == {MessageState.SENT}


def test_request_stop_starts_nothing_further_and_ends_soon(smtp_server: SmtpSink) -> None:
    sender = make_sender(port=smtp_server.port)
    hangs = smtp_server.hold("RCPT", times=9)
    for number in range(5):
        queue(sender, number)
    deliver_due()
    assert hangs.reached.wait(60)

    request_stop()
    hangs.let_go()

    assert wait_idle(60)
    assert smtp_server.mails == []
    assert states() == {MessageState.QUEUED}
    deliver_due()
    assert wait_idle(60)
    assert smtp_server.mails == []
