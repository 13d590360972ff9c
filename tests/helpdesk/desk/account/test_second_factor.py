"""The second factor and the end of sessions: cases 39 and 40."""

import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from helpdesk.agents.domain.membership import deactivate_agent
from helpdesk.agents.models import User
from helpdesk.desk.account.adapters import SecondFactorAdapter
from helpdesk.outbox.models import OutgoingMessage
from tests.fakes.clock import clock_at
from tests.helpdesk.desk.account.steps import (
    LOGIN,
    PASSWORD,
    PROFILE,
    code_of,
    give_code,
    is_signed_in,
    sign_in,
    wrong_code_of,
)


@pytest.fixture
def _half_a_minute() -> Iterator[None]:
    """A code is valid for half a minute; time stands still, so that no test sees two."""
    with clock_at(timezone.now()):
        yield


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


def test_a_code_counts_in_its_own_half_minute_alone(client: Client, agent: User) -> None:
    """ASVS 6.5.1 and 6.5.5: neither one that was used nor one that was only seen comes late."""
    secret = give_code(agent)
    with clock_at(timezone.now()) as clock:
        code = code_of(secret)
        sign_in(client, agent.email)
        client.post("/a/konto/anmelden/code/", {"code": code})
        assert is_signed_in(client)
        clock.advance(seconds=30)

        other = Client()
        sign_in(other, agent.email)
        late = other.post("/a/konto/anmelden/code/", {"code": code})

        assert late.status_code == 422
        assert "die Uhr Ihres Telefons" in late.content.decode()
        assert not is_signed_in(other)
        other.post("/a/konto/anmelden/code/", {"code": code_of(secret)})
        assert is_signed_in(other)


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
    assert len(re.findall(rb"<code>\d{5}(?: \d{5}){3}</code>", codes.content)) == 10
    assert re.findall(rb"<code>", again.content) == []
    assert not is_signed_in(elsewhere)


def test_administrators_are_led_to_the_second_factor(client: Client, administrator: User) -> None:
    sign_in(client, administrator.email)

    response = client.get("/a/verwaltung/")

    assert response.headers["Location"] == "/a/konto/code/einrichten/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"X-By-Itself": "1"},
        {"HX-Request": "true"},
        {"X-Requested-With": "fetch"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_what_nobody_sees_makes_no_new_secret_for_whoever_reads_one(
    client: Client, administrator: User, headers: dict[str, str]
) -> None:
    sign_in(client, administrator.email)
    client.get("/a/konto/code/einrichten/")
    shown = client.session["mfa.totp.secret"]

    answer = client.get("/a/v/all/", headers=headers, follow=True)

    assert (answer.status_code, answer.redirect_chain) == (401, [])
    assert client.session["mfa.totp.secret"] == shown


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

    assert response.headers["Clear-Site-Data"] == '"storage", "prefetchCache", "prerenderCache"'
    assert not is_signed_in(client)
    assert client.get("/a/konto/abmelden/").status_code == 302
