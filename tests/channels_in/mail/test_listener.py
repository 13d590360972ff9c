"""The built-in listener, spoken to by the standard library's clients."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from channels_in.limits import MAX_MAIL_BYTES
from channels_in.mail import listener as listening
from channels_in.mail.listener import Listener
from channels_in.models import Account, RawMessage
from tests.channels_in.making import mail, make_account
from tests.factories.house import House, make_house

pytestmark = pytest.mark.django_db(transaction=True)
TO = "tiefbau@musterstadt.example"
WASTE = "abfall@musterstadt.example"


@pytest.fixture
def house(transactional_db: None) -> House:
    del transactional_db
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


@pytest.fixture
def port() -> Iterator[int]:
    server = Listener("127.0.0.1", 0)
    yield server.start()
    server.stop()


def test_listener_keeps_the_bytes_before_it_answers(account: Account, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("clara@example.org", [TO], mail())

    row = RawMessage.objects.get()
    assert (row.account, bytes(row.body or b"")) == (account, mail())
    assert (row.envelope_from, row.envelope_to) == ("clara@example.org", [TO])


@pytest.mark.parametrize("written", ["", "<>"])
def test_listener_keeps_the_null_sender(account: Account, port: int, written: str) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail(written, [account.address], mail())

    assert RawMessage.objects.get().envelope_from == ""


def test_listener_refuses_an_unknown_recipient_and_takes_the_other(
    account: Account, port: int
) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        refused = client.sendmail("c@example.org", ["nobody@example.org", account.address], mail())

    assert refused["nobody@example.org"][0] == 550
    assert RawMessage.objects.get().envelope_to == [account.address]


@pytest.mark.usefixtures("account")
def test_listener_keeps_one_mail_for_each_account(house: House, port: int) -> None:
    make_account(house, address=WASTE)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("c@example.org", [TO, WASTE], mail())

    assert RawMessage.objects.count() == 2


def test_listener_asks_to_try_again_when_it_could_not_keep(
    account: Account, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        with monkeypatch.context() as patch:
            patch.setattr("helpdesk.files.store.free_bytes", lambda: 0)
            with pytest.raises(smtplib.SMTPDataError) as caught:
                client.sendmail("c@example.org", [account.address], mail())
        assert caught.value.smtp_code == 451
        assert RawMessage.objects.count() == 0

        client.sendmail("c@example.org", [account.address], mail())

    assert RawMessage.objects.count() == 1


def test_listener_asks_to_try_again_when_the_accounts_cannot_be_read(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(listening, "read_directory", fail)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("c@example.org")

        assert client.rcpt(TO)[0] == 451


@pytest.mark.usefixtures("account")
def test_listener_refuses_what_is_too_large_without_ending(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(MAX_MAIL_BYTES)
        with pytest.raises(smtplib.SMTPSenderRefused) as caught:
            client.sendmail("c@example.org", [TO], b"x" * (MAX_MAIL_BYTES + 1))
        assert caught.value.smtp_code == 552

        client.rset()
        client.sendmail("c@example.org", [TO], mail())

    assert RawMessage.objects.count() == 1


@pytest.mark.usefixtures("account")
def test_listener_takes_a_line_of_a_megabyte(port: int) -> None:
    raw = mail(body="x" * 2**20)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("c@example.org", [TO], raw)

    assert RawMessage.objects.get().size == len(raw)


@pytest.mark.usefixtures("account")
def test_listener_refuses_a_mail_that_goes_in_circles(port: int) -> None:
    raw = mail(headers="Received: from a by b\r\n" * 101)
    with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPDataError) as caught:
        client.sendmail("c@example.org", [TO], raw)

    assert caught.value.smtp_code == 554


@pytest.mark.usefixtures("account")
def test_listener_takes_addresses_beyond_ascii(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("jörg@example.org", [TO], mail(), mail_options=["SMTPUTF8"])

    assert RawMessage.objects.get().envelope_from == "jörg@example.org"


@pytest.mark.usefixtures("account")
def test_listener_answers_lmtp_once_a_recipient(house: House, port: int) -> None:
    make_account(house, address=WASTE)
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("c@example.org")
        assert [client.rcpt(address)[0] for address in (TO, WASTE, "x@y.example")] == [
            250,
            250,
            550,
        ]
        first = client.data(mail())
        second = client.getreply()

    assert (first[0], second[0]) == (250, 250)
    assert RawMessage.objects.count() == 2


def test_listener_says_that_its_port_is_taken(port: int) -> None:
    other = Listener("127.0.0.1", port)

    with pytest.raises(OSError, match="already in use"):
        other.start()
    other.stop()


def test_listener_stops_with_a_client_in_the_middle() -> None:
    server = Listener("127.0.0.1", 0)
    with socket.create_connection(("127.0.0.1", server.start())) as client:
        client.recv(100)

        server.stop()

        assert client.recv(100) == b""
