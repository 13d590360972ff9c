"""Attack case 34: no address that anybody enters makes this machine ask its own network."""

import socket
from ipaddress import ip_network

import pytest
from pytest_django import Settings

from helpdesk.lib import http
from helpdesk.lib.http import ForbiddenAddressError, HttpError, is_allowed, post_form
from tests.fakes.tokens import FakeTokens

# The canary listens on every loopback name; {port} is its port.
FORBIDDEN = (
    "http://localhost:{port}/",
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}/",
    "https://localhost.:{port}/",
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://127.0.0.2:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001:{port}/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[fe80::1]:{port}/",
    "https://[fc00::1]:{port}/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://user:word@localhost:{port}/",
    "https://example.org@localhost:{port}/",
    "https://localhost:{port}#@example.org/",
    "https://localhost\t:{port}/",
    "https://localhost\r\nHost: x:{port}/",
    "https:///localhost:{port}/",
    "https://[::1/",
    "https://localhost:99999/",
    "file:///etc/passwd",
    "gopher://localhost:{port}/",
    "ftp://localhost:{port}/",
    "data:text/plain,x",
    "//localhost:{port}/",
    "localhost:{port}",
    "",
)


def ask(url: str) -> None:
    post_form(url, {"name": "value"})


@pytest.mark.parametrize("url", FORBIDDEN)
def test_nothing_of_our_own_is_asked(
    token_server: FakeTokens, settings: Settings, url: str
) -> None:
    settings.PRIVATE_NETWORKS = ()

    with pytest.raises(HttpError):
        ask(url.format(port=token_server.port))

    assert token_server.connections == 0


def test_what_is_allowed_by_name_is_asked(token_server: FakeTokens) -> None:
    answer = post_form(token_server.url, {"grant_type": "client_credentials"})

    assert answer.json()["access_token"] == "token-1"


def test_another_network_than_the_one_allowed_is_not_asked(
    token_server: FakeTokens, settings: Settings
) -> None:
    settings.PRIVATE_NETWORKS = (ip_network("10.0.0.0/8"),)

    with pytest.raises(ForbiddenAddressError):
        ask(token_server.url)

    assert token_server.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(token_server: FakeTokens, status: int) -> None:
    token_server.script(status, location=token_server.url)

    with pytest.raises(HttpError, match="elsewhere"):
        ask(token_server.url)

    assert token_server.connections == 1


def test_a_name_that_points_inside_beside_outside_is_not_asked(
    token_server: FakeTokens, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRIVATE_NETWORKS = ()
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, token_server.port))
        for address in ("93.184.215.14", "127.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: both)

    with pytest.raises(ForbiddenAddressError):
        ask(token_server.url)

    assert token_server.connections == 0


def test_a_name_is_looked_up_once_so_that_it_can_not_point_elsewhere_meanwhile(
    token_server: FakeTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    really = socket.getaddrinfo

    def look_up(host: str, *args: object, **kwargs: object) -> object:
        looked_up.append(host)
        return really(host, *args, **kwargs)  # type: ignore[arg-type] # passes through

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    post_form(token_server.url, {"grant_type": "client_credentials"})

    assert looked_up.count("localhost") == 1


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{"],
    ids=["status", "head", "body"],
)
def test_a_server_that_answers_byte_by_byte_is_left(
    token_server: FakeTokens, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    # Without an end to the whole this would go on for as long as the server likes.
    monkeypatch.setattr(http, "SECONDS", 1.0)
    token_server.drip(said)

    with pytest.raises(HttpError, match="in time"):
        ask(token_server.url)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_internet_may_be_asked(address: str, settings: Settings) -> None:
    settings.PRIVATE_NETWORKS = ()

    assert is_allowed(address)


def test_a_certificate_of_nobody_is_refused(
    token_server: FakeTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(HttpError, match="certificate"):
        ask(token_server.url)

    assert token_server.asked == []


def test_an_answer_without_end_is_cut(token_server: FakeTokens) -> None:
    token_server.script(200, "x" * 300_000)

    with pytest.raises(HttpError, match="too long"):
        ask(token_server.url)
