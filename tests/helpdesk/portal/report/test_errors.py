"""What each step answers to what it can't take: in words, at the field, with all of it kept."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from helpdesk.forms.models import Draft, DraftFile
from helpdesk.portal.report.emergency import mentions_emergency
from helpdesk.tickets.models import Category, Ticket
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import (
    TEXT,
    Walk,
    calm,
    make_lamp,
    photo,
    walk_to_check,
)

pytestmark = pytest.mark.django_db
MAIL = {"way": "mail", "email": "aylin@example.org", "name": "Aylin"}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def lamp(house: House) -> Category:
    return make_lamp(house)


def assert_refused(walk: Walk, *errors: str) -> None:
    """The page answers 422, its title begins with it, summary and field say the same."""
    assert walk.page.status_code == 422
    assert walk.title.startswith("Fehler: ")
    assert walk.errors == list(errors)
    assert all(walk.html.count(error) == 2 for error in errors)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "text, error",
    [
        ("", "Beschreiben Sie Ihr Anliegen in ein paar Worten"),
        (" . ", "Beschreiben Sie Ihr Anliegen in ein paar Worten"),
        ("x" * 10_001, "Kürzen Sie Ihren Text auf 10000 Zeichen; es sind 10001"),
    ],
)
def test_description(text: str, error: str) -> None:
    walk = Walk().open("/melden/").send({"text": text})

    assert_refused(walk, error)
    assert text.strip() in walk.html
    assert not Draft.objects.exists()


def test_topic(lamp: Category) -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send()

    assert_refused(walk, "Wählen Sie ein Thema")
    assert_refused(walk.send({"topic": "999"}), "Wählen Sie ein Thema")
    assert str(lamp.pk) in walk.html


def test_questions_keep_what_was_typed(lamp: Category) -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(lamp.pk)}).send()
    assert_refused(walk, "Wählen Sie eine der Antworten")

    walk.send({"answer": "dunkel"}).send({"day": "31", "month": "2", "year": "2026"})
    assert walk.errors == [
        "Geben Sie ein Datum mit Tag, Monat und Jahr ein, zum Beispiel 24 11 2026"
    ]
    assert 'value="31"' in walk.html

    walk.send({"day": "", "month": "", "year": ""}).send({"answer": "viele"})
    assert_refused(walk, "Geben Sie eine Zahl wie 12 oder 2,5 ein")
    assert 'value="viele"' in walk.html


@pytest.mark.parametrize("year", ["9" * 30, "²", "-1"])
def test_a_year_that_no_calendar_holds_is_refused_and_kept(lamp: Category, year: str) -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(lamp.pk)})

    walk.send({"answer": "dunkel"}).send({"day": "24", "month": "11", "year": year})

    assert walk.page.status_code == 422
    assert f'value="{year}"' in walk.html


def to_place(lamp: Category) -> Walk:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": str(lamp.pk)})
    return walk.send({"answer": "beschädigt"}).send({"answer": ""})


def test_place(lamp: Category) -> None:
    walk = to_place(lamp).send({"place": ""})

    assert_refused(walk, "Geben Sie an, wo es ist")
    assert_refused(walk.send({"place": "x" * 251}), "Kürzen Sie die Ortsangabe auf 250 Zeichen")


def test_a_point_alone_is_a_place_and_nonsense_is_none(lamp: Category) -> None:
    walk = to_place(lamp)
    for latitude, longitude in (("91", "13"), ("NaN", "13"), ("52", ""), ("1e400", "1")):
        walk.send({"latitude": latitude, "longitude": longitude})
        assert walk.errors == ["Geben Sie an, wo es ist"]

    walk.send({"latitude": "52.5200081", "longitude": "13.404954"}).send().send(MAIL)
    calm()
    walk.send()

    ticket = Ticket.objects.get()
    assert (str(ticket.latitude), str(ticket.longitude)) == ("52.520008", "13.404954")


@pytest.mark.parametrize(
    "contact, errors",
    [
        ({}, ["Wählen Sie, wie wir Sie erreichen"]),
        ({"way": "mail", "email": ""}, ["Geben Sie eine E-Mail-Adresse wie name@beispiel.de ein"]),
        (
            {"way": "mail", "email": "aylin@example"},
            ["Geben Sie eine E-Mail-Adresse wie name@beispiel.de ein"],
        ),
        (
            {"way": "phone", "phone": "123"},
            ["Geben Sie eine Telefonnummer wie 0123 456789 ein"],
        ),
        (
            {"way": "letter"},
            [
                "Geben Sie Ihre Postanschrift ein",
                "Geben Sie Ihren Namen ein, damit der Brief ankommt",
            ],
        ),
    ],
)
def test_contact(lamp: Category, contact: dict[str, str], errors: list[str]) -> None:
    walk = to_place(lamp).send({"place": "Lindenstraße 12"}).send()

    walk.send(contact | {"phone": contact.get("phone", "0171 5550132")})

    assert walk.page.status_code == 422
    assert walk.errors == errors
    if "phone" not in contact:
        assert "0171 5550132" in walk.html


# The head of a file that needs a password (bit 0 of its flags; APPNOTE.TXT 4.4.4).
LOCKED_ZIP = (
    b"PK\x03\x04\x14\x00\x01\x00\x08\x00" + b"\0" * 16 + b"\x05\x00\x00\x00a.jpg" + b"x" * 40
)


def to_photos(lamp: Category) -> Walk:
    return to_place(lamp).send({"place": "Lindenstraße 12"})


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


@pytest.mark.parametrize(
    "name, content, error",
    [
        ("leer.jpg", b"", "„leer.jpg“ ist leer"),
        ("gross.jpg", b"\xff\xd8\xff" + b"x" * 10_000_000, "„gross.jpg“ ist zu groß. Erlaubt sind"),
        ("video.mov", b"\0\0\0\x14ftypqt  xxxx", "„video.mov“ ist kein Foto, das wir lesen"),
        ("kaputt.jpg", b"\xff\xd8\xff\xe0kaputt", "„kaputt.jpg“ lässt sich nicht als Bild lesen"),
        ("zu.zip", LOCKED_ZIP, "„zu.zip“ ist kein Foto, das wir lesen"),
    ],
)
def test_a_file_that_will_not_do_is_named_and_the_others_stay(
    lamp: Category, name: str, content: bytes, error: str
) -> None:
    walk = to_photos(lamp)

    walk.send({"upload": [photo("gut.jpg"), upload(name, content)], "do": "add"})

    assert walk.page.status_code == 422
    assert len(walk.errors) == 1
    assert walk.errors[0].startswith(error)
    assert DraftFile.objects.get().name == "gut.jpg"
    assert "gut.jpg" in walk.html


def test_more_photos_than_allowed_are_named(lamp: Category) -> None:
    walk = to_photos(lamp)
    photos = [photo(f"{number}.jpg", size=(8 + number, 8)) for number in range(6)]

    walk.send({"upload": photos, "do": "add"})

    assert walk.errors == ["„5.jpg“ wurde nicht hinzugefügt: Mehr als 5 Dateien gehen nicht"]
    assert DraftFile.objects.count() == 5


def test_limits_are_told_before_uploading(lamp: Category) -> None:
    html = to_photos(lamp).html

    assert "Bis zu 5 Fotos mit je 10 MB" in html
    assert "multiple" in html


def test_a_photo_is_removed_and_the_page_says_so(lamp: Category) -> None:
    walk = to_photos(lamp).send({"upload": photo(), "do": "add"})
    key = DraftFile.objects.get().pk

    walk.send({"remove": str(key)})

    assert walk.path == "/melden/fotos/"
    assert "laterne.jpg" not in walk.html


def test_an_expired_draft_says_what_happened(lamp: Category) -> None:
    walk = to_place(lamp)
    Draft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    walk.send({"place": "Lindenstraße 12"})

    assert walk.page.status_code == 422
    assert "Worum geht es?" in walk.title
    assert "älter als 24 Stunden" in walk.html
    assert "Lindenstraße 12" in walk.html


@pytest.mark.parametrize("proof", ["", "new:1:x", "gefälscht"])
def test_an_old_page_is_taken_at_the_second_press(lamp: Category, proof: str) -> None:
    walk = to_place(lamp)

    walk.send({"place": "Lindenstraße 12", "proof": proof})
    refused, kept = walk.errors, 'value="Lindenstraße 12"' in walk.html
    walk.send({"place": "Lindenstraße 12"})

    assert refused == ["Diese Seite war lange offen. Bitte drücken Sie den Knopf noch einmal."]
    assert kept
    assert walk.path == "/melden/fotos/"


def test_what_fills_every_field_is_asked_to_leave_one_empty(lamp: Category) -> None:
    walk = to_place(lamp).send({"place": "Lindenstraße 12", "homepage": "https://spam.example"})

    assert walk.errors == [
        "Lassen Sie das Feld „Homepage“ leer und drücken Sie den Knopf noch einmal."
    ]
    assert 'value="Lindenstraße 12"' in walk.html


def test_what_sends_quicker_than_people_is_asked_to_look_again(lamp: Category) -> None:
    walk = walk_to_check(lamp, MAIL).send()

    assert walk.page.status_code == 422
    assert "Das ging sehr schnell" in walk.errors[0]
    assert not Ticket.objects.exists()


def test_letters_of_every_kind_arrive_as_they_were_written(lamp: Category) -> None:
    text = "Laterne 🏮 kaputt, \u202eRLO\u202c, عربي, 𝕏 und <b>fett</b> {{ settings.SECRET_KEY }}"
    walk = walk_to_check(lamp, MAIL).open("/melden/").send({"text": text})
    calm()
    checked = walk.html
    walk.send()

    article = Ticket.objects.get().articles.get()
    assert article.text.startswith(text)
    assert "&lt;b&gt;fett&lt;/b&gt;" in checked
    assert "{{ settings.SECRET_KEY }}" in checked


@pytest.mark.parametrize(
    "text, is_meant",
    [
        ("Hier brennt es!", True),
        ("Ein Kind ist verletzt", True),
        ("There is a smell of gas", True),
        ("Das Feuerwerk war laut", False),
        ("Anfrage zum Brandschutz", False),
        ("Die Lampe ist dunkel", False),
    ],
)
def test_words_of_an_emergency(text: str, *, is_meant: bool) -> None:
    assert mentions_emergency(text) is is_meant


@pytest.mark.usefixtures("lamp")
def test_an_emergency_is_told_to_phone_and_may_go_on() -> None:
    walk = Walk().open("/melden/").send({"text": "Die Laterne brennt, jemand ist verletzt"})

    assert walk.path == "/melden/thema/"
    assert 'href="tel:112"' in walk.html


def test_without_a_town_there_is_no_form() -> None:
    assert Client().get("/melden/").status_code == 404
