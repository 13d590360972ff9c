"""A real mail server, an Exim, hands mail to the built-in listener by LMTP and SMTP."""

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from pytest_django import Settings

from channels_in.mail.listener import Listener
from channels_in.models import Account, RawMessage
from channels_in.process import process_raw
from helpdesk.outbox.deliver import deliver_waiting
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.tickets.models import Article
from tests.channels_in.making import mail, make_account
from tests.factories.house import House, make_house
from tests.servers.base import wait_until
from tests.servers.exim import Exim, Protocol

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.exim]
Start = Callable[[int, Protocol], Exim]


@pytest.fixture
def house(transactional_db: None, settings: Settings) -> House:
    del transactional_db
    settings.DEMO = False
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


@pytest.fixture
def port() -> Iterator[int]:
    server = Listener("127.0.0.1", 0)
    yield server.start()
    server.stop()


@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_what_a_real_server_hands_over_becomes_a_request(
    account: Account, port: int, exim_to: Start, protocol: Protocol
) -> None:
    server = exim_to(port, protocol)

    server.send("clara@example.org", [account.address], mail(7, body=".\r\nEin tiefes Loch."))

    server.wait_until_empty()
    row = RawMessage.objects.get()
    process_raw(row.pk)
    assert (row.envelope_from, row.envelope_to) == ("clara@example.org", [account.address])
    assert bytes(row.body or b"").startswith(b"Received: from ")
    assert Article.objects.get().text == ".\nEin tiefes Loch."


def test_what_a_real_server_sends_back_is_tied_to_the_message_it_is_about(
    account: Account, house: House, port: int, exim_to: Start
) -> None:
    server = exim_to(port, "lmtp")
    house.sender.port = server.port
    house.sender.save()
    letter = Letter(
        sender=house.sender,
        kind="answer",
        idempotency_key="answer:1",
        subject="Antwort",
        text="Wir kommen.",
        recipients=(Address("returned.erika@example.org"),),
        scope="t1",
    )
    with transaction.atomic():
        message = queue_message(letter=letter)

    deliver_waiting()

    assert wait_until(RawMessage.objects.exists), server.log()
    report = RawMessage.objects.get()
    process_raw(report.pk)
    report.refresh_from_db()
    assert (report.envelope_from, report.account) == ("", account)
    assert Recipient.objects.get(message=message).state == Recipient.State.BOUNCED
    assert OutgoingMessage.objects.get().state == "sent"
