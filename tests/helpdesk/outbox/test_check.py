import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation

from helpdesk.outbox.check import Step, check_sender
from helpdesk.outbox.identity import is_own_loop_mark
from helpdesk.outbox.models import Security
from helpdesk.outbox.transports.server import Server
from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.helpdesk.outbox.conftest import PATIENT, SHORT
from tests.servers.base import free_port
from tests.servers.certificate import Certificate, make_certificate


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def server(port: int, **values: str) -> Server:
    defaults = {"host": "localhost", "security": Security.NONE.value}
    return Server(port=port, timeouts=PATIENT, **(defaults | values))  # type: ignore[arg-type] # texts alone


def outcome(steps: list[Step]) -> list[tuple[str, bool | None]]:
    return [(step.key, step.is_ok) for step in steps]


def failure(steps: list[Step]) -> str:
    return next(step.words for step in steps if step.is_ok is False)


def quoted(steps: list[Step]) -> str:
    return next(step.quote for step in steps if step.is_ok is False)


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
    assert failure(steps) == "The server refuses the login. Check user name and password."
    assert quoted(steps).startswith("535 ")
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
    assert "does not let this user send from this address" in failure(steps)
    assert quoted(steps) == "550 not yours"


def test_check_says_what_is_wrong_with_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}
    names = {"self": "localhost", "expired": "localhost", "name": "x.test"}
    for case, name in names.items():
        folder = tmp_path / case
        folder.mkdir()
        made = make_certificate(folder, name=name, expired=case == "expired")
        trusted = made.certificate if case != "self" else tmp_path / "none"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with smtp_sink(tls="implicit", certificate=made) as sink:
            steps = check_sender(server(sink.port, security=Security.TLS))
        said[case] = failure(steps).partition(".")[0], quoted(steps)

    assert said["self"] == (
        "The server made its certificate itself, so it could be anybody's",
        "self-signed certificate",
    )
    assert said["expired"] == (
        "The certificate of the server has expired",
        "certificate has expired",
    )
    assert said["name"][0] == "The certificate of the server is made out for another name"
    assert "localhost" in said["name"][1]


@pytest.mark.parametrize(
    "security, port, words",
    [
        (Security.TLS, "plain", "does not speak the encryption that is set"),
        (Security.STARTTLS, "plain", "offers no encryption at this port"),
        (Security.NONE, "closed", "Nobody answers at this port"),
    ],
)
def test_check_says_what_to_do(
    smtp_server: SmtpSink, security: Security, port: str, words: str
) -> None:
    number = smtp_server.port if port == "plain" else free_port()

    steps = check_sender(server(number, security=security))

    assert words in failure(steps)


def test_check_tells_silence_in_the_readers_language(smtp_server: SmtpSink) -> None:
    smtp_server.hold("BANNER")

    with translation.override("de"):
        steps = check_sender(replace(server(smtp_server.port), timeouts=SHORT))

    assert failure(steps).startswith("Der Server antwortet nicht mehr.")
    assert quoted(steps) == ""
