"""IDLE is a wake-up and nothing else: whatever the server does with it, fetching goes on."""

import time

import pytest

from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetchers import Fetcher, Timing
from channels_in.mail.mailbox import (
    LostConnectionError,
    Mailbox,
    MailboxError,
    RefusedError,
    Server,
)
from tests.channels_in.mail.visits import impatient_at
from tests.fakes.imap import FakeImap


@pytest.fixture
def mailbox(imap_server: FakeImap) -> Mailbox:
    found = open_mailbox(Server(imap_server.host, imap_server.port, "none", "x", "y"))
    found.select("INBOX")
    return found


def wait(mailbox: Mailbox, seconds: float = 20) -> tuple[bool, float]:
    began = time.monotonic()
    try:
        return mailbox.idle(seconds, lambda: False), time.monotonic() - began
    finally:
        mailbox.close()


def test_idle_ends_with_news(imap_server: FakeImap, mailbox: Mailbox) -> None:
    imap_server.idle_says = "* 1 EXISTS"

    has_news, took = wait(mailbox)

    assert has_news
    assert took < 20


def test_idle_ends_with_a_farewell_of_the_server(imap_server: FakeImap, mailbox: Mailbox) -> None:
    imap_server.idle_says, imap_server.idle_ends = "* BYE going down", True

    with pytest.raises(LostConnectionError):
        wait(mailbox)


def test_idle_ends_with_a_line_that_is_cut(imap_server: FakeImap, mailbox: Mailbox) -> None:
    imap_server.idle_ends = True

    with pytest.raises(LostConnectionError):
        wait(mailbox)


def test_idle_that_the_server_does_not_end_is_given_up(
    imap_server: FakeImap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient_at(monkeypatch, "idle_done")
    hangs = imap_server.hold("DONE")

    with pytest.raises(LostConnectionError):
        wait(mailbox, seconds=0.2)

    assert hangs.reached.is_set()
    assert not hangs.is_over.is_set()
    hangs.let_go()


def test_idle_at_a_server_without_it_is_a_pause(imap_server: FakeImap, mailbox: Mailbox) -> None:
    imap_server.capabilities = "IMAP4rev1"
    mailbox._client._cached_capabilities = None  # type: ignore[attr-defined] # as after a new login

    has_news, took = wait(mailbox, seconds=0.2)

    assert (has_news, took >= 0.2) == (False, True)
    assert "IDLE" not in imap_server.commands


@pytest.mark.parametrize(
    "reply, error", [("NO not now", RefusedError), ("", LostConnectionError)], ids=["no", "cut"]
)
def test_a_server_that_fails_when_it_is_asked_what_it_can_do_is_a_failing_mailbox(
    imap_server: FakeImap, mailbox: Mailbox, reply: str, error: type[MailboxError]
) -> None:
    mailbox._client._cached_capabilities = None  # type: ignore[attr-defined] # as after a new login
    imap_server.script("CAPABILITY", reply, close=not reply)

    with pytest.raises(error):
        wait(mailbox, seconds=0.2)


def test_idle_is_renewed_and_the_mailbox_looked_at_within_five_minutes() -> None:
    timing = Timing()

    # Below the nine minutes after which servers cut it (mail.md 14).
    assert timing.poll <= 300
    assert (timing.first_pause, timing.longest_pause) == (5, 900)


def test_pauses_after_failures_grow_from_five_seconds_to_fifteen_minutes() -> None:
    fetcher = Fetcher(1, "one", Timing())
    spans = []

    for failures in (1, 2, 20):
        fetcher.failures = failures
        pauses = [fetcher.pause() for _draw in range(200)]
        spans.append((min(pauses), max(pauses)))

    (first, later, last) = spans
    assert 5 <= first[0] < first[1] <= 7.5
    assert 10 <= later[0] < later[1] <= 15
    assert last == (900, 900)
