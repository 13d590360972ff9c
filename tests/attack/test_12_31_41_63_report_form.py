"""Attack cases 12, 31, 41, 48, 49, 61 and 63 by the report form."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helpdesk.citizens.domain.identify import take_in_by_mail
from helpdesk.citizens.models import Citizen
from helpdesk.forms.models import Draft, DraftFile
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.reactions.tasks import drain
from helpdesk.tickets.models import Article, Category, Ticket
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import TEXT, Walk, calm, make_topic, photo
from tests.helpdesk.portal.test_portal import fingerprint

pytestmark = pytest.mark.django_db
VICTIM = {"way": "mail", "email": "opfer@example.org", "name": "Kaufen Sie jetzt bei uns"}


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def topic(house: House) -> Category:
    return make_topic(house, "Kurz", place="none", asks_photos=False)


def filled(topic: Category, contact: dict[str, str], address: str = "203.0.113.7") -> Walk:
    walk = Walk()
    walk.client.defaults["REMOTE_ADDR"] = address
    walk.open(f"/melden/thema/{topic.pk}/").send({"text": TEXT}).send(contact)
    calm()
    return walk


def test_12_fields_that_the_form_does_not_have_change_nothing(
    house: House, topic: Category
) -> None:
    extra = {
        "owner": str(house.anna.pk),
        "team": str(house.waste.pk),
        "status": "resolved",
        "priority": "40",
        "number": "2026-999999",
        "citizen": "1",
        "draft": "1",
        "ticket_id": "1",
        "request_key": "x",
    }
    walk = Walk().open(f"/melden/thema/{topic.pk}/")
    walk.send({"text": TEXT} | extra).send(VICTIM | extra)
    calm()

    walk.send(extra)

    ticket = Ticket.objects.get()
    assert (ticket.owner, ticket.team, ticket.status) == (None, house.roads, "new")
    assert (ticket.priority, ticket.number.endswith("999999")) == (20, False)


def test_31_a_thousand_posts_are_twenty_requests_and_one_mail_without_their_words(
    topic: Category,
) -> None:
    walks = [filled(topic, VICTIM, f"203.0.113.{number % 250}") for number in range(24)]

    codes = [walk.send().page.status_code for walk in walks]
    # Pressing on and on changes nothing: the rest of the thousand.
    codes += [walks[-1].send(to="/melden/pruefen/").page.status_code for _ in range(40)]
    drain(until=time.monotonic() + 60)

    receipt = OutgoingMessage.objects.get()
    assert codes.count(200) == 20
    assert Ticket.objects.count() == 20
    assert "Kaufen Sie jetzt" not in receipt.text + receipt.html + receipt.subject
    assert TEXT not in receipt.text


def test_32_headers_cannot_be_smuggled_in_by_an_address_or_a_name(topic: Category) -> None:
    evil = "a@example.org\r\nBcc: b@example.org"

    walk = filled(topic, {"way": "mail", "email": evil, "name": "x\r\nBcc: c@example.org"})

    assert walk.path == "/melden/kontakt/"
    assert not Ticket.objects.exists()


def test_41_a_known_address_is_answered_like_an_unknown_one(house: House, topic: Category) -> None:
    take_in_by_mail(authority_id=house.authority.pk, email="da@example.org", name="Kanarienvogel")

    known = filled(topic, VICTIM | {"email": "da@example.org"}).send()
    unknown = filled(topic, VICTIM | {"email": "weg@example.org"}).send()

    assert known.page.status_code == unknown.page.status_code == 200
    assert [step for step in ("unterwegs", "Vorgang öffnen") if step in known.html] == [
        step for step in ("unterwegs", "Vorgang öffnen") if step in unknown.html
    ]
    assert "Kanarienvogel" not in known.html
    assert Citizen.objects.filter(name="Kanarienvogel").exists()


def test_48_no_step_takes_a_post_without_its_token(topic: Category) -> None:
    walk = filled(topic, VICTIM)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = walk.client.cookies
    before = (Draft.objects.count(), Draft.objects.get().data)

    codes = {
        path: strict.post(f"/melden/{path}", {"text": "x"}).status_code
        for path in ("", "thema/", "thema/alle/", "ort/", "fotos/", "kontakt/", "pruefen/", "neu/")
    }

    assert set(codes.values()) == {403}
    assert (Draft.objects.count(), Draft.objects.get().data) == before
    assert not Ticket.objects.exists()


def test_48_looking_at_every_step_writes_nothing(topic: Category) -> None:
    walk = filled(topic, VICTIM)
    before = fingerprint()

    for path in (
        *("", f"thema/{topic.pk}/", "thema/", "thema/alle/?q=x", "frage/x/", "ort/", "fotos/"),
        *("kontakt/", "pruefen/", "angekommen/", "fotos/1/"),
    ):
        walk.client.get(f"/melden/{path}")
        walk.client.head(f"/melden/{path}")

    assert fingerprint() == before
    assert walk.client.get("/melden/neu/").status_code == 405


def test_49_no_step_leads_to_another_site(topic: Category) -> None:
    walk = filled(topic, VICTIM)
    query = "?next=//evil.example&zurueck=https://evil.example"

    places = [
        walk.client.post(f"/melden/{path}{query}", {}).headers.get("Location", "")
        for path in ("", "thema/", "kontakt/", "pruefen/", "neu/")
    ]

    assert not [place for place in places if "evil" in place or place.startswith("//")]


@pytest.mark.usefixtures("house")
def test_61_too_many_fields_or_files_are_refused_without_an_error(
    client: Client,
) -> None:
    fields = client.post("/melden/", {f"f{number}": "x" for number in range(1001)})
    files = client.post(
        "/melden/",
        {f"u{number}": SimpleUploadedFile("x", b"x") for number in range(101)},
    )

    assert {fields.status_code, files.status_code} <= {400, 413}
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("house")
def test_63_a_thousand_files_are_five_and_the_request_goes_on() -> None:
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": "none"}).send()
    assert "Bis zu 5 Fotos mit je 10 MB" in walk.html

    for number in range(4):
        files = [photo(f"{number}-{each}.jpg", size=(8, 8 + each)) for each in range(4)]
        walk.send({"upload": files, "do": "add"}, to="/melden/fotos/")
    virus = SimpleUploadedFile("eicar.jpg", b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "image/jpeg")
    walk.send({"upload": virus, "do": "add"}, to="/melden/fotos/")
    walk.open("/melden/fotos/").send().send({"way": "anonymous"})
    calm()
    walk.send()

    assert DraftFile.objects.count() == 0
    assert Article.objects.get().attachments.count() == 5
