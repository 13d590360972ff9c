"""The outbox hands over to a real mail server, an Exim, as a town hall's own would be."""

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default

import pytest

from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.queue import Address
from tests.fakes.smtp import SmtpSink
from tests.helpdesk.outbox.making import make_sender, queue
from tests.servers.exim import Exim

pytestmark = [pytest.mark.django_db, pytest.mark.exim]


def test_a_real_server_takes_the_mail_and_hands_it_on_unaltered(
    exim_to: Callable[[int], Exim], smtp_server: SmtpSink
) -> None:
    server = exim_to(smtp_server.port)
    text = ".\nGrüße aus dem Rathaus\n" + "lang " * 500
    message = queue(make_sender(port=server.port), text=text)

    deliver_waiting()

    arrived = smtp_server.wait_for(1)[0]
    found = message_from_bytes(arrived.content, policy=default)
    body = found.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == text.split()
    assert found["Message-ID"] == message.message_id
    assert arrived.sender == "amt@stadt.example"
    assert OutgoingMessage.objects.get().state == MessageState.SENT


def test_a_real_server_refuses_one_of_three_and_the_others_get_it_once(
    exim_to: Callable[[int], Exim], smtp_server: SmtpSink
) -> None:
    server = exim_to(smtp_server.port)
    wanted = ("erika@example.org", "nobody.here@example.org", "max@example.org")
    queue(make_sender(port=server.port), recipients=tuple(map(Address, wanted)))

    deliver_waiting()
    deliver_waiting()

    server.wait_until_empty()
    taken = [address for mail in smtp_server.mails for address in mail.recipients]
    assert sorted(taken) == ["erika@example.org", "max@example.org"]
    message = OutgoingMessage.objects.get()
    assert message.state == MessageState.FAILED
    assert "no such mailbox" in message.last_error


def test_a_real_server_that_is_asked_to_wait_gets_the_mail_later(
    exim_to: Callable[[int], Exim], smtp_server: SmtpSink
) -> None:
    server = exim_to(smtp_server.port)
    queue(make_sender(port=server.port), recipients=(Address("later.on@example.org"),))

    deliver_waiting()

    message = OutgoingMessage.objects.get()
    assert message.state == MessageState.QUEUED
    assert message.last_error.startswith("451 4.2.0 greylisted")
