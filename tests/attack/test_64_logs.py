"""Attack case 64, ways of mail: no secret reaches a log, and no name forges a line of it."""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from channels_in import process
from channels_in.mail import lease
from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetchers import server_of
from channels_in.mail.mailbox import MailboxError
from channels_in.models import Account
from channels_in.probe import probe_mailbox
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.models import Grant, Sender
from helpdesk.outbox.oauth import GrantError, access_token
from helpdesk.outbox.transports.choose import transport_for
from helpdesk.project.logs import Formatter
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import make_house
from tests.fakes.imap import FakeImap
from tests.fakes.smtp import SmtpSink
from tests.fakes.tokens import FakeTokens
from tests.helpdesk.outbox.test_oauth import deliver, make_grant

pytestmark = pytest.mark.django_db
SECRETS = {
    name: f"geheim-{name}-{number:04d}"
    for number, name in enumerate(("imap", "smtp", "client", "refresh", "access"), start=4711)
}
FORGED = "2026-01-01 00:00:00 ERROR forged"
WICKED = (
    f"x\r\n{FORGED}",
    f"x\n{FORGED}",
    f"x\r{FORGED}",
    "x\x1b[31mred\x1b[0m",
    "x\x00\x08\x7f\u2028y",
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any part of the product or its libraries logs, at its loudest."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Formatter("{asctime} {levelname} {name} {message}", style="{"))
    # What the test's own SMTP server says of itself is not the product's.
    handler.addFilter(lambda record: record.name != "mail.log")
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def account(imap_server: FakeImap, smtp_server: SmtpSink, token_server: FakeTokens) -> Account:
    house = make_house()
    Sender.objects.filter(pk=house.sender.pk).update(
        host=smtp_server.host,
        port=smtp_server.port,
        security="none",
        username="amt",
        password=seal(SECRETS["smtp"]),
    )
    account = make_account(
        house,
        host=imap_server.host,
        port=imap_server.port,
        password=seal(SECRETS["imap"]),
    )
    token_server.refresh_token = SECRETS["refresh"]
    token_server.mint = lambda: SECRETS["access"]
    make_grant(
        house.authority.pk,
        token_server.url,
        client_secret=SECRETS["client"],
        refresh_token=SECRETS["refresh"],
    )
    account.sender.refresh_from_db()
    return account


def stored_errors() -> str:
    rows = [*Account.objects.values_list("last_error"), *Sender.objects.values_list("last_error")]
    return repr([*rows, *Grant.objects.values_list("last_error")])


def test_no_secret_of_a_mailbox_is_logged_or_stored_in_clear(
    account: Account,
    imap_server: FakeImap,
    smtp_server: SmtpSink,
    token_server: FakeTokens,
    log: io.StringIO,
) -> None:
    grant = Grant.objects.get()
    imap_server.capabilities += " AUTH=XOAUTH2"
    for reply in (f"NO {SECRETS['imap']} is wrong", "NO no"):
        imap_server.script("LOGIN", reply)
        with pytest.raises(MailboxError) as refused:
            open_mailbox(server_of(account))
        lease.note_failure(account.pk, refused.value)
    imap_server.script("AUTHENTICATE", f"NO {SECRETS['access']} is wrong")
    with pytest.raises(MailboxError):
        open_mailbox(replace(server_of(account), token=access_token(grant.pk)))
    open_mailbox(server_of(account)).close()
    smtp_server.script("AUTH", f"535 {SECRETS['smtp']} is wrong")
    deliver(account.sender)
    probe = probe_mailbox(account)
    account.sender.grant = grant
    refused_sending = deliver(account.sender)
    token_server.script(400, f'{{"error_description": "{SECRETS["refresh"]}"}}', times=9)
    Grant.objects.update(access_token="")
    with pytest.raises(GrantError):
        access_token(grant.pk)

    seen = log.getvalue() + stored_errors() + repr(probe) + repr(refused_sending)
    seen += repr(transport_for) + repr(server_of(account)) + str(grant)
    assert [name for name, secret in SECRETS.items() if secret in seen] == []
    assert "grant" in log.getvalue()


@pytest.mark.parametrize("wicked", WICKED, ids=["crlf", "lf", "cr", "ansi", "controls"])
def test_no_name_or_subject_forges_a_line_of_the_log(
    account: Account, log: io.StringIO, wicked: str
) -> None:
    logger = logging.getLogger("channels_in")
    logger.warning("mail from %s", wicked)
    error = ValueError(wicked)
    logger.error("could not file", exc_info=(ValueError, error, None))
    row = kept(account, mail(headers=f"Subject: {wicked}\r\n"))
    process.process_raw(row.pk)

    lines = log.getvalue().splitlines()
    assert [line for line in lines if line.startswith(FORGED)] == []
    assert [char for char in log.getvalue() if ord(char) < 32 and char != "\n"] == []
    assert "\x1b" not in log.getvalue()


def test_the_protocol_of_a_mailbox_stays_unlogged_when_logging_is_configured_anew() -> None:
    protocol = logging.getLogger("imapclient.imaplib")
    protocol.disabled = False  # What logging.config does to loggers that it was not told of.

    assert not protocol.filter(
        protocol.makeRecord("", logging.DEBUG, "", 0, "LOGIN geheim", (), None)
    )
