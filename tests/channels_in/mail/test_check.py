"""The connection test of the way in: plain sentences first, the server's words as a quote."""

from collections.abc import Iterator
from imaplib import IMAP4

import pytest
from django.utils import translation

from channels_in.mail.check import check_mailbox
from channels_in.mail.connect import _words
from channels_in.mail.mailbox import Server
from helpdesk.outbox.check import Step
from tests.channels_in.mail.visits import impatient_at
from tests.fakes.imap import FakeImap
from tests.servers.base import free_port


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def server(port: int, host: str = "127.0.0.1", security: str = "none") -> Server:
    return Server(host, port, security, "info", "geheim-1")


def failed(found: Server, folder: str = "INBOX") -> Step:
    return next(step for step in check_mailbox(found, folder=folder).steps if step.is_ok is False)


def test_a_login_that_is_refused_is_explained_and_quoted(imap_server: FakeImap) -> None:
    imap_server.script("LOGIN", "NO [AUTHENTICATIONFAILED] Computer says no")

    with translation.override("de"):
        step = failed(server(imap_server.port))

    assert step.key == "login"
    assert step.words.startswith("Der Server lehnt die Anmeldung ab.")
    assert "Computer says no" in step.quote
    assert "Computer says no" not in step.words


def test_a_folder_that_is_refused_is_explained_and_quoted(imap_server: FakeImap) -> None:
    imap_server.script("SELECT", "NO Mailbox is away")

    step = failed(server(imap_server.port))

    assert step.key == "folder"
    assert step.words.startswith("The folder is not there or may not be opened.")
    assert "Mailbox is away" in step.quote


def test_a_folder_that_may_be_read_alone_is_told_apart(imap_server: FakeImap) -> None:
    imap_server.is_readonly = True

    found = check_mailbox(server(imap_server.port), folder="INBOX")

    step = next(step for step in found.steps if not step.is_ok)
    assert [step.is_ok for step in found.steps] == [True] * 5 + [False]
    assert step.words.startswith("The folder may be read but not changed")
    assert step.quote == "read-only: INBOX"


def test_a_server_that_falls_silent_is_told(
    imap_server: FakeImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient_at(monkeypatch, "select_folder")
    hangs = imap_server.hold("SELECT")

    step = failed(server(imap_server.port))

    hangs.let_go()
    assert (step.key, step.quote) == ("folder", "")
    assert step.words.startswith("The server stopped answering.")


def test_a_server_that_hangs_up_is_told(imap_server: FakeImap) -> None:
    imap_server.script("LOGIN", close=True)

    assert failed(server(imap_server.port)).key == "login"


@pytest.mark.parametrize(
    "found, key, words",
    [
        (server(993, host="no-such-host.invalid"), "dns", "No server of this name was found."),
        (server(free_port()), "tcp", "Nobody answers at this port."),
    ],
)
def test_a_server_that_is_not_there_is_told(found: Server, key: str, words: str) -> None:
    step = failed(found)

    assert step.key == key
    assert step.words.startswith(words)


def test_the_wrong_kind_of_encryption_is_told(imap_server: FakeImap) -> None:
    at_once = failed(server(imap_server.port, security="tls"))
    later = failed(server(imap_server.port, security="starttls"))

    assert (at_once.key, later.key) == ("tls", "tls")
    assert at_once.words.startswith("At this port the server does not speak the encryption")
    assert later.words.startswith("The server refuses encryption.")


def test_words_of_a_server_stand_without_the_marks_of_bytes() -> None:
    shown = [
        _words(IMAP4.error("b'[AUTHENTICATIONFAILED] Authentication failed.'")),
        _words(IMAP4.error(b"[UNAVAILABLE] Come back later.")),
        _words(OSError("nobody's there")),
    ]

    assert shown == [
        "[AUTHENTICATIONFAILED] Authentication failed.",
        "[UNAVAILABLE] Come back later.",
        "nobody's there",
    ]
