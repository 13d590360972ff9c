"""Attack cases 5, 18–20, 39, 41, 47–49 on accounts: nobody reads along, nobody gets in."""

from typing import Any

import pytest
from django.test import Client, override_settings

from helpdesk.accounts.models import AccountLink, AccountSession, Passkey, PortalAccount
from helpdesk.agents.models import Authority
from helpdesk.citizens.domain.identify import take_in_by_mail
from helpdesk.citizens.models import ContactPoint
from helpdesk.files.store import put
from helpdesk.lib.tokens import digest
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.links import to_base36
from helpdesk.tickets.models import Attachment, Participant, Ticket
from tests.factories.accounts import mailed_link, make_house_with_accounts, signed_in
from tests.factories.house import House, make_authority, make_ticket
from tests.fakes.authenticator import FakeAuthenticator

pytestmark = pytest.mark.django_db
CLARA, DORA = "clara@example.org", "dora@example.org"
PAGES = ("", "drucken/", "zurueckziehen/", "wieder-oeffnen/", "bewerten/", "neuer-link/")


@pytest.fixture
def house() -> House:
    return make_house_with_accounts()


@pytest.fixture
def ticket(house: House) -> Ticket:
    stored = put(b"Kanarienvogel Datei", "text/plain")
    file = InboundFile(stored.pk, "plan.txt", "text/plain", stored.size)
    return make_ticket(
        house,
        person=Person("Clara", CLARA),
        subject="Kanarienvogel Betreff",
        text="Kanarienvogel Text",
        files=(file,),
    )


def own(number: int) -> str:
    return f"/s/k-{to_base36(number)}/"


def listed(client: Client) -> list[str]:
    page: Any = client.get("/konto/")
    return [row.reference for row in page.context["rows"]]


def body(client: Client, path: str, number: int) -> str:
    return client.get(path).content.decode().replace(f"k-{to_base36(number)}", "k-ID")


def test_a_foreign_request_is_not_there_byte_for_byte(house: House, ticket: Ticket) -> None:
    clara, dora = signed_in(CLARA), signed_in(DORA)
    file = Attachment.objects.get()

    for page in (*PAGES, f"dateien/{file.pk}/"):
        foreign, missing = f"{own(ticket.pk)}{page}", f"{own(999_999)}{page}"
        assert dora.get(foreign).status_code == dora.get(missing).status_code == 404, page
        assert body(dora, foreign, ticket.pk) == body(dora, missing, 999_999), page
        # Whoever is signed in to nothing learns nothing either.
        nobody = Client().get(foreign)
        assert (nobody.status_code, nobody["Location"].partition("?")[0]) == (
            302,
            "/konto/anmelden/",
        )
        assert Client().get(missing).status_code == 302
    for act in ("antworten/", "zurueckziehen/", "wieder-oeffnen/", "bewerten/"):
        assert (
            dora.post(f"{own(ticket.pk)}{act}", {"text": "x", "solved": "yes"}).status_code == 404
        )
    ticket.refresh_from_db()
    assert ticket.articles.count() == 1
    assert listed(dora) == []
    assert listed(clara) == [ticket.reference]
    assert b"".join(clara.get(f"{own(ticket.pk)}dateien/{file.pk}/").streaming_content) == (  # type: ignore[attr-defined] # a file
        b"Kanarienvogel Datei"
    )
    del house


def test_notes_stay_inside(house: House, ticket: Ticket) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text="Kanarienvogel Notiz")
    clara = signed_in(CLARA)

    for path in ("/konto/", own(ticket.pk), f"{own(ticket.pk)}drucken/"):
        assert "Kanarienvogel Notiz" not in clara.get(path).content.decode()


def test_somebody_in_copy_and_a_named_address_of_somebody_known_see_nothing(
    house: House, ticket: Ticket
) -> None:
    """The owner of a mailbox that others added to a known person is not that person by it."""
    citizen = ticket.citizen
    assert citizen is not None
    ContactPoint.objects.create(
        citizen=citizen,
        authority=house.authority,
        kind="mail",
        value=DORA,
        normalised=DORA,
        is_claimed=True,
    )
    other = make_ticket(house, person=Person("Emil", "emil@example.org"))
    in_copy = take_in_by_mail(authority_id=house.authority.pk, email="fred@example.org").citizen
    Participant.objects.create(ticket=other, citizen=in_copy, role=Participant.Role.WATCHER)

    assert listed(signed_in(DORA)) == []
    assert listed(signed_in("fred@example.org")) == []
    assert listed(signed_in("emil@example.org")) == [other.reference]


def test_a_form_with_a_typed_address_goes_to_the_owner_of_the_mailbox_alone(house: House) -> None:
    typed = make_ticket(house, channel=Channel.WEB, person=Person("Wer?", CLARA))

    assert listed(signed_in(CLARA)) == [typed.reference]
    assert listed(signed_in("wer@example.org")) == []


@override_settings(ALLOWED_HOSTS=["testserver", "anderswo.example"])
def test_an_account_of_one_town_is_none_in_another(house: House, ticket: Ticket) -> None:
    other = make_authority("Stadt Anderswo", "AW")
    Authority.objects.filter(pk=other.pk).update(
        portal_host="anderswo.example", offers_accounts=True
    )
    clara = signed_in(CLARA)

    away = clara.get("/konto/", headers={"host": "anderswo.example"})

    assert away["Location"].startswith("/konto/anmelden/")
    assert listed(clara) == [ticket.reference]
    del house


def test_nobody_makes_a_stranger_confirm_their_address(house: House, ticket: Ticket) -> None:
    """Dora asks for Clara's address; Clara gets the mail and presses whatever she finds."""
    del house
    dora = signed_in(DORA)
    dora.post("/konto/adressen/", {"email": CLARA})
    path = mailed_link(CLARA)
    clara = Client()

    outside = clara.post(path)
    signed_in(CLARA, clara)
    inside = clara.post(path)

    assert outside["Location"].startswith("/konto/anmelden/")
    assert inside.status_code == 410
    assert listed(dora) == []
    assert listed(clara) == [ticket.reference]


def test_staff_and_citizens_share_no_session(house: House, ticket: Ticket) -> None:
    clara, anna = signed_in(CLARA), Client()
    anna.force_login(house.anna)

    assert clara.get("/a/")["Location"].startswith("/a/konto/anmelden")
    assert "sessionid" not in clara.cookies
    assert "session" not in clara.cookies
    assert anna.get("/konto/")["Location"].startswith("/konto/anmelden/")
    assert anna.get(own(ticket.pk)).status_code == 302
    # One browser may hold both; signing out of one leaves the other.
    signed_in("anna@example.org", anna)
    anna.post("/konto/abmelden/")
    assert anna.get("/a/").status_code in {200, 302}
    assert "anmelden" not in anna.get("/a/").headers.get("Location", "")


def test_signing_in_takes_a_new_key_and_ends_the_one_before(house: House) -> None:
    del house
    planted = Client()
    planted.cookies["citizen"] = "geraten"
    signed_in(CLARA, planted)
    first = planted.cookies["citizen"].value

    signed_in(DORA, planted)

    assert first not in {"geraten", planted.cookies["citizen"].value}
    assert AccountSession.objects.count() == 1
    cookie = planted.cookies["citizen"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")


def test_neither_keys_nor_tokens_are_stored(house: House) -> None:
    del house
    client = Client()
    client.post("/konto/anmelden/", {"email": CLARA})
    token = mailed_link(CLARA).rstrip("/").rpartition("/")[2]
    kept = AccountLink.objects.get()
    client.post(mailed_link(CLARA))
    session = AccountSession.objects.get()

    assert (kept.digest, session.digest) == (
        digest(token),
        digest(client.cookies["citizen"].value),
    )
    assert len(token) >= 32


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "/\t//evil.example", "https:evil.example"]
)
def test_no_way_back_leads_elsewhere(house: House, target: str) -> None:
    del house
    client = Client()
    client.post("/konto/anmelden/", {"email": CLARA, "next": target})

    assert client.post(mailed_link(CLARA))["Location"] == "/konto/"
    assert client.get("/konto/anmelden/", {"next": target})["Location"] == "/konto/"


@pytest.mark.parametrize("path", ["abmelden/", "ueberall-abmelden/", "loeschen/", "profil/"])
def test_a_forged_form_of_another_site_does_nothing(house: House, path: str) -> None:
    del house
    client = Client(enforce_csrf_checks=True)
    signed_in(CLARA, lax := Client())
    client.cookies = lax.cookies

    assert client.post(f"/konto/{path}", {"name": "x", "language": "de"}).status_code == 403
    assert PortalAccount.objects.count() == AccountSession.objects.count() == 1


def test_pages_of_accounts_lie_in_no_cache(house: House, ticket: Ticket) -> None:
    del house
    clara = signed_in(CLARA)

    for path in ("/konto/", "/konto/profil/", "/konto/anmelden/", own(ticket.pk)):
        answer = Client().get(path) if path.endswith("anmelden/") else clara.get(path)
        assert "no-store" in answer["Cache-Control"], path
        assert answer["X-Robots-Tag"] == "noindex, nofollow", path


@override_settings(BASE_URL="https://testserver")
def test_a_passkey_opens_the_account_that_added_it_and_only_while_it_is_kept(house: House) -> None:
    del house
    device = FakeAuthenticator("https://testserver")
    clara = signed_in(CLARA)
    page: Any = clara.get("/konto/profil/")
    asked = page.context["passkey"]
    clara.post("/konto/passkeys/", {"seal": asked.seal, "answer": device.make(asked.options)})
    key = Passkey.objects.get()

    def sign_in() -> Client:
        browser = Client()
        question: Any = browser.get("/konto/anmelden/")
        asked = question.context["passkey"]
        fields = {"seal": asked.seal, "answer": device.sign(asked.options)}
        browser.post("/konto/passkey/", fields)
        return browser

    by_key = sign_in()
    foreign = signed_in(DORA).post(f"/konto/passkeys/{key.pk}/")
    clara.post(f"/konto/passkeys/{key.pk}/")
    afterwards = sign_in()

    assert by_key.get("/konto/").status_code == 200
    assert foreign.status_code == 404
    assert afterwards.get("/konto/").status_code == 302
    assert key.account == AccountSession.objects.order_by("id")[1].account
