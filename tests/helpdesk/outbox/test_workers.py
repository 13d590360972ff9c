import time

import pytest

from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.tasks import deliver_due
from helpdesk.outbox.workers import request_stop, wait_idle
from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]


def states() -> set[str]:
    return set(OutgoingMessage.objects.values_list("state", flat=True))


def test_deliver_due_returns_at_once_and_delivers_all_exactly_once(smtp_server: SmtpSink) -> None:
    sender = make_sender(port=smtp_server.port)
    messages = [queue(sender, number) for number in range(20)]

    deliver_due()
    deliver_due()
    assert wait_idle(10)

    contents = [mail.content for mail in smtp_server.wait_for(20)]
    assert all(
        sum(message.message_id.encode() in content for content in contents) == 1
        for message in messages
    )
    assert states() == {MessageState.SENT}


def test_a_hanging_server_holds_up_only_its_own_sender(smtp_server: SmtpSink) -> None:
    with smtp_sink() as slow:
        slow.hang("MAIL", seconds=1, times=2)
        hanging = make_sender(port=slow.port)
        healthy = make_sender(port=smtp_server.port, email="other@stadt.example")
        for number in range(3):
            queue(hanging, number)
            queue(healthy, 10 + number)
        begin = time.monotonic()

        deliver_due()
        smtp_server.wait_for(3, seconds=2)

        assert time.monotonic() - begin < 2
        assert slow.mails == []
        assert wait_idle(10)


def test_request_stop_starts_nothing_further_and_ends_soon(smtp_server: SmtpSink) -> None:
    sender = make_sender(port=smtp_server.port)
    smtp_server.hang("RCPT", seconds=0.2, times=9)
    for number in range(5):
        queue(sender, number)
    deliver_due()
    time.sleep(0.1)

    request_stop()

    assert wait_idle(2)
    assert smtp_server.mails == []
    assert states() == {MessageState.QUEUED}
    deliver_due()
    assert wait_idle(1)
    assert smtp_server.mails == []
