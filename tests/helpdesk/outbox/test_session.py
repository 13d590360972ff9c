"""What no well-behaved server does: drip, inject, speak unasked, hang while TLS begins."""

import fcntl
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

import pytest

from helpdesk.outbox.models import Security
from helpdesk.outbox.transports.base import PreparedMessage, Stage, Target, Verdict
from helpdesk.outbox.transports.mail import MailTransport
from helpdesk.outbox.transports.server import Server, SmtpError, is_loopback
from helpdesk.outbox.transports.session import Session, dot_stuffed
from helpdesk.outbox.transports.wire import _is_readable
from tests.helpdesk.outbox.conftest import PATIENT, SHORT

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """Serve one connection with ``talk`` on a free port."""

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            try:
                talk(connection)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def server(port: int, **values: str) -> Server:
    defaults = {"host": "127.0.0.1", "security": Security.NONE.value}
    return Server(port=port, timeouts=PATIENT, **(defaults | values))  # type: ignore[arg-type] # texts alone


def obey(connection: socket.socket, *replies: str) -> None:
    """Send a greeting and then one reply for each line that comes."""
    greeting, *others = replies
    connection.sendall(f"{greeting}\r\n".encode())
    for reply in others:
        connection.recv(4096)
        connection.sendall(f"{reply}\r\n".encode())


class RunningOut:
    """Patience at so many stages, and hardly any at those that follow."""

    connect = content = final = 60.0
    goodbye = 0.2

    def __init__(self, *, after: int) -> None:
        self.left = after

    @property
    def command(self) -> float:
        self.left -= 1
        return 60.0 if self.left >= 0 else 0.3


def stay_silent(connection: socket.socket) -> None:
    """Listen to whatever comes, until the other side has had enough."""
    while connection.recv(4096):
        pass


def prepared() -> PreparedMessage:
    return PreparedMessage(
        "amt@stadt.example", (Target(1, "e@example.org"),), lambda _utf8: b"Subject: x\r\n\r\nx\r\n"
    )


def refused(server: Server) -> SmtpError:
    with closing(Session(server)) as session, pytest.raises(SmtpError) as caught:
        session.open()
    return caught.value


def deliver(port: int) -> tuple[Verdict, str]:
    transport = MailTransport(server(port))
    try:
        result = transport.deliver(prepared(), gate=lambda: None)
    finally:
        transport.close()
    return result.results[0].verdict, result.reply


def test_open_gives_up_a_server_that_sends_one_byte_at_a_time() -> None:
    hung_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.settimeout(0.1)
        while not hung_up.is_set():
            # Whoever hangs up with a byte unread is noticed by an error instead of an end.
            with suppress(TimeoutError):
                try:
                    connection.sendall(b"2")
                    is_over = not connection.recv(4096)
                except ConnectionError:
                    is_over = True
                if is_over:
                    hung_up.set()

    with talking(drip) as port:
        error = refused(replace(server(port), timeouts=SHORT))
        assert hung_up.wait(60)

    assert error.stage == Stage.BANNER
    assert "no reply within" in error.text


def test_open_gives_up_a_server_whose_reply_has_no_end() -> None:
    with talking(lambda connection: connection.sendall(b"220-x\r\n" * 100_000)) as port:
        assert "does not end" in refused(server(port)).text


def test_open_refuses_what_is_not_smtp() -> None:
    with talking(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")) as port:
        assert "does not speak SMTP" in refused(server(port)).text


def test_open_refuses_what_was_injected_before_tls() -> None:
    def inject(connection: socket.socket) -> None:
        obey(connection, "220 x", "250-x\r\n250 STARTTLS", "220 go\r\n250 AUTH PLAIN")

    with talking(inject) as port:
        error = refused(server(port, security=Security.STARTTLS))

    assert error.stage == Stage.TLS
    assert "more than its reply" in error.text


@pytest.mark.parametrize("reply", ["220 go", ""])
def test_open_gives_up_a_server_that_hangs_while_tls_begins(reply: str) -> None:
    def hang(connection: socket.socket) -> None:
        obey(connection, "220 x", "250-x\r\n250 STARTTLS")
        connection.recv(4096)
        if reply:
            connection.sendall(f"{reply}\r\n".encode())
        stay_silent(connection)

    with talking(hang) as port:
        wanted = server(port, security=Security.STARTTLS)
        # Greeting and EHLO are answered, however long that takes.
        error = refused(replace(wanted, timeouts=RunningOut(after=2)))  # type: ignore[arg-type]  # counts

    assert error.stage == Stage.TLS
    assert "no reply within" in error.text


def test_login_is_not_offered_in_plain_text_when_starttls_is_stripped() -> None:
    heard: list[bytes] = []

    def strip(connection: socket.socket) -> None:
        connection.sendall(b"220 x\r\n")
        heard.append(connection.recv(4096))
        connection.sendall(b"250-x\r\n250 AUTH PLAIN LOGIN\r\n")
        heard.append(connection.recv(4096))

    wanted = {"security": Security.STARTTLS.value, "username": "amt", "password": "secret"}
    with talking(strip) as port:
        assert "STARTTLS" in refused(server(port, **wanted)).text

    assert b"AUTH" not in b"".join(heard)


def test_login_with_a_challenge_never_sends_the_password() -> None:
    heard: list[bytes] = []

    def challenge(connection: socket.socket) -> None:
        connection.sendall(b"220 x\r\n")
        for reply in (b"250-x\r\n250 AUTH CRAM-MD5\r\n", b"334 PDFAeD4=\r\n", b"235 ok\r\n"):
            heard.append(connection.recv(4096))
            connection.sendall(reply)

    with talking(challenge) as port:
        session = Session(server(port, username="tim", password="tanstaaf"))
        session.open()
        session.close()

    assert len(heard) == 3
    assert b"tanstaaf" not in b"".join(heard)


def test_a_refusal_that_comes_unasked_before_the_dot_counts() -> None:
    def refuse(connection: socket.socket) -> None:
        obey(connection, "220 x", "250 x", "250 ok", "250 ok", "354 go\r\n552 too much")
        connection.recv(4096)

    with talking(refuse) as port:
        assert deliver(port) == (Verdict.REFUSED, "552 too much")


def test_a_server_that_resets_the_connection_before_the_dot_is_tried_again() -> None:
    def reset(connection: socket.socket) -> None:
        obey(connection, "220 x", "250 x", "250 ok", "250 ok", "354 go")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with talking(reset) as port:
        assert deliver(port)[0] == Verdict.DELAYED


def test_garbage_instead_of_the_last_reply_leaves_it_unsure() -> None:
    def mumble(connection: socket.socket) -> None:
        obey(connection, "220 x", "250 x", "250 ok", "250 ok", "354 go")
        data = b""
        while not data.endswith(b"\r\n.\r\n"):
            data += connection.recv(4096)
        connection.sendall(b"what?\r\n")

    with talking(mumble) as port:
        assert deliver(port)[0] == Verdict.UNSURE


def test_dot_stuffed_doubles_leading_dots_only() -> None:
    assert dot_stuffed(b".a\r\nb.\r\n..\r\nc") == b"..a\r\nb.\r\n...\r\nc\r\n"


@pytest.mark.parametrize(
    "host,expected",
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost.evil.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_is_loopback_knows_this_machine_by_name_or_number(host: str, expected: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert is_loopback(host) is expected


def test_server_shows_no_password() -> None:
    assert "secret" not in repr(server(25, password="secret"))


def test_a_connection_with_a_high_number_is_heard_as_any_other() -> None:
    """A process with many screens and mailboxes has more than 1,023 files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    near, far = socket.socketpair()
    try:
        high = socket.socket(fileno=fcntl.fcntl(near, fcntl.F_DUPFD, 2000))
        with near, far, high:
            assert not _is_readable(high, 0)
            far.sendall(b"421 going down\r\n")
            assert _is_readable(high, 5)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
