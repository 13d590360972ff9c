"""Each private server starts, answers as the real thing, and ends."""

import smtplib
import ssl
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import redis
from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from playwright.sync_api import Browser

from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.servers.base import MissingProgramError, ServerStartError, find_program, served
from tests.servers.certificate import make_certificate
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: one\r\n\r\n.dot\r\n"


def test_find_program_names_the_package_of_a_missing_one() -> None:
    with pytest.raises(MissingProgramError, match="install the package no-such-package"):
        find_program("no-such-program", package="no-such-package")


def test_served_reports_what_a_failing_server_said(tmp_path: Path) -> None:
    stack = ExitStack()
    command = ["sh", "-c", "echo port is in use; exit 3"]

    with pytest.raises(ServerStartError, match=r"\(3\):\nport is in use"):
        stack.enter_context(served(command, ready=lambda: False, log=tmp_path / "log"))


@pytest.mark.postgres
def test_postgres_serves_databases_on_its_socket(postgres_server: Postgres) -> None:
    url = postgres_server.create_database("servers_test")

    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_database()").fetchone()

    assert row == ("servers_test",)
    assert postgres_server.version().startswith("PostgreSQL ")


@pytest.mark.redis
def test_redis_answers_on_port_and_socket(redis_server: Redis) -> None:
    with redis.Redis.from_url(redis_server.url) as by_port:
        by_port.set("key", "value")

    with redis.Redis.from_url(redis_server.socket_url) as by_socket:
        assert by_socket.get("key") == b"value"


@pytest.mark.dovecot
def test_dovecot_serves_what_was_delivered_and_shows_flags(dovecot_server: Dovecot) -> None:
    dovecot_server.deliver("servers@example.org", MAIL)
    with dovecot_server.client("servers@example.org") as client:
        client.select_folder("INBOX")
        fetched = client.fetch(client.search(), [b"BODY.PEEK[]"])
        client.add_flags(list(fetched), [b"\\Seen"])

    assert [mail[b"BODY[]"] for mail in fetched.values()] == [MAIL]
    (stored,) = dovecot_server.mails("servers@example.org")
    assert (stored.content, stored.flags) == (MAIL, frozenset({"\\Seen"}))


@pytest.mark.dovecot
def test_dovecot_moves_between_folders(dovecot_server: Dovecot) -> None:
    dovecot_server.deliver("mover@example.org", MAIL)
    with dovecot_server.client("mover@example.org") as client:
        client.select_folder("INBOX")
        client.move(client.search(), "Archive")

    assert dovecot_server.mails("mover@example.org") == []
    assert len(dovecot_server.mails("mover@example.org", folder="Archive")) == 1


@pytest.mark.dovecot
def test_dovecot_accepts_valid_tokens_and_refuses_expired_ones(dovecot_server: Dovecot) -> None:
    user = "token@example.org"
    with IMAPClient(dovecot_server.host, dovecot_server.port, ssl=False) as client:
        client.oauth2_login(user, dovecot_server.access_token(user))

    with IMAPClient(dovecot_server.host, dovecot_server.port, ssl=False) as client:
        expired = dovecot_server.access_token(user, seconds=-60)
        with pytest.raises(LoginError):
            client.oauth2_login(user, expired)


@pytest.mark.dovecot
def test_dovecot_speaks_tls_with_its_own_certificate(dovecot_server: Dovecot) -> None:
    trusting = ssl.create_default_context(cafile=str(dovecot_server.certificate.certificate))
    with IMAPClient("127.0.0.1", dovecot_server.tls_port, ssl_context=trusting) as client:
        client.login("tls@example.org", PASSWORD)
        client.logout()

    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("127.0.0.1", dovecot_server.tls_port)


def test_chromium_opens_a_page(browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()

    page.set_content("<title>Anliegen</title>")

    assert page.title() == "Anliegen"
    context.close()


def _send(sink: SmtpSink, recipients: list[str]) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(sink.host, sink.port, timeout=5) as client:
        return client.sendmail("a@example.org", recipients, MAIL)


def test_smtp_sink_keeps_envelope_and_bytes(smtp_server: SmtpSink) -> None:
    refused = _send(smtp_server, ["b@example.org", "c@example.org"])

    (mail,) = smtp_server.wait_for(1)
    assert refused == {}
    assert mail.sender == "a@example.org"
    assert mail.recipients == ("b@example.org", "c@example.org")
    assert mail.content == MAIL


def test_smtp_sink_refuses_one_recipient_and_takes_the_other(smtp_server: SmtpSink) -> None:
    smtp_server.script("RCPT", "550 5.1.1 No such user", match="gone@")

    refused = _send(smtp_server, ["gone@example.org", "here@example.org"])

    assert refused == {"gone@example.org": (550, b"5.1.1 No such user")}
    assert smtp_server.wait_for(1)[0].recipients == ("here@example.org",)


@pytest.mark.parametrize(
    "stage,reply,error",
    [
        ("BANNER", "554 5.3.2 Not today", smtplib.SMTPConnectError),
        ("EHLO", "421 4.3.2 Shutting down", smtplib.SMTPHeloError),
        ("MAIL", "451 4.3.0 Try later", smtplib.SMTPSenderRefused),
        ("RCPT", "452 4.2.2 Full", smtplib.SMTPRecipientsRefused),
        ("DATA", "451 4.3.0 Try later", smtplib.SMTPDataError),
        ("DOT", "554 5.7.1 Refused", smtplib.SMTPDataError),
    ],
)
def test_smtp_sink_answers_as_scripted(
    smtp_server: SmtpSink, stage: str, reply: str, error: type[Exception]
) -> None:
    smtp_server.script(stage, reply, times=2)

    with pytest.raises(error, match=reply.partition(" ")[2].split()[-1]):
        _send(smtp_server, ["b@example.org"])

    assert smtp_server.mails == []


@pytest.mark.parametrize("stage", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_smtp_sink_hangs_up_as_scripted(smtp_server: SmtpSink, stage: str) -> None:
    smtp_server.script(stage, close=True, times=2)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        _send(smtp_server, ["b@example.org"])

    assert smtp_server.mails == []


@pytest.mark.parametrize("keep", [True, False])
def test_smtp_sink_drops_after_the_dot(smtp_server: SmtpSink, *, keep: bool) -> None:
    smtp_server.drop_after_dot(keep=keep)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(smtp_server, ["b@example.org"])

    assert len(smtp_server.mails) == int(keep)


def test_smtp_sink_demands_login_behind_starttls(tmp_path: Path) -> None:
    pair = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(pair.certificate))
    login = ("town", "secret")
    with (
        smtp_sink(login=login, tls="starttls", certificate=pair) as sink,
        smtplib.SMTP(sink.host, sink.port, timeout=5) as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
            client.sendmail("a@example.org", ["b@example.org"], MAIL)
        client.starttls(context=trusting)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("town", "wrong")
        client.login(*login)
        client.sendmail("a@example.org", ["b@example.org"], MAIL)

        (mail,) = sink.wait_for(1)

    assert (mail.login, mail.encrypted) == ("town", True)


def test_smtp_sink_encrypts_from_the_first_byte(tmp_path: Path) -> None:
    pair = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(pair.certificate))
    with smtp_sink(tls="implicit", certificate=pair) as sink:
        with smtplib.SMTP_SSL(sink.host, sink.port, timeout=5, context=trusting) as client:
            client.sendmail("a@example.org", ["b@example.org"], MAIL)

        assert sink.wait_for(1)[0].encrypted
