"""Attack case 47: what a provider says is believed only as far as it is proved."""

import base64
import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from joserfc.jwk import RSAKey
from pytest_django import Settings

from helpdesk.accounts.domain.identities import ProviderDetails, save_provider
from helpdesk.accounts.models import AccountSession, Identity, IdentityProvider, PortalAccount
from tests.factories.accounts import signed_in, with_accounts
from tests.factories.house import House, make_administrator, make_house
from tests.fakes.identity import FakeProvider, fake_provider
from tests.servers.certificate import make_certificate

pytestmark = pytest.mark.django_db
CLARA = "clara@example.org"
SECRET = "geheim-wie-nichts"


@pytest.fixture
def provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[FakeProvider]:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    settings.PRIVATE_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    with fake_provider(certificate) as running:
        yield running


@pytest.fixture
def house(provider: FakeProvider) -> House:
    cache.clear()
    house = make_house()
    with_accounts(house.authority)
    save(house, provider.issuer, SECRET)
    return house


def save(house: House, issuer: str, secret: str | None) -> IdentityProvider:
    details = ProviderDetails(True, "BundID", issuer, "portal", secret)
    return save_provider(authority_id=house.authority.pk, details=details, user=None)


def begin(client: Client, provider: FakeProvider, way: str = "") -> str:
    """Go to the provider and return the state; it remembers the nonce as a real one would."""
    sent = client.get("/konto/anbieter/", {"next": way})
    asked = parse_qs(urlsplit(sent["Location"]).query)
    provider.nonce = asked["nonce"][0]
    assert asked["code_challenge_method"] == ["S256"]
    return asked["state"][0]


def come_back(client: Client, provider: FakeProvider, **query: str) -> str:
    state = begin(client, provider)
    answer = client.get("/konto/anbieter/zurueck/", {"state": state, "code": "c"} | query)
    assert answer.status_code == 302
    return answer["Location"]


def is_in(client: Client) -> bool:
    return client.get("/konto/").status_code == 200


def test_a_person_with_a_proved_address_is_in_and_found_again_by_subject_alone(
    house: House, provider: FakeProvider
) -> None:
    by_mail = signed_in(CLARA)
    client = Client()
    come_back(client, provider)
    provider.person = {"sub": "4711", "email": "neue@example.org", "email_verified": True}
    again = Client()
    come_back(again, provider)

    assert is_in(client)
    assert is_in(again)
    assert is_in(by_mail)
    assert PortalAccount.objects.count() == Identity.objects.count() == 1
    form = provider.asked[0]
    assert (form["client_secret"], form["code"]) == (SECRET, "c")
    assert len(form["code_verifier"]) >= 43
    assert SECRET not in IdentityProvider.objects.get().client_secret
    del house


def test_the_way_goes_on_to_where_somebody_wanted_to_go(
    house: House, provider: FakeProvider
) -> None:
    del house
    client = Client()
    state = begin(client, provider, "/konto/profil/")

    back = client.get("/konto/anbieter/zurueck/", {"state": state, "code": "c"})

    assert back["Location"] == "/konto/profil/"
    # The same answer once more opens nothing: what the browser kept is gone.
    assert client.get("/konto/anbieter/zurueck/", {"state": state, "code": "c"})[
        "Location"
    ].startswith("/konto/anmelden/")


@pytest.mark.parametrize(
    "query", [{"state": "geraten"}, {"state": ""}, {"code": ""}, {"iss": "https://evil.example"}]
)
def test_an_answer_that_was_not_begun_here_signs_nobody_in(
    house: House, provider: FakeProvider, query: dict[str, str]
) -> None:
    del house
    client = Client()

    come_back(client, provider, **query)

    assert not is_in(client)


def test_the_state_of_another_browser_is_worth_nothing(
    house: House, provider: FakeProvider
) -> None:
    """An attacker begins, and has the victim's browser finish (forged sign-in)."""
    del house
    state = begin(Client(), provider)
    victim = Client()
    begin(victim, provider)

    victim.get("/konto/anbieter/zurueck/", {"state": state, "code": "c"})

    assert not is_in(victim)
    assert AccountSession.objects.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "anderer"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "anderswo"},
        {"aud": ["portal", "anderswo"]},
        {"azp": "anderswo"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"sub": None},
        {"sub": 4711},
    ],
)
def test_a_token_that_says_something_else_signs_nobody_in(
    house: House, provider: FakeProvider, changes: dict[str, Any]
) -> None:
    del house
    provider.changes = changes
    client = Client()

    come_back(client, provider)

    assert not is_in(client)
    assert PortalAccount.objects.count() == 0


def unsigned(token: str) -> str:
    """Return the token with "none" for a signature."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def test_a_token_without_or_with_a_foreign_signature_signs_nobody_in(
    house: House, provider: FakeProvider
) -> None:
    del house
    clients = [Client() for _ in range(4)]
    provider.rewrite = unsigned
    come_back(clients[0], provider)
    provider.rewrite = lambda token: token[:-12] + "AAAAAAAAAAAA"
    come_back(clients[1], provider)
    provider.rewrite = lambda _token: "kein.token"
    come_back(clients[2], provider)
    provider.rewrite = str
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    come_back(clients[3], provider)

    assert [is_in(client) for client in clients] == [False] * 4


@pytest.mark.parametrize("proved", [False, None, "true", 1])
def test_an_address_that_the_provider_has_not_proved_opens_no_account(
    house: House, provider: FakeProvider, proved: object
) -> None:
    del house
    signed_in(CLARA)
    provider.changes = {"email_verified": proved}
    client = Client()

    come_back(client, provider)

    assert not is_in(client)
    assert Identity.objects.count() == 0


def test_an_address_may_stand_on_the_userinfo_page_of_the_same_person(
    house: House, provider: FakeProvider
) -> None:
    del house
    address = {"email": CLARA, "email_verified": True}
    provider.changes = {"email": None, "email_verified": None}
    right, wrong = Client(), Client()
    provider.userinfo = address | {"sub": "somebody else"}
    come_back(wrong, provider)
    provider.userinfo = address | {"sub": "4711"}
    come_back(right, provider)

    assert (is_in(wrong), is_in(right)) == (False, True)


@pytest.mark.parametrize("proved", [None, False])
def test_the_proof_of_an_address_comes_from_where_the_address_comes_from(
    house: House, provider: FakeProvider, proved: object
) -> None:
    """The token calls some address proved, and the page names another one without proof."""
    del house
    provider.changes = {"email": None, "email_verified": True}
    provider.userinfo = {"sub": "4711", "email": CLARA}
    if proved is not None:
        provider.userinfo["email_verified"] = proved
    client = Client()

    come_back(client, provider)

    assert not is_in(client)
    assert PortalAccount.objects.count() == 0


@pytest.mark.parametrize("address", [["https://x.example"], 4711, "http://x.example", "userinfo"])
def test_a_provider_whose_pages_have_no_proper_address_is_not_used(
    house: House, provider: FakeProvider, address: object
) -> None:
    del house
    provider.metadata = {"userinfo_endpoint": address}

    sent = Client().get("/konto/anbieter/")

    assert sent["Location"] == "/konto/anmelden/"


def test_a_provider_that_calls_itself_by_another_name_is_not_used(
    house: House, provider: FakeProvider
) -> None:
    del house
    provider.metadata = {"issuer": "https://evil.example"}

    sent = Client().get("/konto/anbieter/")

    assert sent["Location"] == "/konto/anmelden/"


def test_a_stored_secret_goes_to_no_other_provider(house: House, provider: FakeProvider) -> None:
    del provider
    with pytest.raises(Exception, match="client_secret"):
        save(house, "https://evil.example", None)

    assert save(house, "https://evil.example", "anderes").issuer == "https://evil.example"


def test_a_provider_in_the_own_network_is_not_asked(
    house: House, provider: FakeProvider, settings: Settings
) -> None:
    del house
    settings.PRIVATE_NETWORKS = ()

    sent = Client().get("/konto/anbieter/")

    assert sent["Location"] == "/konto/anmelden/"
    assert provider.asked == []


def test_an_administrator_names_the_provider_and_learns_whether_it_answers(
    house: House, provider: FakeProvider
) -> None:
    house.authority.require_second_factor = False
    house.authority.save()
    desk = Client()
    desk.force_login(make_administrator(house.authority))
    page = reverse("desk:settings_identity")
    fields = {"is_active": "on", "name": "Bürgerkonto", "issuer": provider.issuer}
    fields |= {"client_id": "portal", "client_secret": ""}

    good: Any = desk.post(page, fields, follow=True)
    provider.metadata = {"jwks_uri": "http://localhost/keys"}
    bad: Any = desk.post(page, fields, follow=True)
    moved: Any = desk.post(page, fields | {"issuer": "https://evil.example"})

    levels = [[each.level_tag for each in shown.context["messages"]] for shown in (good, bad)]
    assert levels == [["success"], ["error"]]
    assert SECRET not in good.content.decode()
    assert (moved.status_code, list(moved.context["form"].errors)) == (422, ["client_secret"])
    assert IdentityProvider.objects.get().name == "Bürgerkonto"
