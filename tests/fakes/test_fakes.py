"""The stand-ins behave: a fetcher's commands work, scripts are used up, the clock stands."""

from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, LoginError

from tests.fakes.clock import NOON, Clock
from tests.fakes.imap import FakeImap

MAIL = b"Subject: one\r\n\r\nbody\r\n"


def _open(server: FakeImap) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=5)
    client.login("any", "any")
    return client


def test_fake_imap_serves_flags_and_moves(imap_server: FakeImap) -> None:
    first, second = imap_server.add(MAIL), imap_server.add(MAIL + b"two\r\n")

    with _open(imap_server) as client:
        selected = client.select_folder("INBOX")
        client.add_flags([first], [b"\\Seen"])
        unseen = client.search(["UNSEEN"])
        fetched = client.fetch([second], [b"BODY.PEEK[]", b"FLAGS"])
        client.move([first], "Archive")

    assert (selected[b"UIDVALIDITY"], selected[b"UIDNEXT"]) == (1, 3)
    assert unseen == [second]
    assert fetched[second][b"BODY[]"] == MAIL + b"two\r\n"
    assert [mail.uid for mail in imap_server.mails] == [second]


def test_fake_imap_idles_until_done(imap_server: FakeImap) -> None:
    with _open(imap_server) as client:
        client.select_folder("INBOX")
        client.idle()

        text, answers = client.idle_done()

    assert (text, answers) == (b"done", [])


def test_fake_imap_refuses_login_once_as_scripted(imap_server: FakeImap) -> None:
    imap_server.script("LOGIN", "NO [UNAVAILABLE] Try later")
    client = IMAPClient(imap_server.host, imap_server.port, ssl=False, timeout=5)

    with pytest.raises(LoginError, match="UNAVAILABLE"):
        client.login("any", "any")

    client.login("any", "any")
    client.logout()


def test_fake_imap_hangs_up_in_the_middle(imap_server: FakeImap) -> None:
    imap_server.add(MAIL)
    imap_server.script("FETCH", close=True)
    client = _open(imap_server)
    client.select_folder("INBOX")

    with pytest.raises(IMAPClientAbortError):
        client.fetch([1], [b"BODY.PEEK[]"])

    client.shutdown()


def test_clock_stands_until_moved(clock: Clock) -> None:
    assert datetime.now(UTC) == NOON

    clock.advance(hours=2, minutes=30)

    assert datetime.now(UTC) == datetime(2026, 3, 4, 13, 30, tzinfo=UTC)
