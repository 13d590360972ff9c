"""Attack cases 1, 3, 4, 8, 9 and 58 to 60 by mail: what is stored and served, without a browser."""

import io
import re
import zipfile
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from channels_in.mail.parse import parse
from channels_in.models import Account, RawMessage
from channels_in.process import process_raw
from channels_in.store import read_raw
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.models import Attachment
from tests.attack.hostile_mail import FOLDER, PAYLOADS, filed, html_mail
from tests.channels_in.bombs import BOMBS
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_house
from tests.helpdesk.lib.ratio import assert_linear

pytestmark = pytest.mark.django_db
ADDRESSES = [line for line in (FOLDER / "addresses.txt").read_text().splitlines() if line.strip()]
SAFE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
UTF_7 = b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"
LIVE = re.compile(r"<(?:script|iframe|object|svg|img)\b|\bon[a-z]+=|javascript:", re.IGNORECASE)


@pytest.fixture
def house(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> House:
    settings.FILES_ROOT = tmp_path_factory.mktemp("files")
    return make_house()


@pytest.fixture
def account(house: House) -> Account:
    return make_account(house)


def _signed_in(house: House) -> Client:
    client = Client()
    client.force_login(house.anna)
    return client


BEFORE = b"""\
From: a@example.org
Subject: Datei
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Hallo
--b
"""


def _with_file(head: str, content: bytes = b"x") -> bytes:
    return BEFORE + head.encode() + b"\n\n" + content + b"\n--b--\n"


def test_case_1_an_answer_quotes_no_markup_of_a_stranger(house: House, account: Account) -> None:
    article = filed(account, html_mail("".join(PAYLOADS[:40]), 1, subject=PAYLOADS[0][:100]))
    ticket = article.ticket
    write_answer(
        answer=Answer(ticket.pk, "Danke.", "key", ticket.last_article_id, despite_newer=True),
        user=house.anna,
    )

    message = OutgoingMessage.objects.latest("pk")

    # Text of theirs may stand there, escaped; a tag or an attribute may not.
    assert LIVE.findall(re.sub(r">[^<]*<", "><", message.html)) == []


def test_case_3_links_lead_to_the_web_to_mail_or_to_telephones(account: Account) -> None:
    links = "".join(ADDRESSES)

    article = filed(account, html_mail(f'{links}<a href="https://gut.example/">gut</a>', 1))

    targets = re.findall(r'href="([^"]*)"', article.html)
    assert "https://gut.example/" in targets
    assert [target for target in targets if not SAFE.match(unescape(target))] == []
    assert article.html.count("<a ") == article.html.count('rel="noopener noreferrer nofollow"')


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "iso-2022-jp", "hz", "us-ascii"])
def test_case_4_text_is_decoded_once_and_then_sanitised(
    house: House, account: Account, charset: str
) -> None:
    html = "<p>Hallo</p><script>alert(1)</script>"
    hidden = (
        html.encode(charset) if charset != "utf-7" else b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"
    )
    raw = (
        f"From: a@example.org\r\nSubject: +ADw-script+AD4-\r\n"
        f"Content-Type: text/html; charset={charset}\r\n\r\n".encode()
        + hidden
        + b"<p>Hallo</p>"
    )

    article = filed(account, raw)
    response = _signed_in(house).get(reverse("desk:formatted", args=(article.pk,)))

    assert "<script" not in article.html
    assert article.subject == "+ADw-script+AD4-"
    if article.html:
        assert response["Content-Type"] == "text/html; charset=utf-8"


AS_FILE = "Content-Disposition: attachment; filename"


@pytest.mark.parametrize(
    "head",
    [
        f"Content-Type: text/html\rX-Evil: y\r\n{AS_FILE}=a.html",
        f"Content-Type: text/plain\r\n{AS_FILE}*=utf-8''a%0d%0aX-Evil:%20y",
        f'Content-Type: image/svg+xml\r\n{AS_FILE}="a\r\n\tb.svg"',
        f"Content-Type: text/plain\r\n{AS_FILE}*=utf-8''%E2%80%8B.htaccess",
        f'Content-Type: text/plain\r\n{AS_FILE}="..\\..\\CON"',
    ],
)
def test_case_8_and_9_a_file_by_mail_brings_no_header_and_no_hidden_name(
    house: House, account: Account, head: str
) -> None:
    filed(account, _with_file(head, b"<script>alert(1)</script>"))
    file = Attachment.objects.get()

    response = _signed_in(house).get(reverse("desk:attachment", args=(file.pk,)) + "?inline")
    response.close()

    assert "X-Evil" not in response.headers
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"].partition(";")[0] in {"application/octet-stream", "text/plain"}
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not file.name.startswith(".")
    assert file.name.isprintable()


NAMED = ("nesting-1000", "parts-100000", "recipients-40000", "parameters-10000", "parentheses-1000")


def test_case_58_a_bomb_has_its_place_with_its_bytes_and_the_next_mail_is_filed(
    account: Account,
) -> None:
    sent = [*map(BOMBS.__getitem__, NAMED), mail()]
    rows = [kept(account, raw) for raw in sent]

    *states, next_one = [process_raw(row.pk) for row in rows]

    assert set(states) <= {"filed", "quarantined"}
    assert next_one == "filed"
    assert [read_raw(RawMessage.objects.get(pk=row.pk)) for row in rows] == sent


def test_case_59_a_packed_file_stays_packed(account: Account) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gross.txt", bytes(50_000_000))
    inner = packed.getvalue()

    filed(
        account,
        _with_file("Content-Type: application/zip; name=bombe.zip", inner),
    )

    file = Attachment.objects.get()
    assert (file.name, file.content_type) == ("bombe.zip", "application/zip")
    assert file.size < 100_000


HEAD = "From: a@example.org\nSubject: AW: b\nIn-Reply-To: <1@b>\n"
HTML_HEAD = f"{HEAD}Content-Type: text/html\n\n"


@pytest.mark.parametrize(
    "head, piece",
    [
        (f"{HEAD}\n", "On On On wrote: a@b "),
        (f"{HEAD}\n", "> a\nb\n"),
        (f"{HEAD}\n", "Am 1.1.26 10:12 schrieb <a@b.de\n>:\n"),
        (f"{HEAD}\n", ">>> a 1.1.2026 10:12 >>>\n"),
        (f"{HEAD}\n", "---- a 1.1.2026 10:12 wrote ----\n"),
        (f"{HEAD}\n", "        An\n        Thema\n"),
        (f"{HEAD}\n", "http://a.b/"),
        (f"{HEAD}\n", "begin 644 a\n"),
        (HTML_HEAD, '<div class="gmail_quote">'),
        (HTML_HEAD, "<blockquote type=cite>a</blockquote>b"),
        (HTML_HEAD, "<a href='http://a.b'>c"),
        (HTML_HEAD, "<p>&amp;"),
        ("From: a@example.org\nSubject: ", "=?utf-8?q?a?= "),
        ("To: ", "a <a@b.de>, "),
    ],
)
def test_case_60_a_mail_costs_time_that_grows_with_it(head: str, piece: str) -> None:
    assert_linear(lambda text: parse(f"{head}{text}\n\n".encode()), piece)
