"""Attack cases 59 to 63 and 66 on the portal's and the knowledge base's doors beside the form."""

import io
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern
from pytest_django import Settings

from helpdesk.desk import knowledge_urls
from helpdesk.files.store import read_file
from helpdesk.forms.models import DraftFile
from helpdesk.forms.schema import Kind, Question
from helpdesk.portal import urls as portal_urls
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Attachment
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.models import Answer, AnswerFile
from tests.factories.accounts import signed_in, with_accounts
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_draft, make_editor, make_section
from tests.helpdesk.lib.ratio import assert_linear
from tests.helpdesk.portal.report.walking import TEXT, Walk, make_topic, proof_on, words

pytestmark = pytest.mark.django_db
CLARA = "clara@example.org"
SECONDS = 2.0


@pytest.fixture
def house() -> House:
    house = make_house()
    with_accounts(house.authority)
    make_editor(house.authority, house.bert)
    return house


@pytest.fixture
def editor(house: House) -> Client:
    client = Client()
    client.force_login(house.bert)
    return client


@pytest.fixture
def answer(house: House) -> Answer:
    return make_draft(make_section(house.authority))


# -- 59: what unpacks to more than it weighs --------------------------------------------------


def huge_picture(side: int = 30_000) -> bytes:
    """Return a picture of a few kilobytes that says it has ``side`` times ``side`` pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + end

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(4_000_000), 9)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def packed_document() -> bytes:
    """Return a document that weighs some kilobytes and would unpack to fifty megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(50_000_000))
    return out.getvalue()


def test_59_a_picture_of_nine_hundred_million_pixels_is_refused_where_it_is_added(
    editor: Client, answer: Answer
) -> None:
    content, gif = huge_picture(), b"GIF89a" + b"\xff\xff" * 2 + bytes(40)
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": "none"}).send()
    began = time.process_time()

    walk.send({"upload": SimpleUploadedFile("x.png", content, "image/png"), "do": "add"})
    pages = [
        editor.post(
            f"/a/wissen/{answer.pk}/dateien/",
            {"file": SimpleUploadedFile("x.png", picture, "image/png"), "alt": "Ein Bild"},
        )
        for picture in (content, gif)
    ]

    assert time.process_time() - began < SECONDS
    assert [page.status_code for page in (walk.page, *pages)] == [422] * 3
    assert "zu viele Bildpunkte" in "".join(walk.errors)
    assert DraftFile.objects.count() == AnswerFile.objects.count() == 0


def test_59_a_packed_document_stays_packed_at_every_door(house: House, answer: Answer) -> None:
    content = packed_document()
    paper = Question("paper", Kind.FILE, words("Welches Schreiben?"))
    topic = make_topic(house, "Bescheid", paper, place="none", asks_photos=False)
    walk = Walk().open(f"/melden/thema/{topic.pk}/").send({"text": TEXT})
    ticket = make_ticket(house)
    upload = {"uploads": [SimpleUploadedFile("b.docx", content)]}
    began = time.process_time()

    walk.send({"upload": SimpleUploadedFile("b.docx", content), "do": "add"})
    Client().post(f"/s/{status_token(ticket)}/antworten/", {"text": "x", "key": "k"} | upload)
    add_file(answer_id=answer.pk, file=NewFile("b.docx", content), user=None)

    assert time.process_time() - began < SECONDS
    kept = (
        DraftFile.objects.get().file,
        Attachment.objects.get().file,
        AnswerFile.objects.get().file,
    )
    assert [read_file(file) for file in kept] == [content] * 3


# -- 60: endless words in every field ---------------------------------------------------------

PIECES = ("a@", "1 ", "<a href=//a.", "**[")
# Page → the fields in which a citizen or an editor may type.
FIELDS = {
    "/konto/anmelden/": ("email", "next"),
    "/konto/profil/": ("name",),
    "/konto/adressen/": ("email",),
    "/rueckruf/": ("phone", "text", "name"),
    "/barrierefreiheit/melden/": ("page", "text", "reply_to"),
    "/status/": ("reference", "email"),
    "/status/code/": ("reference", "code"),
    "/melden/spaeter/": ("email",),
    "/melden/kontakt/": ("email", "phone", "name"),
    "/a/wissen/gemeinsam/neu/": ("name", "about", "body_de"),
}


@pytest.mark.parametrize("path", FIELDS)
def test_60_two_hundred_kilobytes_in_every_field_take_time_that_grows_with_them(
    house: House, path: str
) -> None:
    client = signed_in(CLARA)
    client.force_login(house.bert)
    Walk(client).open("/melden/").send({"text": TEXT})
    page: Any = client.get(path, follow=True)
    more = {"proof": proof_on(page), "way": "mail"}

    def send(text: str) -> None:
        cache.clear()
        page = client.post(path, more | dict.fromkeys(FIELDS[path], text))
        assert page.status_code in {200, 302, 422}

    for piece in PIECES:
        assert_linear(send, piece)


# -- 61, 62: too much of anything -------------------------------------------------------------

FORMS = ("/konto/anmelden/", "/rueckruf/", "/status/", "/barrierefreiheit/melden/")


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("path", FORMS)
def test_61_a_thousand_and_one_fields_or_a_hundred_and_one_files_are_refused(path: str) -> None:
    client = Client(raise_request_exception=False)

    fields = client.post(path, {f"f{number}": "x" for number in range(1001)})
    files = client.post(
        path, {f"u{number}": SimpleUploadedFile("x", b"x") for number in range(101)}
    )

    assert (fields.status_code, files.status_code) == (400, 400)


def addresses(number: str, word: str) -> Iterator[str]:
    """Yield every address of the portal and the knowledge base with these in its places."""
    for prefix, patterns in (
        ("/", portal_urls.urlpatterns),
        ("/a/wissen/", knowledge_urls.urlpatterns),
    ):
        for each in patterns:
            assert isinstance(each, URLPattern)
            route = re.sub(r"<int:\w+>", number, f"{prefix}{each.pattern}")
            yield re.sub(r"<(?:str|slug):\w+>", word, route)


@pytest.mark.parametrize(
    "number, word",
    [("9" * 30, "a" * 2000), ("9" * 19, "0"), ("0", "-")],
)
def test_62_no_number_and_no_word_in_an_address_breaks_or_costs_anything(
    house: House, number: str, word: str
) -> None:
    client = signed_in(CLARA, Client(raise_request_exception=False))
    client.force_login(house.bert)
    began = time.process_time()

    codes = {}
    for path in set(addresses(number, word)):
        page = client.get(path)
        # A file is closed at its end.
        page.getvalue()
        codes[path] = page.status_code

    assert {path for path, code in codes.items() if code >= 500} == set()
    assert time.process_time() - began < len(codes) * 0.5


QUERIES = ("page=1e999999", f"page={'9' * 30}", "page=-1", "limit=1000000000", f"q={'*' * 5000}")


@pytest.mark.parametrize("query", QUERIES)
def test_62_no_question_breaks_or_lists_without_an_end(house: House, query: str) -> None:
    client = signed_in(CLARA, Client(raise_request_exception=False))
    client.force_login(house.bert)
    paths = (
        "/konto/",
        "/suche",
        "/suche/liste/",
        "/wissen/",
        "/a/wissen/",
        "/a/wissen/auswertung/",
    )

    codes = {path: client.get(f"{path}?{query}").status_code for path in paths}

    assert set(codes.values()) <= {200, 302, 404}, codes


def test_63_the_files_of_an_answer_have_an_end(editor: Client, answer: Answer) -> None:
    codes = [
        editor.post(
            f"/a/wissen/{answer.pk}/dateien/",
            {"file": SimpleUploadedFile(f"{number}.txt", b"x"), "alt": ""},
        ).status_code
        for number in range(32)
    ]

    assert codes == [302] * 30 + [422] * 2


# -- 66: out of the folder --------------------------------------------------------------------

WAYS = (
    "..%2f..%2f..%2fetc%2fpasswd",
    "..%5c..%5cboot.ini",
    "%2e%2e%2f%2e%2e%2fmanage.py",
    "..%252f..%252fetc%252fpasswd",
    "%00",
    "x%0d%0aSet-Cookie:%20a=b",
)


@pytest.mark.parametrize("way", WAYS)
def test_66_no_word_of_an_address_is_a_way_to_a_file(
    house: House, way: str, settings: Settings
) -> None:
    client = signed_in(CLARA, Client(raise_request_exception=False))
    client.force_login(house.bert)
    root = Path(settings.FILES_ROOT)
    before = {path for path in root.rglob("*") if path.is_file()}
    with_words = set(addresses("1", way)) - set(addresses("1", "other"))

    for path in with_words:
        page = client.get(path)
        assert page.status_code < 500, path
        assert b"root:x:" not in page.getvalue(), path
        assert "a" not in page.cookies, path
    assert len(with_words) > 10
    assert {path for path in root.rglob("*") if path.is_file()} == before


def slipping() -> bytes:
    """Return an archive whose files would land outside of any folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../tmp/entwischt.md", "# Entwischt")
        link = zipfile.ZipInfo("answers/link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize("name", ["alles.zip", "alles.md", "alles.csv", "alles.html"])
def test_66_an_archive_is_not_unpacked_by_the_import(editor: Client, name: str) -> None:
    page = editor.post("/a/wissen/einlesen/", {"files": [SimpleUploadedFile(name, slipping())]})

    assert page.status_code in {200, 422}
    assert "root:x:" not in page.content.decode()
    assert not Path("/tmp/entwischt.md").exists()
    assert not Answer.objects.exists()


def test_66_names_in_the_archive_of_the_knowledge_base_stay_below_its_folder(
    editor: Client, answer: Answer
) -> None:
    for name in ("../../../etc/cron.d/x.txt", "/etc/x.txt", "..\\..\\x.txt", "a\x00b\r\n.txt"):
        add_file(answer_id=answer.pk, file=NewFile(name, b"x"), user=None)

    content = b"".join(editor.get("/a/wissen/ausgeben/").streaming_content)  # type: ignore[attr-defined] # a file

    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    files = [name for name in names if name.startswith("files/")]
    assert len(files) == 4
    for name in names:
        assert not name.startswith("/"), name
        assert ".." not in name.split("/"), name
        assert "\\" not in name, name
        assert name.isprintable(), name
