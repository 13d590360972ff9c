import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from helpdesk.agents.models import Authority, Team, User
from helpdesk.desk import settings_urls
from helpdesk.textmodules.domain import ModuleDetails, create_text_module
from helpdesk.tickets.domain.categories import CategoryDetails, create_category

NAMES = sorted(str(pattern.name) for pattern in settings_urls.urlpatterns)
TEXT_PAGES = {name for name in NAMES if "text" in name}
KEYS = dict.fromkeys(
    (
        "team_id",
        "user_id",
        "topic_id",
        "module_id",
        "account_id",
        "token_id",
        "rule_id",
        "filter_id",
        "address_id",
        "barrier_id",
        "notice_id",
        "office_id",
    ),
    1,
)


POLICY = "Content-Security-Policy"
ACTIONS = ("abschalten", "hoch", "verwerfen")


def address(name: str) -> str:
    pattern = next(one for one in settings_urls.urlpatterns if one.name == name)
    wanted: dict[str, Any] = {
        key: value for key, value in KEYS.items() if key in str(pattern.pattern)
    }
    if "key>" in str(pattern.pattern):
        wanted["key"] = "frage"
    if "action" in str(pattern.pattern):
        wanted["action"] = next(word for word in ACTIONS if word in str(pattern.pattern))
    return reverse(f"desk:{name}", kwargs=wanted)


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_not_there_for_agents(agent: User, name: str) -> None:
    client = Client()
    client.force_login(agent)

    answers = [client.get(address(name)).status_code, client.post(address(name)).status_code]

    assert answers == [404, 404]


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize("name", NAMES)
def test_settings_ask_strangers_to_sign_in(client: Client, name: str) -> None:
    assert client.get(address(name)).headers["Location"].startswith("/a/konto/anmelden/")


@pytest.mark.parametrize("name", NAMES)
def test_editors_reach_text_modules_only(editor: User, name: str, settings: Settings) -> None:
    settings.DEMO = True
    client = Client()
    client.force_login(editor)
    may = name in TEXT_PAGES and name in {"settings_texts", "settings_text_new"}

    assert client.get(address(name)).status_code == (
        200 if may else 405 if name == "settings_text_delete" else 404
    )


def test_what_belongs_to_another_authority_is_not_there(
    admin: Client, elsewhere: Authority
) -> None:
    team = Team.objects.get(authority=elsewhere)
    stranger = User.objects.create(authority=elsewhere, name="Fremd", email="f@stadtwerke.example")
    topic = create_category(
        authority_id=elsewhere.pk, details=CategoryDetails("Kanarienvogel"), user=None
    )
    module = create_text_module(
        authority_id=elsewhere.pk,
        details=ModuleDetails("Kanarienvogel", {"de": "Kanarienvogel"}),
        user=None,
    )
    pages = (
        reverse("desk:settings_team", args=(team.pk,)),
        reverse("desk:settings_agent", args=(stranger.pk,)),
        reverse("desk:settings_topic", args=(topic.pk,)),
        reverse("desk:settings_text", args=(module.pk,)),
    )
    lists = ("settings_teams", "settings_agents", "settings_topics", "settings_texts", "settings")

    assert [admin.get(page).status_code for page in pages] == [404] * 4
    assert [admin.post(page, {"name": "x"}).status_code for page in pages] == [404] * 4
    assert all(b"Kanarienvogel" not in admin.get(reverse(f"desk:{name}")).content for name in lists)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in NAMES
        if name
        in {
            "settings",
            "settings_authority",
            "settings_teams",
            "settings_team_new",
            "settings_agents",
            "settings_agent_new",
            "settings_topics",
            "settings_topic_new",
            "settings_texts",
            "settings_text_new",
            "settings_mailboxes",
            "settings_mailbox_new",
        }
    ],
)
def test_pages_hold_no_script_and_only_the_styles_that_their_policy_names(
    admin: Client, name: str
) -> None:
    page = admin.get(reverse(f"desk:{name}"))

    html = page.content.decode()
    assert page.status_code == 200
    assert re.findall(r"\s(?:style|on[a-z]+)=", html) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in styles]
    # The colours of the authority.
    assert len(styles) == html.count("<style") <= 1
    assert [each for each in digests if f"'sha256-{each}'" not in page.headers[POLICY]] == []
