"""A report on a phone with scripts off and on; every step and state looked at by axe."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.files.store import path_of
from helpdesk.forms.models import DraftFile
from helpdesk.tickets.models import Attachment, Category, Ticket
from tests.e2e.conftest import NewPage
from tests.e2e.support import DESKTOP, PHONE, Watch, accessibility_faults, overflows
from tests.factories.house import make_house
from tests.helpdesk.portal.report.walking import (
    GPS,
    MAKER,
    ORIENTATION,
    TEXT,
    Walk,
    calm,
    make_lamp,
    photo,
)

pytestmark = pytest.mark.django_db(transaction=True)
MAIL = ("aylin@example.org", "Aylin Yıldız")
# A slow telephone: what is read of a photo is handed on when the test says so.
SLOW = """() => {
  const read = Blob.prototype.arrayBuffer;
  window.held = {};
  Blob.prototype.arrayBuffer = function () {
    return read.call(this).then((bytes) => new Promise((done) => {
      window.held[this.name] = () => done(bytes);
    }));
  };
}"""
BOTH_READ = """async () => {
  while (Object.keys(held).length < 2) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture
def lamp(transactional_db: None) -> Category:
    del transactional_db
    house = make_house()
    house.authority.contact_phone = "0123 456-0"
    house.authority.contact_address = "Marktplatz 1, 12345 Musterstadt"
    house.authority.save()
    return make_lamp(house)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "laterne.jpg", tmp_path / "mast.jpg"]
    for number, path in enumerate(paths):
        path.write_bytes(photo(size=(400 + number, 300)).read())
    return paths


def go_on(page: Page) -> None:
    page.locator("main .btn-primary").click()


def fill_in(page: Page, url: str, photos: list[Path]) -> None:
    """Walk to the check with two photos, one of which is removed and added again."""
    page.goto(f"{url}/")
    page.locator("main").get_by_role("link", name="Jetzt melden").click()
    page.get_by_label("Worum geht es?").fill(TEXT)
    go_on(page)
    page.get_by_label("Straßenbeleuchtung").check()
    go_on(page)
    page.get_by_label("Dunkel").check()
    go_on(page)
    for name, value in (("Tag", "24"), ("Monat", "11"), ("Jahr", "2025")):
        page.get_by_label(name).fill(value)
    go_on(page)
    page.get_by_label("Welche Nummer").fill("17")
    go_on(page)
    page.get_by_label("Wo ist es?").fill("Lindenstraße 12")
    go_on(page)
    page.get_by_label("Fotos hinzufügen").set_input_files(photos)
    page.get_by_role("button", name="Hochladen").click()
    page.get_by_role("button", name="mast.jpg").click()
    page.get_by_label("Fotos hinzufügen").set_input_files(photos[1])
    go_on(page)
    page.get_by_label("Per E-Mail").check()
    page.get_by_label("E-Mail-Adresse").fill(MAIL[0])
    page.get_by_label("Ihr Name").fill(MAIL[1])
    go_on(page)


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_lamp_is_reported_on_a_phone(
    new_page: NewPage, lamp: Category, live_server: LiveServer, photos: list[Path], *, scripts: bool
) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=scripts)
    fill_in(page, live_server.url, photos)
    calm()
    expect(page.locator(".summary")).to_contain_text("Lindenstraße 12")

    page.get_by_role("button", name="Anliegen senden").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Anliegen ist angekommen")
    ticket = Ticket.objects.get()
    expect(page.locator(".reference strong")).to_have_text(ticket.reference)
    assert ticket.category == lamp
    assert Attachment.objects.filter(public_file__isnull=False).count() == 2
    page.get_by_role("link", name="Vorgang öffnen").click()
    expect(page.locator("body")).to_contain_text(ticket.reference)


def test_the_back_button_and_a_reload_lose_nothing(
    new_page: NewPage, lamp: Category, live_server: LiveServer, photos: list[Path]
) -> None:
    page = new_page(java_script_enabled=False)
    fill_in(page, live_server.url, photos)

    # Only a page that has arrived has a way back.
    expect(page).to_have_url(f"{live_server.url}/melden/pruefen/")
    page.wait_for_load_state()
    page.go_back()
    page.reload()

    expect(page.get_by_label("E-Mail-Adresse")).to_have_value(MAIL[0])
    page.get_by_role("link", name="Zurück", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/melden/pruefen/")
    assert lamp.name in page.content()


def test_the_large_photo_chosen_last_is_made_smaller_and_keeps_what_the_camera_noted(
    new_page: NewPage, lamp: Category, live_server: LiveServer, tmp_path: Path
) -> None:
    del lamp
    walk = Walk().open("/melden/").send({"text": TEXT})
    walk.open("/melden/thema/alle/").send({"topic": "none"}).send()
    page = new_page(viewport=PHONE)
    key = walk.client.cookies["report"].value
    page.context.add_cookies([{"name": "report", "value": key, "url": live_server.url}])
    large = tmp_path / "laterne.jpg"
    noise = Image.effect_noise((3200, 1600), 60).convert("RGB")
    noise.save(large, quality=85, exif=Image.open(photo()).getexif())

    page.goto(f"{live_server.url}{walk.path}")
    expect(page.locator("main .btn-primary")).to_have_text("Weiter ohne Datei")
    wrong = tmp_path / "falsch.jpg"
    wrong.write_bytes(large.read_bytes())
    page.evaluate(SLOW)
    for chosen in (wrong, large):
        page.get_by_label("Fotos hinzufügen").set_input_files(chosen)
    expect(page.locator("main .btn-primary")).to_have_text("Weiter")
    page.evaluate(BOTH_READ)
    page.evaluate("() => held['falsch.jpg']()")
    page.get_by_role("button", name="Hochladen").click()
    expect(page.get_by_role("status").filter(has_text="verkleinert")).to_be_visible()
    page.evaluate("() => held['laterne.jpg']()")
    expect(page.locator(".files img")).to_have_count(1)

    assert DraftFile.objects.get().name == "laterne.jpg"
    stored = DraftFile.objects.get().file
    assert stored.size < large.stat().st_size
    with Image.open(path_of(stored.sha256)) as arrived:
        notes = arrived.getexif()
        # It was taken upright, as its note of the turn says, and stands so by itself now.
        assert arrived.size == (1200, 2400)
        assert (notes[MAKER], notes[ORIENTATION]) == ("Kanarienkamera", 1)
        assert notes.get_ifd(GPS)[1] == "N"


def look(page: Page, faults: dict[str, list[str]], name: str) -> None:
    """Note what axe finds on this page, and whether it is wider than the screen."""
    found = accessibility_faults(page)
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"wider than {width}"] if overflows(page) else []
    page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    if found:
        faults[name] = found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_step_and_state(  # size: one walk, page by page  # noqa: PLR0915 - a walk
    new_page: NewPage, lamp: Category, live_server: LiveServer, watch: Watch, scheme: str
) -> None:
    watch.expected.append("422 (Unprocessable")
    page = new_page(color_scheme=scheme)
    faults: dict[str, list[str]] = {}

    def step(name: str) -> None:
        look(page, faults, name)

    def refused(name: str) -> None:
        step(name)
        go_on(page)
        expect(page).to_have_title(re.compile("^Fehler: "))
        expect(page.locator(".error-summary")).to_be_focused()
        step(f"{name}, refused")

    page.goto(f"{live_server.url}/melden/")
    refused("describe")
    page.get_by_label("Worum geht es?").fill(f"{TEXT} Es brennt.")
    step("describe, emergency")
    go_on(page)
    expect(page.locator("h1")).to_be_focused()
    refused("topic")
    page.goto(f"{live_server.url}/melden/thema/alle/")
    refused("topics")
    page.goto(f"{live_server.url}/melden/thema/alle/?q=quark")
    step("topics, nothing found")
    page.goto(f"{live_server.url}/melden/thema/alle/")
    page.get_by_label(lamp.name).check()
    go_on(page)
    refused("choice")
    page.get_by_label("Dunkel").check()
    go_on(page)
    page.get_by_label("Tag").fill("40")
    refused("date")
    for name in ("Tag", "Monat", "Jahr"):
        page.get_by_label(name).fill("")
    go_on(page)
    page.get_by_label("Welche Nummer").fill("viele")
    refused("number")
    page.get_by_label("Welche Nummer").fill("")
    go_on(page)
    refused("place")
    page.get_by_label("Wo ist es?").fill("Lindenstraße 12")
    go_on(page)
    expect(page.get_by_label("Fotos hinzufügen")).to_be_visible()
    step("photos")
    page.get_by_label("Fotos hinzufügen").set_input_files(
        [
            FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=photo().read()),
            FilePayload(name="b.mov", mimeType="video/quicktime", buffer=b"\0\0\0\x14ftypqt  x"),
        ]
    )
    page.get_by_role("button", name="Hochladen").click()
    expect(page.locator(".error-summary")).to_be_focused()
    step("photos, refused")
    go_on(page)
    refused("contact")
    page.get_by_label("Gar nicht").check()
    step("contact, anonymous")
    go_on(page)
    expect(page.locator(".summary")).to_be_visible()
    step("check")
    calm()
    page.get_by_role("button", name="Anliegen senden").click()
    expect(page.locator(".reference")).to_be_visible()
    step("done")

    assert faults == {}
