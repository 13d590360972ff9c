"""The whole job once, as in a town hall: real IMAP server, real SMTP server, real browser.

An administrator sets up the installation and a mailbox; a citizen's mail appears
in the open list; an agent answers it with a text module; the answer arrives; the
citizen's reply wakes the ticket.
"""

import base64
import re
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage
from tests.e2e.support import accessibility_faults
from tests.fakes.smtp import SmtpSink
from tests.servers.anliegen import Anliegen, anliegen
from tests.servers.base import wait_until
from tests.servers.dovecot import PASSWORD as IMAP_PASSWORD
from tests.servers.dovecot import Dovecot

ADDRESS = "tiefbau@stadt.example"
PASSWORD = "sehr-langes-passwort-1"
SLOW = 60_000
UNDO_SECONDS = 10


@pytest.fixture
def empty(tmp_path: Path, tables: Path) -> Iterator[Anliegen]:
    """An empty installation."""
    with anliegen(tmp_path / "data", demo=False, tables=tables) as running:
        yield running


def citizens_mail(number: int, **headers: str) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "Clara Bürger <clara@example.org>"
    mail["To"] = ADDRESS
    mail["Subject"] = "Schlagloch vor der Lindenstraße 14"
    mail["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(
        "Guten Tag,\n\nvor dem Haus ist seit gestern ein tiefes Loch in der Fahrbahn. "
        "Bitte sperren Sie die Stelle, bevor jemand stürzt.\n\nMit freundlichen Grüßen\nClara\n"
    )
    return mail.as_bytes()


def set_up_administrator(page: Page, served: Anliegen) -> None:
    link = re.search(r"http\S+/einladung/\S+", served.output)
    assert link
    page.goto(link.group(0))
    page.fill("[name=name]", "Ada Abend")
    page.fill("[name=email]", "ada@stadt.example")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=login]")
    page.fill("[name=login]", "ada@stadt.example")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def switch_on_totp(page: Page) -> None:
    """Administrators must have a second factor before they see anything else."""
    page.wait_for_selector("[name=code]")
    key = "".join((page.text_content("code.secret") or "").split())
    # A code is good for half a minute; one that is made at its very end comes too late.
    wait_until(lambda: time.time() % 30 < 20)
    totp = TOTP(base64.b32decode(key), 6, SHA1(), 30)  # noqa: S303 - what RFC 6238 and every app use
    page.fill("[name=code]", totp.generate(int(time.time())).decode())
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def add_mailbox(page: Page, served: Anliegen, imap: Dovecot, smtp: SmtpSink) -> None:
    page.goto(f"{served.url}/a/verwaltung/postfaecher/neu/")
    page.fill("[name=name]", "Tiefbau")
    page.fill("[name=address]", ADDRESS)
    page.check("[name=kind][value=imap]")
    page.fill("[name=host]", "127.0.0.1")
    page.fill("[name=port]", str(imap.port))
    page.select_option("[name=security]", "none")
    page.fill("[name=username]", "tiefbau")
    page.fill("[name=password]", IMAP_PASSWORD)
    page.fill("[name=sender_name]", "Tiefbau")
    page.check("[name=transport][value=smtp]")
    page.fill("[name=smtp_host]", "127.0.0.1")
    page.fill("[name=smtp_port]", str(smtp.port))
    page.select_option("[name=smtp_security]", "none")
    page.click("form [type=submit].btn-primary")
    page.wait_for_load_state("networkidle")


def add_text_module(page: Page, served: Anliegen) -> None:
    page.goto(f"{served.url}/a/verwaltung/textbausteine/neu/")
    page.fill("[name=title]", "Haftung Straße")
    page.fill("textarea >> nth=0", "Für Schadenersatz wenden Sie sich bitte an das Rechtsamt.")
    page.click("form [type=submit].btn-primary")
    page.wait_for_load_state("networkidle")


def receive_first_mail(page: Page, served: Anliegen, imap: Dovecot, smtp: SmtpSink) -> str:
    """The list stands open while the mail arrives; return the status link of the receipt."""
    page.goto(f"{served.url}/a/v/unassigned/")
    imap.deliver("tiefbau", citizens_mail(1))
    page.wait_for_selector("#pill-new", timeout=SLOW)
    page.click("#pill-new")
    page.wait_for_selector(".row-link")
    expect(page.locator(".row-link")).to_have_text("Schlagloch vor der Lindenstraße 14")
    text = body_of(smtp.wait_for(1, seconds=60)[0].content)
    assert re.search(r"\d{4}-\d{6}", text)
    link = re.search(r"http://localhost:\d+/s/\S+", text)
    assert link
    return link.group(0)


def answer_by_keyboard(page: Page) -> float:
    """Open, note, answer with a text module, send and resolve, without a mouse; return when."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-composer]")
    page.keyboard.press("n")
    page.keyboard.type("Bauhof ist informiert.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".art-internal")
    page.keyboard.press("r")
    page.keyboard.type("Guten Tag Frau Bürger, wir sperren die Stelle noch heute. ::haft")
    page.wait_for_selector("[data-picker] .option[data-body]")
    page.keyboard.press("Enter")
    pressed_at = time.monotonic()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-undo-url]")
    return pressed_at


def read_answer(smtp: SmtpSink, pressed_at: float) -> EmailMessage:
    """Within ten seconds nothing has left; then the answer arrives once, without the note."""
    assert wait_until(lambda: len(smtp.mails) > 1)
    assert time.monotonic() - pressed_at > UNDO_SECONDS
    raw = smtp.wait_for(2)[1].content
    text = body_of(raw)
    assert "wir sperren die Stelle noch heute. Für Schadenersatz wenden Sie sich" in text
    assert "Bauhof" not in text
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["In-Reply-To"] == "<1@example.org>"
    return mail


def look_as_the_citizen(new_page: NewPage, link: str) -> None:
    """The status page shows the answer and never the note, also without JavaScript."""
    citizen = new_page(java_script_enabled=False)
    citizen.goto(link)
    assert "wir sperren die Stelle noch heute" not in citizen.content()
    citizen.get_by_role("button", name="Anliegen öffnen").click()
    expect(citizen.locator("main")).to_contain_text("wir sperren die Stelle noch heute")
    assert "Bauhof" not in citizen.content()


def test_the_main_job_from_an_empty_installation_to_a_woken_ticket(
    empty: Anliegen, new_page: NewPage, dovecot_server: Dovecot, smtp_server: SmtpSink
) -> None:
    page = new_page()
    set_up_administrator(page, empty)
    switch_on_totp(page)
    add_mailbox(page, empty, dovecot_server, smtp_server)
    add_text_module(page, empty)

    link = receive_first_mail(page, empty, dovecot_server, smtp_server)
    answer = read_answer(smtp_server, answer_by_keyboard(page))
    look_as_the_citizen(new_page, link)
    page.goto(f"{empty.url}/a/v/done/")
    page.click(".row-link")
    expect(page.locator(".art-answer .delivery")).to_be_visible()
    reply = citizens_mail(2, Subject=f"AW: {answer['Subject']}", In_Reply_To=answer["Message-ID"])
    dovecot_server.deliver("tiefbau", reply)

    # The open page shows the reply by itself, and the ticket is back among the open ones.
    expect(page.locator(".art-citizen")).to_have_count(2, timeout=SLOW)
    page.goto(f"{empty.url}/a/v/mine/")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert accessibility_faults(page) == []
    # It is marked as read after it was filed.
    assert wait_until(
        lambda: all("\\Seen" in mail.flags for mail in dovecot_server.mails("tiefbau"))
    )


def body_of(raw: bytes) -> str:
    """Return the plain text of a mail on one line."""
    mail = message_from_bytes(raw, policy=policy.default)
    part = mail.get_body(("plain",))
    assert part
    return " ".join(part.get_content().split())
