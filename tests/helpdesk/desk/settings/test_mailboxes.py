"""Settings of a mailbox: signing in by OAuth, several folders, and what the first import takes."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from channels_in.models import Account
from helpdesk.agents.models import Authority, Team
from helpdesk.lib.secretbox import seal, unseal
from helpdesk.outbox.models import Grant
from tests.channels_in.making import mail
from tests.fakes.imap import FakeImap
from tests.fakes.tokens import FakeTokens
from tests.helpdesk.desk.pages import signed_in
from tests.helpdesk.desk.settings.conftest import make_user
from tests.helpdesk.desk.settings.test_pages import MAILBOX, url

NEW = url("mailbox_new")
AGAIN = re.compile(r'name="again"\s+value="(\w+)"')
TOKENS = {
    "sign_in": "microsoft",
    "flow": "refresh",
    "tenant": "musterstadt.example",
    "client_id": "app-1",
    "client_secret": "app-geheim",
    "expires_on": "2027-03-01",
    "password": "",
    "smtp_password": "",
}
OWN = {
    "sign_in": "other",
    "authorize_url": "https://login.example/authorize",
    "scope": "mail",
}


@pytest.fixture
def given(team: Team, imap_server: FakeImap) -> dict[str, object]:
    local = {"host": "127.0.0.1", "port": imap_server.port, "security": "none"}
    return MAILBOX | {"team": team.pk, "transport": "demo"} | local


def follow(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


# -- signing in ------------------------------------------------------------------------------


def test_a_mailbox_is_saved_with_a_grant_for_both_ways(admin: Client, team: Team) -> None:
    response = admin.post(NEW, MAILBOX | {"team": team.pk} | TOKENS)

    account = Account.objects.get()
    grant = Grant.objects.get()
    assert response["Location"] == url("mailbox", account.pk)
    assert (account.grant, account.sender.grant) == (grant, grant)
    assert grant.token_url.startswith("https://login.microsoftonline.com/musterstadt.example/")
    assert "geheim" not in grant.client_secret
    assert unseal(grant.client_secret) == "app-geheim"


def test_a_mailbox_that_goes_back_to_passwords_keeps_no_secret_of_the_application(
    admin: Client, team: Team
) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk} | TOKENS)
    account = Account.objects.get()

    admin.post(url("mailbox", account.pk), MAILBOX | {"team": team.pk})

    account.refresh_from_db()
    assert (account.grant_id, account.sender.grant_id) == (None, None)
    assert not Grant.objects.exists()


def test_secrets_of_an_application_are_never_shown_again_and_kept_when_left_empty(
    admin: Client, team: Team
) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk} | TOKENS)
    page = url("mailbox", Account.objects.get().pk)

    html = follow(admin, page)
    again = TOKENS | {"team": team.pk, "client_secret": "", "name": "Neu"}
    response = admin.post(page, MAILBOX | again)

    assert "app-geheim" not in html
    assert 'value="app-1"' in html
    assert response.status_code == 302
    assert unseal(Grant.objects.get().client_secret) == "app-geheim"


@pytest.mark.parametrize(
    "values, field",
    [
        ({"client_id": ""}, "client_id"),
        ({"tenant": ""}, "tenant"),
        ({"tenant": "a/b"}, "tenant"),
        ({"flow": "client", "client_secret": ""}, "client_secret"),
        ({"sign_in": "google", "flow": "client"}, "flow_0"),
        ({"sign_in": "other", "token_url": ""}, "token_url"),
        ({"sign_in": "other", "token_url": "http://tokens.example/"}, "token_url"),
        ({"sign_in": "other", "token_url": "file:///etc/passwd"}, "token_url"),
    ],
)
def test_an_unusable_grant_is_refused_at_its_field(
    admin: Client, team: Team, values: dict[str, str], field: str
) -> None:
    response = admin.post(NEW, MAILBOX | {"team": team.pk} | TOKENS | values)

    assert response.status_code == 422
    assert f'href="#id_{field}"' in response.content.decode()
    assert (Account.objects.count(), Grant.objects.count()) == (0, 0)


def test_a_missing_sign_in_is_not_said_to_be_the_word_of_the_provider(
    admin: Client, team: Team
) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk} | TOKENS)
    Grant.objects.update(failing_since=timezone.now(), last_error="nobody has signed in")

    html = follow(admin, url("mailbox", Account.objects.get().pk))

    assert "Für dieses Postfach hat sich noch niemand angemeldet." in html
    assert "Der Anbieter sagt:" not in html


@pytest.fixture
def page(admin: Client, team: Team, token_server: FakeTokens) -> str:
    own = OWN | {"token_url": token_server.url}
    admin.post(NEW, MAILBOX | {"team": team.pk} | TOKENS | own)
    return url("mailbox", Account.objects.get().pk)


def sent_off(admin: Client, page: str) -> dict[str, list[str]]:
    response = admin.get(f"{page}anmelden/")
    assert response.status_code == 302
    return parse_qs(urlsplit(response["Location"]).query)


def test_signing_in_goes_to_the_provider_and_comes_back_with_a_token(
    admin: Client, page: str
) -> None:
    before = follow(admin, page)
    asked = sent_off(admin, page)

    back = admin.get(
        urlsplit(asked["redirect_uri"][0]).path, {"state": asked["state"], "code": "c"}
    )

    assert asked["client_id"] == ["app-1"]
    assert back["Location"] == page
    assert "btn-primary" in before.split(f"{page}anmelden/")[0].rsplit("<a", 1)[-1]
    assert unseal(Grant.objects.get().refresh_token) == "refresh-1"


def test_signing_in_takes_nothing_that_was_not_begun_in_this_session(
    admin: Client, page: str, token_server: FakeTokens
) -> None:
    state = sent_off(admin, page)["state"][0]
    back = reverse("desk:settings_mailbox_signed_in")

    forged = admin.get(back, {"state": "forged", "code": "c"}, follow=True)
    spent = admin.get(back, {"state": state, "code": "c"}, follow=True)

    assert b"toast-error" in forged.content
    assert b"toast-error" in spent.content
    assert token_server.asked == []


def test_signing_in_that_the_provider_refuses_says_so(admin: Client, page: str) -> None:
    state = sent_off(admin, page)["state"][0]
    back = reverse("desk:settings_mailbox_signed_in")

    refused = admin.get(back, {"state": state, "error": "access_denied"}, follow=True)

    assert b"toast-error" in refused.content
    assert Grant.objects.get().refresh_token == ""


def test_signing_in_for_a_mailbox_of_another_authority_is_not_there(
    admin: Client, page: str, elsewhere: Authority
) -> None:
    stranger = signed_in(make_user(elsewhere, "Egon", "Administration"))

    assert admin.get(f"{page}anmelden/").status_code == 302
    assert stranger.get(f"{page}anmelden/").status_code == 404


# -- stored secrets stay with the servers they were entered for --------------------------------

KEPT = {"password": "", "smtp_password": ""}


@pytest.mark.parametrize(
    "values, field",
    [
        ({"host": "imap.evil.example"}, "password"),
        ({"port": "1993"}, "password"),
        ({"username": "other"}, "password"),
        ({"security": "starttls"}, "password"),
        ({"smtp_host": "smtp.evil.example"}, "smtp_password"),
        ({"smtp_port": "1587"}, "smtp_password"),
        ({"smtp_username": "other"}, "smtp_password"),
        ({"smtp_host": "localhost", "smtp_security": "none"}, "smtp_password"),
    ],
)
def test_a_stored_password_goes_to_no_other_server_and_to_no_other_login(
    admin: Client, team: Team, values: dict[str, str], field: str
) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk})
    page = url("mailbox", Account.objects.get().pk)
    wanted = MAILBOX | {"team": team.pk} | KEPT | values

    refused = admin.post(page, wanted)
    kept = Account.objects.select_related("sender").get()
    saved = admin.post(page, wanted | {field: "for the new one"})

    account = Account.objects.get()
    secrets = {"password": account.password, "smtp_password": account.sender.password}
    assert list(refused.context["form"].errors) == [field]
    assert [refused.context["form"][name].value() for name in values] == list(values.values())
    assert (kept.host, kept.sender.host) == (MAILBOX["host"], MAILBOX["smtp_host"])
    assert saved.status_code == 302
    assert unseal(secrets[field]) == "for the new one"


def test_both_passwords_are_asked_for_at_once(admin: Client, team: Team) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk})
    moved = {"host": "imap.neu.example", "smtp_host": "smtp.neu.example"}

    page = url("mailbox", Account.objects.get().pk)
    response = admin.post(page, MAILBOX | {"team": team.pk} | KEPT | moved)

    assert list(response.context["form"].errors) == ["password", "smtp_password"]


def test_more_protection_and_another_spelling_ask_for_no_password(
    admin: Client, team: Team
) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk})
    page = url("mailbox", Account.objects.get().pk)
    better = {"smtp_security": "tls", "host": "IMAP.Musterstadt.example"}

    response = admin.post(page, MAILBOX | {"team": team.pk} | KEPT | better)

    assert response.status_code == 302
    assert unseal(Account.objects.get().password) == "geheim-1"


def test_a_count_before_the_first_import_shows_a_stored_password_to_no_other_server(
    admin: Client, given: dict[str, object], imap_server: FakeImap
) -> None:
    admin.post(NEW, given | {"host": "localhost"})
    page = url("mailbox", Account.objects.get().pk)

    response = admin.post(page, given | {"start": "all", "password": ""})

    assert list(response.context["form"].errors) == ["password"]
    assert imap_server.commands == []


def test_a_mailbox_of_passwords_that_turns_to_tokens_elsewhere_keeps_no_password(
    admin: Client, team: Team
) -> None:
    admin.post(NEW, MAILBOX | {"team": team.pk})
    page = url("mailbox", Account.objects.get().pk)
    evil = {"host": "imap.evil.example", "smtp_host": "smtp.evil.example"}

    admin.post(page, MAILBOX | {"team": team.pk} | TOKENS | evil)

    account = Account.objects.get()
    assert (account.password, account.sender.password) == ("", "")


def test_a_token_is_shown_to_no_other_server_before_somebody_signs_in_anew(
    admin: Client, page: str
) -> None:
    Grant.objects.update(refresh_token=seal("refresh-1"), access_token=seal("access-1"))
    same = MAILBOX | {"team": Account.objects.get().team_id} | TOKENS | OWN
    own = same | {"token_url": Grant.objects.get().token_url, "client_secret": ""}

    admin.post(page, own | {"name": "Neu"})
    kept = Grant.objects.get()
    admin.post(page, own | {"host": "imap.evil.example"})

    assert unseal(kept.access_token) == "access-1"
    grant = Grant.objects.get()
    assert (grant.access_token, grant.refresh_token) == ("", "")
    assert grant.needs_sign_in


def test_an_application_that_asks_by_itself_needs_its_secret_anew_for_another_server(
    admin: Client, team: Team
) -> None:
    own = MAILBOX | {"team": team.pk} | TOKENS | {"flow": "client"}
    admin.post(NEW, own)
    page = url("mailbox", Account.objects.get().pk)

    response = admin.post(page, own | {"client_secret": "", "smtp_host": "smtp.evil.example"})

    assert list(response.context["form"].errors) == ["client_secret"]


# -- folders and the first import ------------------------------------------------------------


def test_further_folders_are_saved_one_a_line_and_once(
    admin: Client, given: dict[str, object]
) -> None:
    admin.post(NEW, given | {"further_folders": "Spam\r\n\r\n Größen & Maße \r\nSpam\r\nINBOX"})

    account = Account.objects.get()
    assert account.further_folders == ["Spam", "Größen & Maße"]
    assert account.folders == ["Spam", "Größen & Maße", "INBOX"]
    assert account.folder_states.count() == 3


def test_a_first_import_is_counted_and_has_to_be_confirmed(
    admin: Client, given: dict[str, object], imap_server: FakeImap
) -> None:
    for number in (1, 2, 3):
        imap_server.add(mail(number))

    counted = admin.post(NEW, given | {"start": "all"})
    none_saved = Account.objects.count()
    imap_server.add(mail(4))
    changed = admin.post(NEW, given | {"start": "all", "confirmed": "3"})
    saved = admin.post(NEW, given | {"start": "all", "confirmed": "4"})

    assert (counted.status_code, counted.context["import"].count, none_saved) == (200, 3, 0)
    assert re.search(r'name="confirmed"\s+value="3"', counted.content.decode())
    assert (changed.status_code, changed.context["import"].count) == (200, 4)
    assert saved.status_code == 302
    account = Account.objects.get()
    assert account.import_since is None
    assert [state.import_since for state in account.folder_states.all()] == [None]


def test_a_typed_password_is_demanded_again_before_a_first_import(
    admin: Client, given: dict[str, object], imap_server: FakeImap
) -> None:
    imap_server.add(mail(1))
    wanted = given | {"start": "all", "transport": "smtp"}

    html = admin.post(NEW, wanted).content.decode()
    second = wanted | {"confirmed": "1", "again": AGAIN.findall(html)}
    refused = admin.post(NEW, second | {"smtp_password": ""})
    none_saved = Account.objects.count()
    saved = admin.post(NEW, second)

    assert "geheim-2" not in html
    assert "Bitte geben Sie Passwörter und Geheimnisse noch einmal ein" in html
    assert (refused.status_code, none_saved) == (422, 0)
    assert 'href="#id_smtp_password"' in refused.content.decode()
    assert saved.status_code == 302
    assert unseal(Account.objects.get().sender.password) == "geheim-2"


def test_what_is_demanded_again_is_what_the_chosen_way_needs(
    admin: Client, given: dict[str, object]
) -> None:
    again = {"again": ["smtp_password", "client_secret", "team"]}

    response = admin.post(NEW, given | again | {"smtp_password": ""})

    assert response.status_code == 302


def test_a_first_import_since_a_day_begins_at_its_midnight(
    admin: Client, given: dict[str, object], settings: Settings
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    wanted = given | {"start": "since", "since": "2026-11-01"}

    admin.post(NEW, wanted)
    admin.post(NEW, wanted | {"confirmed": "0"})

    account = Account.objects.get()
    assert account.import_since == datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    html = follow(admin, url("mailbox", account.pk))
    assert 'value="2026-11-01"' in html


def test_a_first_import_since_no_day_is_refused(admin: Client, given: dict[str, object]) -> None:
    response = admin.post(NEW, given | {"start": "since", "since": ""})

    assert response.status_code == 422
    assert 'href="#id_since"' in response.content.decode()


def test_a_first_import_that_can_not_be_counted_saves_nothing_and_says_why(
    admin: Client, given: dict[str, object], imap_server: FakeImap
) -> None:
    imap_server.script("LOGIN", "NO wrong", times=9)

    response = admin.post(NEW, given | {"start": "all"})

    assert [step.is_ok for step in response.context["import"].steps].count(False) == 1
    assert Account.objects.count() == 0


def test_a_mailbox_that_is_switched_off_is_saved_without_a_count(
    admin: Client, given: dict[str, object], imap_server: FakeImap
) -> None:
    given = {name: value for name, value in given.items() if name != "is_active"}

    response = admin.post(NEW, given | {"start": "all"})

    assert response.status_code == 302
    assert imap_server.commands == []


def test_a_folder_that_was_read_before_is_not_asked_about_again(
    admin: Client, given: dict[str, object], imap_server: FakeImap
) -> None:
    admin.post(NEW, given)
    account = Account.objects.get()
    account.folder_states.update(uidvalidity=1)
    began = account.folder_states.get().import_since

    response = admin.post(url("mailbox", account.pk), given | {"start": "all", "password": ""})

    assert response.status_code == 302
    assert imap_server.commands == []
    assert account.folder_states.get().import_since == began


# -- how answers leave -----------------------------------------------------------------------


def test_name_quote_and_folder_of_answers_are_saved_and_shown(
    admin: Client, given: dict[str, object]
) -> None:
    sending = {"name_template": "{{team.name}}", "quotes_history": "on", "sent_folder": " Sent "}

    admin.post(NEW, given | sending)

    account = Account.objects.get()
    sender = account.sender
    assert (sender.name_template, sender.quotes_history) == ("{{team.name}}", True)
    assert account.sent_folder == "Sent"
    form = admin.get(url("mailbox", account.pk)).context["form"]
    assert form.initial["name_template"] == "{{team.name}}"
    assert form.initial["sent_folder"] == "Sent"


@pytest.mark.parametrize(
    "field,value",
    [
        ("name_template", "{{buerger.name}}, Stadt"),
        ("sent_folder", "INBOX"),
    ],
)
def test_what_can_not_be_is_refused_at_its_field(
    admin: Client, given: dict[str, object], field: str, value: str
) -> None:
    response = admin.post(NEW, given | {field: value})

    assert list(response.context["form"].errors) == [field]
    assert Account.objects.count() == 0
