"""Attack case 64, all other ways: twenty secrets are used, and no log, page or report tells one.

The secrets of mailboxes stand in test_64_logs.py. Everything is logged at its loudest here,
with and without ``ANLIEGEN_DEBUG``. There is no support bundle; what an operator may hand on
are the log, the pages of operation and the history.
"""

import io
import logging
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from helpdesk.agents.domain.invite import invite_agent, mint_administrator_link
from helpdesk.agents.domain.membership import AgentDetails
from helpdesk.desk.account.recovery import HashedRecoveryCodes
from helpdesk.events.models import Event, EventPayload
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.project.logs import Formatter
from helpdesk.tickets.domain.status_link import hand_out_code
from helpdesk.tickets.links import status_token
from tests.attack.holder import address, opened
from tests.factories.house import House, make_administrator, make_house, make_ticket
from tests.helpdesk.api.client import Program, token_for
from tests.helpdesk.desk.account.steps import (
    ask_for_reset,
    code_of,
    give_code,
    link_in_mail,
    sign_in,
    wrong_code_of,
)
from tests.helpdesk.desk.pages import signed_in, without_second_factor
from tests.servers.anliegen import ROOT, anliegen, environment

RIGHT, WRONG, NEW = "Richtig-und-lang-4711", "Falsch-aber-lang-4712", "Neues-und-langes-4713"
MASTER = "Hauptgeheimnis-dieser-Stadt-4714-zweiunddreissig"
SEEN_AT_LEAST = 20


@pytest.fixture(params=[False, True], ids=["as served", "debugging"])
def log(request: pytest.FixtureRequest, settings: Settings) -> Iterator[io.StringIO]:
    """Everything that the product or a library logs, at its loudest."""
    settings.DEBUG = request.param
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Formatter("{asctime} {levelname} {name} {message}", style="{"))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.fixture
def house(db: None) -> House:
    del db
    return make_house()


def by_password(house: House) -> dict[str, str]:
    """Sign in and out with everything that proves who somebody is, right and wrong."""
    user, client = house.anna, Client(raise_request_exception=False)
    user.set_password(RIGHT)
    user.save()
    totp = give_code(user)
    codes = HashedRecoveryCodes.activate(user)
    codes.mark_as_viewed()
    recovery, spare = codes.get_unused_codes()[:2]
    client.get("/a/konto/anmelden/")
    sign_in(client, user.email, WRONG)
    sign_in(client, user.email, RIGHT)
    wrong, right = wrong_code_of(totp), code_of(totp)
    for code in (wrong, spare + "9", recovery):
        client.post("/a/konto/anmelden/code/", {"code": code})
    client.post("/a/konto/passwort/", {"oldpassword": RIGHT, "password1": NEW, "password2": WRONG})
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return {
        "right password": RIGHT,
        "wrong password": WRONG,
        "new password": NEW,
        "seed of codes": totp,
        "sealed seed": row.data["secret"],
        "recovery code": recovery,
        "unused recovery code": spare,
        "session": client.cookies[django_settings.SESSION_COOKIE_NAME].value,
        "form token": client.cookies[django_settings.CSRF_COOKIE_NAME].value,
        "code": right,
    }


def by_mailed_links(house: House) -> dict[str, str]:
    """Follow each link that opens a door, and each once more with something wrong about it."""
    client = Client(raise_request_exception=False)
    ask_for_reset(client, house.bert.email)
    reset = link_in_mail("password_reset")
    key = reset.rstrip("/").rpartition("-")[2]
    details = AgentDetails(email="neu@musterstadt.example", name="Neu")
    _agent, invitation = invite_agent(
        authority_id=house.authority.pk, details=details, role_ids=(), rights={}, user=None
    )
    administrator = mint_administrator_link()
    links = [reset, *(f"/a/konto/einladung/{each}/" for each in (invitation, administrator))]
    for link in links:
        for broken in (link, f"{link}x", f"{link}x/", f"{link}?next={quote(link)}"):
            client.get(broken, follow=True)
        client.post(link, {"password1": NEW, "password2": "anders"})
    return {"reset": key, "invitation": invitation, "administrator": administrator}


def by_status_link(house: House) -> dict[str, str]:
    """Use the link and the code of a request as citizens do, and as they should not."""
    ticket = make_ticket(house)
    token, code = status_token(ticket), hand_out_code(ticket_id=ticket.pk, user=house.anna)
    browser = opened(ticket)
    for page in ("status", "print", "reply"):
        browser.get(address(ticket, page))
    browser.post(address(ticket, "reply"), {"text": ""})
    browser.get(f"{address(ticket)}gibt-es-nicht/")
    browser.get(f"/language/en/?next={quote(address(ticket))}")
    for given in (code, f"{code[:-1]}!"):
        browser.post(reverse("portal:lookup_code"), {"reference": ticket.number, "code": given})
    return {"status link": token, "nonce of links": ticket.link_nonce, "access code": code}


def by_token(house: House) -> dict[str, str]:
    """Let a program ask with its token where it belongs, where it does not, and with another."""
    secret = token_for(house.anna)
    Program(secret).get("/tickets")
    Program(secret).get("/gibt-es-nicht")
    Program(f"{secret}x").get("/tickets")
    Program("").get(f"/tickets?access_token={secret}")
    Client(raise_request_exception=False).get(f"/api/v1/tickets?token={secret}")
    return {"token": secret}


def use_all(house: House) -> dict[str, str]:
    found: dict[str, str] = {}
    ways: tuple[Callable[[House], dict[str, str]], ...] = (
        by_token,
        by_status_link,
        by_mailed_links,
        by_password,
    )
    for way in ways:
        found |= way(house)
    return found


def tells(text: str, secret: str) -> bool:
    """Tell whether a secret stands there; six digits also stand in any moment and any address."""
    return bool(re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w)", text)) or (
        len(secret) > 6 and secret in text
    )


def test_no_secret_is_logged_however_it_is_used(
    house: House, log: io.StringIO, settings: Settings
) -> None:
    secrets = use_all(house) | {
        "key of the product": str(settings.SECRET_KEY),
        "master secret": settings.MASTER_KEY.decode(),
    }

    seen = log.getvalue()
    assert [name for name, secret in secrets.items() if tells(seen, secret)] == []
    assert "Not Found" in seen
    assert "Unauthorized" in seen
    assert len(secrets) >= SEEN_AT_LEAST - 1


def test_no_secret_is_in_the_history_nor_on_pages_that_may_be_handed_on(house: House) -> None:
    secrets = use_all(house)
    # Mails to those who asked hold their links, and nobody else sees those mails.
    OutgoingMessage.objects.update(text="", html="")
    without_second_factor(house)

    operator = signed_in(make_administrator(house.authority))
    pages = [
        operator.get(f"/a/betrieb/{name}/").content.decode()
        for name in ("health", "quarantine", "stuck", "failed", "sendings")
    ]
    told = [repr(row) for table in (Event, EventPayload) for row in table.objects.values_list()]

    seen = "\n".join([*pages, *told])
    assert [name for name, secret in secrets.items() if tells(seen, secret)] == []
    assert len(secrets) + len(told) > SEEN_AT_LEAST


def test_the_report_of_a_failure_shows_no_secret(settings: Settings) -> None:
    settings.DEBUG = False
    settings.DATABASES["default"]["PASSWORD"] = "Datenbank-geheim-Wolkenrot"
    data = {"password": RIGHT, "smtp_password": WRONG, "client_secret": NEW, "code": "Perlmutt"}
    request = RequestFactory().post("/a/verwaltung/postfaecher/neu/", data | {"name": "Info"})
    request.META["HTTP_AUTHORIZATION"] = "Bearer anl_geheim-Kieselgrau"
    request.META["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}=session-geheim-Lindengelb"

    def fail(typed: QueryDict) -> None:
        raise RuntimeError(f"{len(typed)} fields")

    with pytest.raises(RuntimeError) as caught:
        fail(request.POST)
    reporter = ExceptionReporter(request, caught.type, caught.value, caught.tb, is_email=True)

    told = f"{reporter.get_traceback_text()}\n{reporter.get_traceback_html()}"
    secrets = [
        RIGHT,
        WRONG,
        NEW,
        "Wolkenrot",
        "Lindengelb",
        "Kieselgrau",
        "Perlmutt",
        settings.SECRET_KEY,
    ]
    assert [secret for secret in secrets if secret in told] == []
    assert "RuntimeError" in told
    assert "Info" in told


@pytest.mark.parametrize(
    "name, value",
    [
        ("SECRET_KEY", "kurz-geheim-Muschelweiss"),
        ("DATABASE_URL", "postgresql://amt:geheim-Muschelweiss@localhost:notaport/x"),
        ("DATABASE_URL", "quatsch://amt:geheim-Muschelweiss@localhost/x"),
        ("REDIS_URL", "quatsch://amt:geheim-Muschelweiss@localhost/x"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named_without_its_secret(
    tmp_path: Path, name: str, value: str
) -> None:
    given = {"ANLIEGEN_DATA": str(tmp_path), "ANLIEGEN_SECRET_KEY": MASTER}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check"],
        cwd=ROOT,
        env=environment(given | {f"ANLIEGEN_{name}": value}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Muschelweiss" not in done.stdout + done.stderr
    assert MASTER not in done.stdout + done.stderr


def test_the_served_product_at_its_loudest_shows_no_header_that_proves_anything(
    tmp_path: Path, tables: Path
) -> None:
    given = {
        "ANLIEGEN_SECRET_KEY": MASTER,
        "ANLIEGEN_LOG_LEVEL": "DEBUG",
        "ANLIEGEN_DEBUG": "true",
    }
    upgrade = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    asks = {
        "/a/": f"Cookie: session=sitzung-{RIGHT}\r\n",
        "/api/v1/tickets": f"Authorization: Bearer anl_{WRONG}\r\n",
        "/ws/desk/": f"{upgrade}Cookie: session=sitzung-{NEW}\r\n",
        "/s/5-f4ptdgy6wzcmxjttgwjd4uqqba/": "",
    }
    with anliegen(tmp_path / "data", demo=False, given=given, tables=tables) as running:
        answers = [ask(running.port, path, head) for path, head in asks.items()]
        assert running.terminate() == 0

    printed = running.output
    secrets = [MASTER, RIGHT, WRONG, NEW, "f4ptdgy6wzcmxjttgwjd4uqqba"]
    assert [secret for secret in secrets if secret in printed] == []
    assert [code for code in answers if code == 0] == []
    assert "DEBUG" in printed


def ask(port: int, path: str, head: str) -> int:
    """Ask over a plain socket, since no client would send such things; return the status."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(f"{request}{head}\r\n".encode())
        status = re.match(rb"HTTP/1\.1 (\d+)", wire.recv(4096))
    return int(status[1]) if status else 0
