"""What a transport is given, and what it must say afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What a server said about one recipient, or about the whole message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good: trying again would be answered the same
    DELAYED = "delayed"  # not now
    UNSURE = "unsure"  # the content was handed over and no reply came


class Stage(StrEnum):
    """How far a delivery came; everything before ``MAIL`` is about the server, not the mail."""

    SETTINGS = "settings"
    DNS = "dns"
    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RECIPIENT = "recipient"
    DATA = "data"
    CONTENT = "content"
    REPLY = "reply"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient still to be served; ``address`` is in its form for the wire."""

    recipient_id: int
    address: str

    @property
    def needs_utf8(self) -> bool:
        """Tell whether only a server with SMTPUTF8 (RFC 6531) can take this address."""
        return not self.address.isascii()


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A message as it goes over the wire.

    ``render(utf8)`` returns the content; with False it is pure ASCII and leaves
    addresses out that ASCII can't write.
    """

    envelope_from: str
    targets: tuple[Target, ...]
    render: Callable[[bool], bytes]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What became of one recipient, with the server's last line about it."""

    recipient_id: int
    verdict: Verdict
    reply: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery; ``results`` has a row for every target.

    ``is_sender_problem`` tells that the server could not be reached or used at
    all: other messages of the sender would fare the same.
    """

    results: tuple[TargetResult, ...]
    stage: Stage
    reply: str = ""
    server: str = ""
    is_sender_problem: bool = False


class Gate(Protocol):
    """Asked once, right before the content goes out; may refuse by raising an exception.

    It notes durably that from now on only the server knows whether the message
    was taken.
    """

    def __call__(self) -> None:
        """Note it, or raise to give up while nothing has been sent."""


class Transport(Protocol):
    """A way out."""

    def deliver(self, message: PreparedMessage, *, gate: Gate) -> Result:
        """Try once; never raises for what a network or server does, only what ``gate`` raises."""

    def close(self) -> None:
        """Say goodbye to the server, shortly; called after the result is safe."""


def same_for_all(
    message: PreparedMessage, verdict: Verdict, reply: str
) -> tuple[TargetResult, ...]:
    """Return one and the same verdict for every target."""
    return tuple(TargetResult(each.recipient_id, verdict, reply) for each in message.targets)
