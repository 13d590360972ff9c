"""Access tokens: when they are asked for, what is kept of the answer, and what goes wrong."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.utils import timezone

from helpdesk.lib.secretbox import seal, unseal
from helpdesk.outbox import bearer
from helpdesk.outbox.grants import GrantDetails, expiring, save_grant
from helpdesk.outbox.models import Grant, Security, Sender
from helpdesk.outbox.oauth import (
    GrantError,
    access_token,
    forget_token,
    new_verifier,
    redeem_code,
    sign_in_url,
)
from helpdesk.outbox.transports.base import PreparedMessage, Result, Target, Verdict
from helpdesk.outbox.transports.choose import NoTransportError, transport_for
from tests.fakes.smtp import SmtpSink
from tests.fakes.tokens import FakeTokens
from tests.helpdesk.outbox.making import make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(token_server: FakeTokens, smtp_server: SmtpSink) -> Sender:
    sender = make_sender(port=smtp_server.port, username="amt@stadt.example")
    sender.grant = make_grant(sender.authority_id, token_server.url)
    sender.save()
    return sender


@pytest.fixture
def grant(sender: Sender) -> Grant:
    assert sender.grant is not None
    return sender.grant


def make_grant(authority_id: int, token_url: str, **values: object) -> Grant:
    given: dict[str, object] = {
        "provider": Grant.Provider.OTHER,
        "flow": Grant.Flow.REFRESH,
        "client_id": "app",
        "client_secret": "app-secret",
        "refresh_token": "refresh-0",
        "token_url": token_url,
        "authorize_url": "https://login.example/authorize",
        "scope": "mail",
    }
    details = GrantDetails(**(given | values))  # type: ignore[arg-type] # a table of cases
    return save_grant(authority_id=authority_id, grant_id=None, details=details, user=None)


def expire(grant: Grant, minutes: float) -> None:
    Grant.objects.filter(pk=grant.pk).update(
        access_until=timezone.now() + timedelta(minutes=minutes)
    )


def test_access_token_is_asked_for_once_and_kept_sealed(
    grant: Grant, token_server: FakeTokens
) -> None:
    tokens = [access_token(grant.pk) for _time in range(3)]

    grant.refresh_from_db()
    assert tokens == ["token-1"] * 3
    assert "token-1" not in grant.access_token
    assert token_server.asked == [
        {
            "client_id": "app",
            "client_secret": "app-secret",
            "grant_type": "refresh_token",
            "refresh_token": "refresh-0",
            "scope": "mail",
        }
    ]


@pytest.mark.parametrize("minutes, expected", [(6, "token-1"), (4, "token-2"), (-1, "token-2")])
def test_access_token_is_renewed_five_minutes_ahead(
    grant: Grant, minutes: int, expected: str
) -> None:
    access_token(grant.pk)
    expire(grant, minutes)

    assert access_token(grant.pk) == expected


def test_access_token_by_client_credentials_needs_nobody_to_sign_in(
    sender: Sender, token_server: FakeTokens
) -> None:
    grant = make_grant(
        sender.authority_id, token_server.url, flow=Grant.Flow.CLIENT, refresh_token=None
    )

    assert access_token(grant.pk) == "token-1"
    assert token_server.asked[0]["grant_type"] == "client_credentials"


def test_access_token_keeps_the_refresh_token_that_replaces_the_old_one(
    grant: Grant, token_server: FakeTokens
) -> None:
    token_server.rotates = True
    for _time in range(3):
        access_token(grant.pk)
        expire(grant, 1)

    grant.refresh_from_db()
    assert unseal(grant.refresh_token) == token_server.refresh_token == "refresh-3"


@pytest.mark.django_db(transaction=True)
def test_access_token_never_overwrites_what_a_sign_in_brought_meanwhile(
    grant: Grant, token_server: FakeTokens
) -> None:
    token_server.rotates = True

    def sign_in() -> str:
        Grant.objects.update(refresh_token=seal("newer"))
        connections.close_all()
        return "token"

    token_server.mint = sign_in
    access_token(grant.pk)

    grant.refresh_from_db()
    assert unseal(grant.refresh_token) == "newer"


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_token_holds_no_connection_that_a_page_may_need(
    grant: Grant, token_server: FakeTokens
) -> None:
    callers, held = connections["default"], []

    def look() -> str:
        held.append(callers.connection is not None)
        return "token"

    token_server.mint = look
    access_token(grant.pk)

    # SQLite has one for each thread, and opening its file costs more.
    assert held == [connection.vendor == "sqlite"]


def test_access_token_that_is_still_good_serves_while_the_service_is_away(
    grant: Grant, token_server: FakeTokens
) -> None:
    access_token(grant.pk)
    expire(grant, 4)
    token_server.script(503, "{}")

    assert access_token(grant.pk) == "token-1"
    grant.refresh_from_db()
    assert (grant.last_error, grant.failing_since is not None) == (
        "the token service refuses: no reason given (503)",
        True,
    )
    assert access_token(grant.pk) == "token-2"
    grant.refresh_from_db()
    assert (grant.last_error, grant.failing_since) == ("", None)


def test_access_token_with_a_dead_refresh_token_says_why_and_repeats_no_secret(
    grant: Grant, token_server: FakeTokens
) -> None:
    token_server.refresh_token = "another"

    with pytest.raises(GrantError) as caught:
        access_token(grant.pk)

    grant.refresh_from_db()
    assert str(caught.value) == "the token service refuses: invalid_grant (400)"
    assert grant.last_error == str(caught.value)
    assert grant.lease_until is None


def test_access_token_is_asked_for_though_another_took_the_turn_under_a_clock_years_ahead(
    grant: Grant,
) -> None:
    Grant.objects.update(lease_until=timezone.now() + timedelta(days=3650))

    assert access_token(grant.pk) == "token-1"


@pytest.mark.parametrize("body", ["", "no json", "[]", '{"access_token": 5}', "{}"])
def test_access_token_refuses_an_answer_that_holds_none(
    grant: Grant, token_server: FakeTokens, body: str
) -> None:
    token_server.script(200, body)

    with pytest.raises(GrantError):
        access_token(grant.pk)


def test_access_token_takes_a_nonsense_lifetime_for_an_hour(
    grant: Grant, token_server: FakeTokens
) -> None:
    token_server.lifetime = "soon"

    access_token(grant.pk)

    grant.refresh_from_db()
    assert grant.access_until is not None
    assert 3500 < (grant.access_until - timezone.now()).total_seconds() <= 3600


@pytest.mark.django_db(transaction=True)
def test_access_token_is_asked_for_by_one_of_several_at_once(
    grant: Grant, token_server: FakeTokens
) -> None:
    token_server.hang(seconds=0.5)
    found: list[str] = []

    def ask() -> None:
        try:
            found.append(access_token(grant.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["token-1"] * 4
    assert len(token_server.asked) == 1


def test_save_grant_that_points_elsewhere_forgets_the_token(
    grant: Grant, token_server: FakeTokens
) -> None:
    access_token(grant.pk)
    details = GrantDetails(
        provider="other",
        flow="refresh",
        client_id="another-app",
        token_url=token_server.url,
        authorize_url="https://login.example/authorize",
        scope="mail",
    )
    save_grant(authority_id=grant.authority_id, grant_id=grant.pk, details=details, user=None)

    grant.refresh_from_db()
    assert (grant.access_token, grant.access_until) == ("", None)
    assert unseal(grant.client_secret) == "app-secret"


def elsewhere(client_secret: str | None = None) -> GrantDetails:
    return GrantDetails(
        provider="other",
        flow="refresh",
        client_id="app",
        client_secret=client_secret,
        token_url="https://evil.example/token",
    )


def test_save_grant_sends_no_stored_secret_to_another_server(grant: Grant) -> None:
    with pytest.raises(ValidationError) as caught:
        save_grant(
            authority_id=grant.authority_id, grant_id=grant.pk, details=elsewhere(), user=None
        )

    assert list(caught.value.message_dict) == ["client_secret"]


def test_save_grant_for_another_server_forgets_the_sign_in_of_the_former(grant: Grant) -> None:
    details = elsewhere(client_secret="new-secret")
    save_grant(authority_id=grant.authority_id, grant_id=grant.pk, details=details, user=None)

    grant.refresh_from_db()
    assert unseal(grant.client_secret) == "new-secret"
    assert grant.refresh_token == ""


def test_sign_in_url_keeps_the_query_of_the_provider(grant: Grant) -> None:
    grant.authorize_url = "https://login.example/authorize?realm=stadt"
    url = sign_in_url(grant, redirect_uri="https://town.example/", state="s", verifier="v", hint="")

    asked = parse_qs(urlsplit(url).query)
    assert (asked["realm"], asked["response_type"]) == (["stadt"], ["code"])


@pytest.mark.parametrize(
    "values, field",
    [
        ({"token_url": "http://tokens.example/"}, "token_url"),
        ({"token_url": "https://name:word@tokens.example/"}, "token_url"),
        ({"authorize_url": "javascript:alert(1)"}, "authorize_url"),
        ({"provider": "microsoft", "tenant": "../evil"}, "tenant"),
        ({"provider": "google", "flow": "client"}, "flow"),
    ],
)
def test_save_grant_refuses_what_can_not_work(
    sender: Sender, token_server: FakeTokens, values: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        make_grant(sender.authority_id, **({"token_url": token_server.url} | values))

    assert list(caught.value.message_dict) == [field]


def test_presets_know_where_microsoft_and_google_give_tokens(sender: Sender) -> None:
    microsoft = make_grant(
        sender.authority_id, "", provider="microsoft", flow="client", tenant="stadt.example"
    )
    google = make_grant(sender.authority_id, "", provider="google")

    assert microsoft.token_url == (
        "https://login.microsoftonline.com/stadt.example/oauth2/v2.0/token"
    )
    assert microsoft.scope == "https://outlook.office365.com/.default"
    assert (google.token_url, google.scope) == (
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
    )


def test_expiring_names_secrets_that_end_within_thirty_days(grant: Grant) -> None:
    today = timezone.localdate()
    found = []
    for days in (31, 30, -1):
        Grant.objects.filter(pk=grant.pk).update(expires_on=today + timedelta(days=days))
        found.append(list(expiring(grant.authority_id)) == [grant])

    assert found == [False, True, True]


def test_sign_in_brings_a_refresh_token_by_a_code_with_a_proof(
    grant: Grant, token_server: FakeTokens
) -> None:
    verifier = new_verifier()
    url = sign_in_url(
        grant,
        redirect_uri="https://town.example/back",
        state="s",
        verifier=verifier,
        hint="amt@stadt.example",
    )
    redeem_code(
        grant_id=grant.pk, code="c", verifier=verifier, redirect_uri="https://town.example/back"
    )

    asked = parse_qs(urlsplit(url).query)
    assert (asked["code_challenge_method"], asked["login_hint"]) == (
        ["S256"],
        ["amt@stadt.example"],
    )
    assert verifier not in url
    assert token_server.asked[0]["code_verifier"] == verifier
    grant.refresh_from_db()
    assert unseal(grant.refresh_token) == "refresh-1"
    assert access_token(grant.pk) == "token-1"


def deliver(sender: Sender) -> Result:
    transport = transport_for(sender)
    message = PreparedMessage(
        "amt@stadt.example",
        (Target(1, "e@example.org"),),
        lambda _utf8: b"Subject: x\r\n\r\nx\r\n",
    )
    try:
        return transport.deliver(message, gate=lambda: None)
    finally:
        transport.close()


@pytest.mark.parametrize("way", bearer.WAYS, ids=lambda way: way.name)
def test_sending_signs_in_by_token(
    sender: Sender, smtp_server: SmtpSink, way: bearer.Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "WAYS", (way,))
    smtp_server.tokens = {"token-1"}

    result = deliver(sender)

    assert result.results[0].verdict == Verdict.ACCEPTED, result.reply
    assert smtp_server.bearers == [way.name]
    assert smtp_server.mails[0].login == "amt@stadt.example"


def test_sending_with_a_token_that_is_refused_asks_for_another(
    sender: Sender, smtp_server: SmtpSink
) -> None:
    smtp_server.tokens = {"token-2"}

    refused, sent = deliver(sender), deliver(sender)

    assert (refused.is_sender_problem, refused.results[0].verdict) == (True, Verdict.DELAYED)
    assert refused.reply == "535 5.7.8 *** is not accepted"
    assert sent.results[0].verdict == Verdict.ACCEPTED


def test_sending_without_a_token_to_be_had_is_a_problem_of_the_sender(
    sender: Sender, token_server: FakeTokens
) -> None:
    token_server.script(401, '{"error": "invalid_client"}')

    with pytest.raises(NoTransportError, match="invalid_client"):
        transport_for(sender)


def test_forget_token_leaves_a_newer_one_alone(grant: Grant) -> None:
    token = access_token(grant.pk)

    forget_token(grant.pk, "an older one")
    kept = access_token(grant.pk)
    forget_token(grant.pk, token)

    assert (kept, access_token(grant.pk)) == (token, "token-2")


def test_secrets_of_a_sender_show_in_nothing_that_is_printed(sender: Sender) -> None:
    transport = transport_for(sender)
    server = transport._session._server  # type: ignore[attr-defined] # what is proven

    assert server.token == "token-1"
    assert "token-1" not in repr(server)
    assert (Security.NONE, sender.grant is not None) == (sender.security, True)
