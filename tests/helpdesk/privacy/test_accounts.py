"""What is kept of the holder of an account: complete, theirs alone, and gone with the account."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.test import Client
from django.utils import timezone

from helpdesk.accounts import models
from helpdesk.accounts.models import PortalAccount
from helpdesk.forms.domain.drafts import save_step, start_draft
from helpdesk.forms.models import Draft
from helpdesk.lib.limits import Limit, spend
from helpdesk.notifications import portal_mails
from helpdesk.notifications.follower_mails import tell_due
from helpdesk.notifications.following import tell_followers
from helpdesk.notifications.models import Follower
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.privacy import holdings
from helpdesk.privacy.holdings import holdings_of
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Ticket
from tests.factories.accounts import make_house_with_accounts, signed_in
from tests.factories.house import House, make_ticket

pytestmark = pytest.mark.django_db
CLARA, DORA = "clara@example.org", "dora@example.org"
SECRET = "Kanarienvogel"
# Each table that points to an account → under which name its rows are told.
TOLD = {
    "addresses": "addresses",
    "links": "links",
    "sessions": "sessions",
    "passkeys": "passkeys",
    "identities": "identities",
}


@pytest.fixture
def house() -> House:
    return make_house_with_accounts()


@pytest.fixture
def clara(house: House) -> Client:
    """Somebody of whom everything is kept that may be."""
    client = signed_in(CLARA)
    client.post("/konto/anmelden/", {"email": CLARA})
    account = PortalAccount.objects.get()
    account.passkeys.create(credential_id="x", public_key=b"x", name="Telefon von Clara")
    account.identities.create(issuer="https://id.example", subject="4711-clara")
    own = make_ticket(house, person=Person("Clara", CLARA), subject="Laterne aus", text="Dunkel.")
    write_note(ticket_id=own.pk, text=f"Vorsicht, {SECRET}.", user=house.anna)
    other = make_ticket(house, person=Person("Dora", DORA), subject=SECRET, text=SECRET)
    Follower.objects.create(
        ticket=other, email=CLARA, language="de", nonce="n", confirmed_at=timezone.now()
    )
    draft, _key = start_draft(authority_id=house.authority.pk, values={"text": SECRET})
    save_step(draft_id=draft.pk, values={"contact": {"way": "mail", "email": "Clara@Example.org"}})
    return client


def test_all_that_is_kept_is_told_and_no_word_of_anybody_else(house: House, clara: Client) -> None:
    signed_in(DORA)

    file = clara.get("/konto/daten/datei/")
    page = clara.get("/konto/daten/").content.decode()

    found = json.loads(file.content)
    assert "attachment" in file["Content-Disposition"]
    assert "no-store" in file["Cache-Control"]
    assert {name: len(rows) for name, rows in found.items() if isinstance(rows, list)} == {
        "addresses": 1,
        "passkeys": 1,
        "identities": 1,
        "sessions": 1,
        "links": 2,
        "followed": 1,
        "drafts": 1,
        "mails": 2,
        "requests": 1,
    }
    assert found["requests"][0]["title"] == "Laterne aus"
    assert [each["text"] for each in found["requests"][0]["messages"]] == ["Dunkel."]
    for word in ("Telefon von Clara", "https://id.example", "Laterne aus", "<dd>Deutsch</dd>"):
        assert word in page
    for told in (file.content.decode(), page):
        assert SECRET not in told
        assert DORA not in told
    del house


def test_what_followers_were_told_is_named_and_of_very_many_requests_none_is_left_out(
    house: House, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ticket(house, person=Person("Clara", CLARA), subject="Schlagloch", text="Tief.")
    monkeypatch.setattr(holdings, "AT_ONCE", 1)
    tell_followers(
        ticket_id=Ticket.objects.get(title=SECRET).pk, text="Freitag.", key="k", user=house.anna
    )
    tell_due()

    found = json.loads(clara.get("/konto/daten/datei/").content)
    page = clara.get("/konto/daten/")

    told = [each["kind"] for each in found["mails"]]
    assert sorted(told) == ["follow_news", "sign_in_link", "sign_in_link"]
    assert [each["title"] for each in found["requests"]] == ["Schlagloch", "Laterne aus"]
    assert [each["messages"][0]["text"] for each in found["requests"]] == ["Tief.", "Dunkel."]
    assert [each["title"] for each in page.context["found"]["requests"]] == ["Schlagloch"]
    assert "die neuesten 1 von 2" in page.content.decode()


def test_looking_at_it_very_often_is_too_often(clara: Client) -> None:
    for _ in range(60):
        spend([Limit("act:127.0.0.0/24", 60, 3600)])

    assert clara.get("/konto/daten/").status_code == 429


def test_each_table_of_an_account_is_told(clara: Client) -> None:
    del clara
    tables = {each.get_accessor_name() for each in PortalAccount._meta.related_objects}

    assert tables == TOLD.keys()
    assert set(TOLD.values()) <= holdings_of(PortalAccount.objects.get()).keys()


def test_a_deleted_account_leaves_its_addresses_in_its_requests_alone(
    house: House, clara: Client
) -> None:
    clara.post("/konto/loeschen/")

    assert not PortalAccount.objects.exists()
    for table in (models.AccountAddress, models.Passkey, models.Identity, models.AccountSession):
        assert not table.objects.exists(), table
    kept = serialize("json", [*models.AccountLink.objects.all(), *Follower.objects.all()])
    kept += serialize("json", [*Draft.objects.all(), *OutgoingMessage.objects.all()])
    assert CLARA not in kept.lower()
    assert not Recipient.objects.filter(address=CLARA).exists()
    # Whose words they are nobody knows: they stay, and the question for the address is asked anew.
    assert Draft.objects.get().data == {"text": SECRET}
    assert Ticket.objects.count() == 2
    assert Article.objects.filter(text="Dunkel.").exists()
    del house


def test_of_very_many_mails_none_is_left(
    house: House, clara: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_mails, "MAILS_AT_ONCE", 1)
    before = Recipient.objects.filter(address=CLARA).count()

    clara.post("/konto/loeschen/")

    assert (before, Recipient.objects.filter(address=CLARA).count()) == (2, 0)
    del house


def test_nobody_else_loses_anything_by_it(house: House, clara: Client) -> None:
    dora = signed_in(DORA)
    ticket = Ticket.objects.get(title="Laterne aus")
    Follower.objects.create(ticket=ticket, email=DORA, language="de", nonce="d")

    clara.post("/konto/loeschen/")

    assert dora.get("/konto/daten/").status_code == 200
    assert Follower.objects.get().email == DORA
    assert Recipient.objects.filter(address=DORA, message__kind="sign_in_link").exists()
    del house


def test_a_request_by_letter_is_answered_by_a_command(house: House, clara: Client) -> None:
    del house, clara
    shown = StringIO()

    call_command("citizen_account", "show", "Clara@Example.org", stdout=shown)
    call_command("citizen_account", "erase", CLARA, stdout=StringIO())

    assert json.loads(shown.getvalue())["addresses"][0]["email"] == CLARA
    assert not PortalAccount.objects.exists()
    with pytest.raises(CommandError, match="no account has this address"):
        call_command("citizen_account", "show", CLARA)
