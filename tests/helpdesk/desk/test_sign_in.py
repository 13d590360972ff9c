"""Signing in as the browser does it: cases 37 to 49 of the attack suite."""

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.fixtures import Settings

from helpdesk.agents.domain.invite import invite_agent
from helpdesk.agents.domain.membership import AgentDetails, change_agent, deactivate_agent
from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Authority, Role, User
from helpdesk.desk.account import throttle
from helpdesk.desk.account.adapters import SecondFactorAdapter
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.senders import SenderDetails, save_sender

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PASSWORD = "sonnig-und-trocken-7"
LOGIN = "/a/konto/anmelden/"
PROFILE = "/a/konto/profil/"


@pytest.fixture
def authority(db: None) -> Authority:  # noqa: ARG001 - opens the database
    made = create_authority(name="Stadt Musterstadt", short_name="Musterstadt")
    details = SenderDetails("Stadt", "info@musterstadt.example", Sender.Transport.DEMO)
    save_sender(authority_id=made.pk, sender_id=None, details=details, user=None)
    return made


@pytest.fixture
def agent(authority: Authority) -> User:
    return make_user(authority, "jana@musterstadt.example")


@pytest.fixture
def administrator(authority: Authority) -> User:
    user = make_user(authority, "anna@musterstadt.example")
    user.roles.add(Role.objects.get(authority=authority, name="Administration"))
    return user


@pytest.fixture(autouse=True)
def _quick_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.desk.account.views.RESET_SECONDS", 0.0)


def make_user(authority: Authority, email: str) -> User:
    user = User(authority=authority, email=email, name=email.partition("@")[0].title())
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(
    client: Client, email: str, password: str = PASSWORD, address: str = "192.0.2.1", **query: str
) -> "Response":
    return client.post(LOGIN, {"login": email, "password": password} | query, REMOTE_ADDR=address)


def is_signed_in(client: Client) -> bool:
    return client.get(PROFILE).status_code == 200


def link_in_mail(kind: str) -> str:
    text = OutgoingMessage.objects.filter(kind=kind).latest("id").text
    found = re.search(r"https?://\S+", text)
    assert found
    return urlsplit(found.group()).path


def give_code(user: User) -> str:
    secret = str(generate_totp_secret())
    data = {"secret": SecondFactorAdapter().encrypt(secret)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return secret


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def wrong_code_of(secret: str) -> str:
    return str((int(code_of(secret)) + 1) % 1_000_000).zfill(6)


@pytest.mark.parametrize("email", ["jana@musterstadt.example", "JANA@Musterstadt.example"])
def test_sign_in_leads_to_the_desk(client: Client, agent: User, email: str) -> None:
    response = sign_in(client, email)

    assert (response.status_code, response.headers["Location"]) == (302, "/a/")
    assert is_signed_in(client)
    assert agent.email == "jana@musterstadt.example"


def test_sign_in_gives_the_session_a_new_key(client: Client, agent: User) -> None:
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key

    sign_in(client, agent.email)

    assert client.session.session_key != before


def test_sign_in_answers_unknown_and_wrong_alike(client: Client, agent: User) -> None:
    wrong = sign_in(client, agent.email, "falsch-und-nass-1")
    unknown = sign_in(client, "nobody@musterstadt.example", "falsch-und-nass-1")

    def words(response: "Response") -> str:
        page = re.sub(r'(name="csrfmiddlewaretoken"|data-csrf)[^>]*', "", response.content.decode())
        return re.sub(r'value="[^"]*"', "", page)

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert words(wrong) == words(unknown)
    assert "<title>Fehler:" in wrong.content.decode() or "<title>Error:" in wrong.content.decode()


def test_sign_in_hashes_for_unknown_addresses_and_unusable_passwords(
    client: Client, agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def encode(_self: object, password: str, _salt: str) -> str:
        hashed.append(password)
        return "md5$salt$hash"

    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", encode)
    agent.password = "!unusable"
    agent.save()

    sign_in(client, agent.email, "falsch-und-nass-1")
    sign_in(client, "nobody@musterstadt.example", "falsch-und-nass-1")

    # Django hashes a throw-away secret for what can't sign in at all; what counts is that it does.
    assert len(hashed) == 2


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\t//evil.example",
        "https:evil.example",
        "https://evil.example/a/",
    ],
)
def test_sign_in_never_leaves_the_host(client: Client, agent: User, target: str) -> None:
    response = client.post(
        f"{LOGIN}?next=x", {"login": agent.email, "password": PASSWORD, "next": target}
    )

    assert response.headers["Location"] == "/a/"


def test_sign_in_goes_where_one_wanted_to(client: Client, agent: User) -> None:
    refused = client.get(PROFILE)
    page = client.get(refused.headers["Location"]).content.decode()

    response = sign_in(client, agent.email, next=PROFILE)

    assert f'name="next" value="{PROFILE}"' in page
    assert response.headers["Location"] == PROFILE


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_set_password",
        "mfa_add_webauthn",
        "account_confirm_login_code",
    ],
)
def test_no_other_page_of_the_library_is_exposed(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


# -- throttling (case 43) --------------------------------------------------------------------


def test_one_address_may_try_ten_times_in_five_minutes(client: Client, agent: User) -> None:
    for _ in range(10):
        sign_in(client, agent.email, "falsch-und-nass-1")

    response = sign_in(client, agent.email)

    assert response.status_code == 422
    assert not is_signed_in(client)


def test_many_addresses_get_a_hundred_tries_an_hour_and_the_owner_still_gets_in(
    agent: User,
) -> None:
    own = Client()
    sign_in(own, agent.email)
    own.post("/a/konto/abmelden/")
    outcomes = [
        sign_in(Client(), agent.email, "falsch-und-nass-1", f"198.51.100.{number % 200}")
        for number in range(101)
    ]

    stranger = sign_in(Client(), agent.email, PASSWORD, "203.0.113.9")
    owner = sign_in(own, agent.email, PASSWORD, "192.0.2.77")

    assert {response.status_code for response in outcomes} == {422}
    assert stranger.status_code == 422
    assert owner.status_code == 302


def test_right_passwords_use_nothing_up(agent: User) -> None:
    answers = [sign_in(Client(), agent.email).status_code for _ in range(15)]

    assert answers == [302] * 15


def test_a_forged_device_cookie_is_a_stranger(client: Client, agent: User) -> None:
    client.cookies["device"] = "abcd.efgh"
    for _ in range(10):
        sign_in(client, agent.email, "falsch-und-nass-1")

    assert sign_in(client, agent.email).status_code == 422


def test_the_device_cookie_of_another_account_is_a_stranger(
    client: Client, agent: User, administrator: User
) -> None:
    sign_in(client, agent.email)

    assert throttle.known_device(request_with(client), agent.email) != ""
    assert throttle.known_device(request_with(client), administrator.email) == ""


def request_with(client: Client) -> HttpRequest:
    return client.get(LOGIN).wsgi_request


# -- reset (cases 41, 42) --------------------------------------------------------------------


def ask_for_reset(client: Client, email: str) -> "Response":
    return client.post("/a/konto/passwort/vergessen/", {"email": email})


def test_reset_answers_known_and_unknown_alike_and_mails_only_the_known(
    client: Client, agent: User
) -> None:
    known = ask_for_reset(client, agent.email)
    unknown = ask_for_reset(client, "nobody@musterstadt.example")

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    mail = OutgoingMessage.objects.get()
    assert [to.address for to in mail.recipients.all()] == [agent.email]


def test_reset_link_works_once_and_ends_all_sessions(client: Client, agent: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, agent.email)
    ask_for_reset(client, agent.email)
    link = link_in_mail("password_reset")

    form = client.get(link)
    new = {"password1": "windig-und-nass-12", "password2": "windig-und-nass-12"}
    done = client.post(form.headers["Location"], new)
    again = Client().get(link)

    assert done.status_code == 302
    assert sign_in(Client(), agent.email, "windig-und-nass-12").status_code == 302
    assert not is_signed_in(elsewhere)
    assert again.status_code == 200
    assert b"password1" not in again.content


def test_reset_link_is_dead_after_an_hour(client: Client, agent: User, settings: Settings) -> None:
    ask_for_reset(client, agent.email)
    settings.PASSWORD_RESET_TIMEOUT = -1

    page = client.get(link_in_mail("password_reset"))

    assert b"password1" not in page.content


def test_reset_link_is_dead_after_a_new_address(
    client: Client, agent: User, administrator: User
) -> None:
    ask_for_reset(client, agent.email)
    change_agent(
        user_id=agent.pk,
        details=AgentDetails(name=agent.name, email="neu@musterstadt.example"),
        role_ids=[],
        user=administrator,
    )

    page = client.get(link_in_mail("password_reset"))
    old = ask_for_reset(Client(), "jana@musterstadt.example")

    assert b"password1" not in page.content
    assert old.status_code == 302
    assert OutgoingMessage.objects.filter(kind="password_reset").count() == 1


def test_reset_link_ignores_the_host_header(
    client: Client, agent: User, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    client.post("/a/konto/passwort/vergessen/", {"email": agent.email}, HTTP_HOST="evil.example")

    assert "http://testserver/a/konto/passwort/neu/" in OutgoingMessage.objects.get().text
    assert "evil" not in OutgoingMessage.objects.get().text


def test_at_most_five_resets_an_hour_are_mailed(agent: User) -> None:
    for _ in range(7):
        ask_for_reset(Client(), agent.email)

    assert OutgoingMessage.objects.count() == 5


def test_reset_keeps_the_second_factor(client: Client, agent: User) -> None:
    give_code(agent)
    ask_for_reset(client, agent.email)
    form = client.get(link_in_mail("password_reset"))
    new = {"password1": "windig-und-nass-12", "password2": "windig-und-nass-12"}
    client.post(form.headers["Location"], new)

    response = sign_in(client, agent.email, "windig-und-nass-12")

    assert response.headers["Location"] == "/a/konto/anmelden/code/"
    assert not is_signed_in(client)


# -- second factor (case 40) -----------------------------------------------------------------


@pytest.fixture
def _half_a_minute() -> None:
    # A code is valid for half a minute; a test that begins at its very end would see two.
    while time.time() % 30 > 27:
        time.sleep(0.2)


@pytest.mark.usefixtures("_half_a_minute")
def test_the_code_is_needed_and_counts_once(client: Client, agent: User) -> None:
    secret = give_code(agent)

    sign_in(client, agent.email)
    assert not is_signed_in(client)
    code = code_of(secret)
    client.post("/a/konto/anmelden/code/", {"code": code})
    assert is_signed_in(client)

    other = Client()
    sign_in(other, agent.email)
    replayed = other.post("/a/konto/anmelden/code/", {"code": code})

    assert replayed.status_code == 422
    assert not is_signed_in(other)


@pytest.mark.usefixtures("_half_a_minute")
def test_codes_are_throttled(client: Client, agent: User) -> None:
    secret = give_code(agent)
    sign_in(client, agent.email)
    for _ in range(10):
        client.post("/a/konto/anmelden/code/", {"code": wrong_code_of(secret)})

    client.post("/a/konto/anmelden/code/", {"code": code_of(secret)})

    assert not is_signed_in(client)


def test_secrets_of_the_factor_are_sealed_at_rest(agent: User) -> None:
    secret = give_code(agent)

    stored = Authenticator.objects.get(user=agent).data["secret"]

    assert secret not in stored
    assert SecondFactorAdapter().decrypt(stored) == secret


@pytest.mark.usefixtures("_half_a_minute")
def test_setting_up_the_factor_ends_other_sessions_and_shows_codes_once(agent: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, agent.email)
    sign_in(elsewhere, agent.email)
    assert is_signed_in(here)
    assert is_signed_in(elsewhere)

    page = here.get("/a/konto/code/einrichten/")
    secret = page.context["form"].secret
    done = here.post("/a/konto/code/einrichten/", {"code": code_of(secret)})
    codes = here.get("/a/konto/code/ersatz/")
    again = here.get("/a/konto/code/ersatz/")

    assert b"<svg" in page.content
    assert b"data:image" not in page.content
    assert b"style=" not in page.content
    assert done.headers["Location"] == "/a/konto/code/ersatz/"
    assert len(re.findall(rb"<code>\d{8}</code>", codes.content)) == 10
    assert re.findall(rb"<code>\d{8}</code>", again.content) == []
    assert not is_signed_in(elsewhere)


def test_administrators_are_led_to_the_second_factor(client: Client, administrator: User) -> None:
    sign_in(client, administrator.email)

    response = client.get("/a/verwaltung/")

    assert response.headers["Location"] == "/a/konto/code/einrichten/"


def test_administrators_of_the_demonstration_are_not(
    client: Client, administrator: User, settings: Settings
) -> None:
    settings.DEMO = True
    sign_in(client, administrator.email)

    assert client.get("/a/verwaltung/").status_code == 200


def test_an_administrator_can_not_switch_a_demanded_factor_off(
    client: Client, administrator: User
) -> None:
    give_code(administrator)
    client.force_login(administrator)
    client.get(PROFILE)

    response = client.post("/a/konto/code/entfernen/", {})

    assert response.status_code == 422
    assert Authenticator.objects.filter(user=administrator).exists()


# -- sessions (case 39) ----------------------------------------------------------------------


def test_deactivation_ends_the_session_at_once(
    client: Client, agent: User, administrator: User
) -> None:
    sign_in(client, agent.email)
    assert is_signed_in(client)

    deactivate_agent(user_id=agent.pk, user=administrator)

    assert not is_signed_in(client)
    assert sign_in(Client(), agent.email).headers["Location"] == "/a/konto/inaktiv/"


def test_changing_the_password_ends_the_other_sessions_only(agent: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, agent.email)
    sign_in(elsewhere, agent.email)
    new = {
        "oldpassword": PASSWORD,
        "password1": "windig-und-nass-12",
        "password2": "windig-und-nass-12",
    }

    response = here.post("/a/konto/passwort/", new)

    assert response.status_code == 302
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)
    assert OutgoingMessage.objects.get().kind == "security_notice"


@pytest.mark.parametrize("password", ["kurz-1", "passwort1234", "123456789012", "jana@musterstadt"])
def test_weak_passwords_are_refused_and_long_ones_are_not(
    client: Client, agent: User, password: str
) -> None:
    client.force_login(agent)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    long = "wolkig " * 12

    refused = client.post("/a/konto/passwort/", form)
    taken = client.post("/a/konto/passwort/", form | {"password1": long, "password2": long})

    assert (refused.status_code, taken.status_code) == (422, 302)


def test_an_old_session_ends_and_says_so(client: Client, agent: User) -> None:
    client.force_login(agent)
    client.get(PROFILE)
    session = client.session
    session["session_seen"] = time.time() - 8 * 3600 - 1
    session.save()

    response = client.get(PROFILE)

    assert response.status_code == 302
    assert response.headers["Location"].startswith(LOGIN)


def test_signing_out_clears_what_the_browser_keeps(client: Client, agent: User) -> None:
    client.force_login(agent)

    response = client.post("/a/konto/abmelden/")

    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert not is_signed_in(client)
    assert client.get("/a/konto/abmelden/").status_code == 302


# -- invitations (case 45) -------------------------------------------------------------------


def invite(authority: Authority) -> str:
    _agent, token = invite_agent(
        authority_id=authority.pk,
        details=AgentDetails("Kim Yilmaz", "kim@musterstadt.example"),
        role_ids=(),
        rights={},
        user=None,
    )
    return f"/a/konto/einladung/{token}/"


def test_an_invitation_is_used_up_by_the_form_alone(client: Client, authority: Authority) -> None:
    link = invite(authority)
    new = {"password": "windig-und-nass-12", "again": "windig-und-nass-12"}

    pages = [client.get(link).status_code, client.head(link).status_code]
    differing = client.post(link, new | {"again": "etwas-anderes-12"})
    done = client.post(link, new)
    late = client.post(link, new)

    assert pages == [200, 200]
    assert (differing.status_code, done.status_code, late.status_code) == (422, 302, 404)
    assert sign_in(client, "kim@musterstadt.example", "windig-und-nass-12").status_code == 302


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize("token", ["x", "a" * 39, "a" * 500, "%00"])
def test_what_was_never_an_invitation_is_not_there(client: Client, token: str) -> None:
    assert client.get(f"/a/konto/einladung/{token}/").status_code == 404


def test_the_throttle_counts_in_the_cache_only(agent: User) -> None:
    sign_in(Client(), agent.email, "falsch-und-nass-1")
    cache.clear()

    assert sign_in(Client(), agent.email).status_code == 302
