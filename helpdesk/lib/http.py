"""The one HTTP client: https only, no redirects, nothing inside the town hall's own network.

Whoever can enter an address must not be able to make this machine ask its neighbours
(SSRF). So the address a name points to is checked when the connection is made, and the
connection goes to exactly that address: a name that points elsewhere a moment later
changes nothing. ``PRIVATE_NETWORKS`` in the settings names what may be reached all the same.
"""

import io
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.client import (  # noqa: TID251 - this is the one place
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
)
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings

from helpdesk.lib.network import belongs_to

SECONDS = 10.0
MAX_BYTES = 256 * 1024
CHUNK = 16 * 1024
HTTPS_PORT = 443
REDIRECTS = range(300, 400)
MAX_URL_LENGTH = 2000
# RFC 6052: the last four bytes are an address of the old kind.
TRANSLATED = IPv6Network("64:ff9b::/96")


class HttpError(Exception):
    """No answer that can be used; the text says why and holds nothing of what was sent."""


class ForbiddenAddressError(HttpError):
    """The address is not one that this machine may ask."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: status and at most 256 KB of body."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; raises HttpError for anything else."""
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise HttpError("the server's answer is not JSON") from error
        if not isinstance(found, dict):
            raise HttpError("the server's answer is not a JSON object")
        return found


def post_form(
    url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Answer:
    """Send ``fields`` as a form and return the answer, whatever its status below 300 or above 399.

    Raises ForbiddenAddressError before a byte is sent, HttpError for the rest.
    Blocks for ten seconds at most.
    """
    head = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return _asked("POST", url, urlencode(fields).encode(), head)


def post_bytes(url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
    """Send ``body`` as it is, under the same terms as :func:`post_form`."""
    return _asked("POST", url, body, headers)


def get(url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Return what stands at an address, under the same terms as :func:`post_form`."""
    return _asked("GET", url, None, headers or {})


def _asked(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    parts = checked(url)
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    head = {"Accept": "application/json", "User-Agent": "Anliegen", **headers}
    connection = _Connection(str(parts.hostname), parts.port or HTTPS_PORT)
    try:
        connection.request(method, target, body=body, headers=head)
        return _read(connection)
    except (OSError, HTTPException, ValueError) as error:
        raise HttpError(_words(error)) from error
    finally:
        connection.close()


def checked(url: str) -> SplitResult:
    """Return the parts of an address that may be asked; raises ForbiddenAddressError.

    Only its form is looked at here: where its name points to is checked at connect.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenAddressError("the address can't be read") from error
    if parts.scheme != "https":
        raise ForbiddenAddressError("only addresses that begin with https:// are asked")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ForbiddenAddressError("the address names no server, or a login")
    if len(url) > MAX_URL_LENGTH or not url.isascii() or any(char <= " " for char in url):
        raise ForbiddenAddressError("the address has characters that it must not have")
    if port == 0:
        raise ForbiddenAddressError("the address has an impossible port")
    return parts


def is_allowed(address: str) -> bool:
    """Tell whether an IP address lies in the public internet, or is allowed by name."""
    found = _undressed(ip_address(address.partition("%")[0]))
    if belongs_to(str(found), settings.PRIVATE_NETWORKS):
        return True
    return found.is_global and not found.is_multicast


def _undressed(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the address of the old kind that one of the new kind stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


class _InTime(io.RawIOBase):
    """What a socket gives until a moment comes: no server may stretch us by byte after byte."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock, self.deadline = sock, deadline
        # As long as it is open the socket is not really closed, whoever closes it before.
        self.hold = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override] # all that is given
        self.sock.settimeout(_left(self.deadline))
        return self.sock.recv_into(buffer)

    def close(self) -> None:
        self.hold.close()
        super().close()


class _Response(HTTPResponse):
    """An answer whose head and body have come before the deadline, or not at all."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, **values: Any) -> None:
        super().__init__(sock, *args, **values)
        self.fp.close()
        self.fp = io.BufferedReader(_InTime(sock, deadline))


def _left(deadline: float) -> float:
    """Return how many seconds are left; raises TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Connection(HTTPSConnection):
    """TLS to an address that was checked, verified by the name that was asked for."""

    def __init__(self, host: str, port: int) -> None:
        self.context = ssl.create_default_context()
        self.deadline = time.monotonic() + SECONDS
        super().__init__(host, port, timeout=SECONDS, context=self.context)
        self.response_class = partial(_Response, deadline=self.deadline)  # type: ignore[assignment] # called as one

    def connect(self) -> None:
        """Connect to the first allowed address; raises ForbiddenAddressError if any is not."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(map(is_allowed, addresses)):
            raise ForbiddenAddressError("the address points into a network that must not be asked")
        left = _left(self.deadline)
        plain = socket.create_connection((addresses[0], self.port), timeout=left)
        try:
            plain.settimeout(_left(self.deadline))
            self.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _read(connection: _Connection) -> Answer:
    response = connection.getresponse()
    if response.status in REDIRECTS:
        raise HttpError(f"the server wants to send us elsewhere ({response.status})")
    body = b""
    while chunk := response.read(CHUNK):
        body += chunk
        if len(body) > MAX_BYTES:
            raise HttpError("the server's answer is too long")
    return Answer(response.status, body)


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, socket.gaierror):
        return "the name of the server is unknown"
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "the server's answer can't be read"
