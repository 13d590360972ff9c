"""Accounts and mails for the tests of the ways in."""

from datetime import UTC, datetime
from typing import Any

from channels_in.models import Account, RawMessage
from channels_in.store import keep
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.models import Security
from tests.factories.house import House
from tests.servers.dovecot import PASSWORD

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def make_account(house: House, **values: Any) -> Account:
    """Return the mailbox of the roads team."""
    defaults: dict[str, Any] = {
        "authority": house.authority,
        "team": house.roads,
        "sender": house.sender,
        "kind": Account.Kind.IMAP,
        "name": "Tiefbau",
        "address": "tiefbau@musterstadt.example",
        "host": "127.0.0.1",
        "port": 143,
        "security": Security.NONE,
        "username": "tiefbau",
        "password": seal(PASSWORD),
    }
    return Account.objects.create(**(defaults | values))


def mail(number: int = 1, *, headers: str = "", body: str = "Ein tiefes Loch.") -> bytes:
    """Return a citizen's plain mail; ``headers`` are whole lines that go before the others."""
    return (
        f"{headers}"
        "From: Clara Citizen <clara@example.org>\r\n"
        "To: tiefbau@musterstadt.example\r\n"
        f"Subject: Schlagloch {number}\r\n"
        f"Message-ID: <{number}@example.org>\r\n"
        "Date: Wed, 18 Nov 2026 12:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
        "\r\n"
        f"{body}\r\n"
    ).encode()


def kept(account: Account, raw: bytes, **values: Any) -> RawMessage:
    """Keep a mail and return its row."""
    row, _is_new = keep(account=account, raw=raw, received_at=NOON, **values)
    return row
