"""Signing in as the browser does it, and how often: cases 37 to 43, 48 and 49."""

import re
import time
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from helpdesk.agents.domain.signin import IDLE_SECONDS, SEEN, TOUCH_SECONDS
from helpdesk.agents.models import User
from helpdesk.desk.account import throttle
from tests.helpdesk.desk.account.steps import (
    LOGIN,
    PASSWORD,
    PROFILE,
    is_signed_in,
    sign_in,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


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
    page = " ".join(client.get(refused.headers["Location"]).content.decode().split())

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


def test_the_throttle_counts_in_the_cache_only(agent: User) -> None:
    sign_in(Client(), agent.email, "falsch-und-nass-1")
    cache.clear()

    assert sign_in(Client(), agent.email).status_code == 302


def test_a_script_learns_of_an_ended_session_by_an_answer_and_not_by_a_page(
    client: Client, agent: User
) -> None:
    client.force_login(agent)
    client.get(PROFILE)
    session = client.session
    session[SEEN] = time.time() - IDLE_SECONDS - 60
    session.save()

    answer = client.get("/a/counts/", headers={"X-By-Itself": "1"}, follow=True)

    assert (answer.status_code, answer.redirect_chain) == (401, [])


def test_a_fetch_of_the_page_itself_is_no_sign_of_life_and_a_draft_is(
    client: Client, agent: User
) -> None:
    client.force_login(agent)
    client.get(PROFILE)
    session = client.session
    session[SEEN] = began = time.time() - TOUCH_SECONDS - 60
    session.save()

    client.get("/a/counts/", headers={"X-By-Itself": "1"})
    after_counts = client.session[SEEN]
    client.post("/a/t/2026-000001/draft/answer/", {"body": "Guten"})

    assert after_counts == began
    assert client.session[SEEN] > began
