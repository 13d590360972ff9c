"""Passes over a mailbox that a test steers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from imapclient import IMAPClient

from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetch import Counts, Memory, Visit, fetch_pass
from channels_in.mail.fetchers import server_of
from channels_in.mail.mailbox import Mailbox
from channels_in.models import Account


@contextmanager
def visiting(account: Account) -> Iterator[Mailbox]:
    """Lend a connection to the account's server."""
    mailbox = open_mailbox(server_of(account))
    try:
        yield mailbox
    finally:
        mailbox.close()


def impatient_at(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Let the client hardly wait for the answer to this command, and for any other as ever."""
    ask = getattr(IMAPClient, command)

    def in_haste(client: IMAPClient, *arguments: object, **named: object) -> object:
        client.socket().settimeout(0.2)
        return ask(client, *arguments, **named)

    monkeypatch.setattr(IMAPClient, command, in_haste)


def go_on() -> None:
    """Let the pass go on."""


def one_pass(
    account: Account,
    *,
    memory: Memory | None = None,
    full: bool = True,
    check: Callable[[], None] = go_on,
    apart: bool = False,
) -> Counts:
    """Connect, make one pass as a fetcher does, and say what it did."""
    account.refresh_from_db()
    with visiting(account) as mailbox:
        visit = Visit(account, mailbox, check, memory or Memory(), apart=apart)
        return fetch_pass(visit, full=full)
