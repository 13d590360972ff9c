"""Attack cases 5 and 8 by the report form: active content and hostile names among the files."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from helpdesk.files.store import read_file
from helpdesk.forms.models import DraftFile
from tests.factories.house import make_house
from tests.helpdesk.portal.report.walking import TEXT, Walk, photo

pytestmark = pytest.mark.django_db
SCRIPT = b"<script>alert(document.domain)</script>"


@pytest.fixture
def walk() -> Walk:
    make_house()
    return Walk().open("/melden/").send({"text": TEXT}).send({"topic": "none"}).send()


def add(walk: Walk, name: str, content: bytes, declared: str = "image/png") -> Walk:
    return walk.send({"upload": SimpleUploadedFile(name, content, declared), "do": "add"})


def polyglot() -> bytes:
    """Return a picture that is a page as well."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue() + SCRIPT


@pytest.mark.parametrize(
    "name, content",
    [
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>"),
        ("x.jpg", b"<!doctype html><html>" + SCRIPT),
        ("x.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("x.mhtml", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"),
        ("x.pdf", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"),
        ("eicar.com", rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"),
    ],
)
def test_05_what_a_browser_could_run_is_no_photo(walk: Walk, name: str, content: bytes) -> None:
    add(walk, name, content)

    assert walk.page.status_code == 422
    assert name in walk.errors[0]
    assert not DraftFile.objects.exists()


def test_05_a_picture_that_is_a_page_too_is_shown_as_its_pixels_only(walk: Walk) -> None:
    add(walk, "x.png", polyglot())
    file = DraftFile.objects.get()

    shown = walk.client.get(f"/melden/fotos/{file.pk}/")

    body = b"".join(shown)
    assert SCRIPT not in body
    assert SCRIPT in read_file(file.file)
    assert shown["Content-Type"] == "image/jpeg"
    assert "sandbox; default-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name, kept",
    [
        ("\u200b.htaccess.jpg", "htaccess.jpg"),
        ("gpj.exe\u202egpj.jpg", "gpj.exegpj.jpg"),
        ("..\\..\\boot.jpg", "boot.jpg"),
        ("CON.jpg", "attachment.jpg"),
        ('x"><img src=x onerror=alert(1)>.jpg', "x__img src=x onerror=alert(1)_.jpg"),
        ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
    ],
)
def test_08_names_are_cleaned_and_never_lead_anywhere(walk: Walk, name: str, kept: str) -> None:
    picture = photo()
    picture.name = "x.jpg"
    upload = SimpleUploadedFile("x.jpg", picture.read(), "image/jpeg")
    # The test client would clean the name itself.
    vars(upload)["_name"] = name

    walk.send({"upload": upload, "do": "add"})

    stored = DraftFile.objects.get()
    assert "<img" not in walk.html.replace("<img\n", "").replace('<img src="/melden', "")
    assert (stored.name == kept) or stored.name.endswith(kept[-20:])
    assert len(stored.name.encode()) <= 200


def test_20_the_photo_of_a_draft_is_shown_to_its_own_browser_only(walk: Walk) -> None:
    add(walk, "a.jpg", photo().read())
    key = DraftFile.objects.get().pk
    other = Walk().open("/melden/").send({"text": TEXT})

    codes = [
        client.get(f"/melden/fotos/{number}/").status_code
        for client in (other.client, Client())
        for number in (key, 999_999)
    ]

    assert codes == [404] * 4
    assert b"".join(walk.client.get(f"/melden/fotos/{key}/")).startswith(b"\xff\xd8")
    assert other.send({"remove": str(key)}, to="/melden/fotos/").path != "/melden/kontakt/"
    assert DraftFile.objects.filter(pk=key, removed_at=None).exists()
