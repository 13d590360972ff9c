import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpdesk.outbox.check import Step, check_sender
from helpdesk.outbox.identity import is_own_loop_mark
from helpdesk.outbox.models import Security
from helpdesk.outbox.transports.server import Server
from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.helpdesk.outbox.conftest import PATIENT, SHORT
from tests.servers.base import free_port
from tests.servers.certificate import Certificate


def server(port: int, **values: str) -> Server:
    defaults = {"host": "localhost", "security": Security.NONE.value}
    return Server(port=port, timeouts=PATIENT, **(defaults | values))


def outcome(steps: list[Step]) -> list[tuple[str, bool | None]]:
    return [(step.key, step.is_ok) for step in steps]


def failure(steps: list[Step]) -> str:
    return next(step.words for step in steps if step.is_ok is False)


@pytest.fixture
def secured(certificate: Certificate) -> Iterator[SmtpSink]:
    with smtp_sink(login=("amt", "right"), tls="starttls", certificate=certificate) as sink:
        yield sink


def test_check_sends_itself_a_mail(secured: SmtpSink) -> None:
    steps = check_sender(
        server(secured.port, security=Security.STARTTLS, username="amt", password="right"),
        address="amt@stadt.example",
        authority_id=7,
    )

    assert outcome(steps) == [
        ("dns", True),
        ("connect", True),
        ("banner", True),
        ("tls", True),
        ("login", True),
        ("done", True),
    ]
    mail = secured.wait_for(1)[0]
    assert mail.recipients == ("amt@stadt.example",)
    mark = mail.content.partition(b"X-Anliegen-Loop: ")[2].partition(b"\r\n")[0]
    assert is_own_loop_mark(mark.decode())


def test_check_tells_a_wrong_password_and_never_shows_it(secured: SmtpSink) -> None:
    steps = check_sender(
        server(secured.port, security=Security.STARTTLS, username="amt", password="wr0ng-one")
    )

    assert outcome(steps)[-2:] == [("tls", True), ("login", False)]
    assert "535" in failure(steps)
    assert "wr0ng-one" not in repr(steps)


def test_check_tells_an_unknown_host() -> None:
    steps = check_sender(server(25, host="no-such-host.invalid", security=Security.TLS))

    assert outcome(steps) == [("dns", False), ("connect", None), ("tls", None), ("banner", None)]


def test_check_tells_a_closed_port() -> None:
    steps = check_sender(server(free_port()))

    assert outcome(steps) == [("dns", True), ("connect", False), ("banner", None)]


def test_check_tells_a_server_that_is_none_of_mail() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        steps = check_sender(replace(server(port, host="127.0.0.1"), timeouts=SHORT))

    assert outcome(steps) == [("dns", True), ("connect", True), ("banner", False)]


def test_check_tells_a_server_without_starttls(smtp_server: SmtpSink) -> None:
    steps = check_sender(server(smtp_server.port, security=Security.STARTTLS, username="amt"))

    assert outcome(steps)[-2:] == [("tls", False), ("login", None)]


def test_check_refuses_plain_text_to_another_machine() -> None:
    steps = check_sender(server(25, host="mail.example.org"))

    assert [step.is_ok for step in steps] == [False, None, None]
    assert "only a server on this machine" in failure(steps)


def test_check_tells_a_refused_sender_address(smtp_server: SmtpSink) -> None:
    smtp_server.script("MAIL", "550 not yours")

    steps = check_sender(server(smtp_server.port), address="amt@stadt.example")

    assert outcome(steps)[-1] == ("done", False)
    assert "550 not yours" in failure(steps)
