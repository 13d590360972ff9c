import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from channels_in.models import Account
from helpdesk.agents.models import Authority, Membership, Role, Team, User
from helpdesk.events.models import Event
from helpdesk.lib.secretbox import unseal
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.senders import SenderDetails, save_sender
from helpdesk.textmodules.models import TextModule
from helpdesk.tickets.models import Category

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

AUTHORITY = {
    "name": "Stadt Musterstadt",
    "short_name": "Musterstadt",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "color_light": "#1d44ac",
    "color_dark": "#b3c3f5",
    "require_second_factor": "on",
    "reopen_days": "14",
}
PLACE = {"place": "optional"}
MAILBOX = {
    "name": "Bürgerservice",
    "address": "Info@musterstadt.example",
    "kind": "imap",
    "is_active": "on",
    "host": "imap.musterstadt.example",
    "port": "993",
    "security": "tls",
    "username": "info",
    "password": "geheim-1",
    "folder": "INBOX",
    "start": "now",
    "sign_in": "password",
    "after_filing": "seen",
    "sender_name": "Stadt Musterstadt",
    "transport": "smtp",
    "smtp_host": "smtp.musterstadt.example",
    "smtp_port": "587",
    "smtp_security": "starttls",
    "smtp_username": "info",
    "smtp_password": "geheim-2",
}


def url(name: str, *keys: object) -> str:
    return reverse(f"desk:settings_{name}", args=keys)


def title(response: "Response") -> str:
    found = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return found.group(1) if found else ""


# -- authority -------------------------------------------------------------------------------


def test_authority_is_saved(admin: Client, authority: Authority) -> None:
    response = admin.post(url("authority"), AUTHORITY | {"contact_phone": "0123"})

    authority.refresh_from_db()
    assert response.status_code == 302
    assert (authority.contact_phone, authority.short_name) == ("0123", "Musterstadt")


def test_whatever_the_authority_can_set_stands_on_its_page(admin: Client) -> None:
    """What is left out would be switched off by the next saving of anything else."""
    page = admin.get(url("authority"))

    shown = set(re.findall(r'name="([a-z_]+)"', page.content.decode()))
    assert set(page.context["form"].fields) - shown == set()


def test_an_unreadable_colour_is_refused_with_a_shade_to_take_over(
    admin: Client, authority: Authority
) -> None:
    response = admin.post(url("authority"), AUTHORITY | {"name": "Neu", "color_light": "#ffd200"})

    html = response.content.decode()
    shade = re.search(r'name="color_light" value="(#[0-9a-f]{6})">', html)
    authority.refresh_from_db()
    assert response.status_code == 422
    assert title(response).startswith(("Fehler:", "Error:"))
    assert 'value="Neu"' in html
    assert shade is not None
    assert authority.name == "Stadt Musterstadt"

    taken = admin.post(url("authority"), AUTHORITY | {"color_light": ["#ffd200", shade.group(1)]})
    authority.refresh_from_db()
    assert taken.status_code == 302
    assert authority.color_light == shade.group(1)


# -- teams -----------------------------------------------------------------------------------


def test_a_team_is_created_with_its_members(admin: Client, agent: User) -> None:
    rights = {f"rights-{agent.pk}": ["can_answer", "can_create"]}

    response = admin.post(url("team_new"), {"name": "Tiefbau", "send_then": "wait"} | rights)

    member = Membership.objects.get(team__name="Tiefbau")
    assert response.status_code == 302
    assert (member.can_read, member.can_answer, member.can_change) == (True, True, False)


def test_a_team_words_greeting_and_closing_and_an_unknown_placeholder_is_refused(
    admin: Client, team: Team
) -> None:
    wording = "Moin {{buerger.name}}!\r\n\r\nViele Grüße"
    values = {"name": team.name, "send_then": "resolve"}

    refused = admin.post(url("team", team.pk), values | {"greeting_de": "Moin {{buerger.nam}}"})
    saved = admin.post(url("team", team.pk), values | {"greeting_de": wording})

    team.refresh_from_db()
    assert (refused.status_code, saved.status_code) == (422, 302)
    assert "buerger.nam" in refused.content.decode()
    assert team.greetings == {"de": "Moin {{buerger.name}}!\n\nViele Grüße"}
    assert "Moin {{buerger.name}}!" in admin.get(url("team", team.pk)).content.decode()


def test_a_refused_team_keeps_the_ticks(admin: Client, agent: User, team: Team) -> None:
    rights = {f"rights-{agent.pk}": ["can_read"]}

    response = admin.post(url("team_new"), {"name": team.name.upper()} | rights)

    html = " ".join(response.content.decode().split())
    assert response.status_code == 422
    assert f'name="rights-{agent.pk}" value="can_read" checked' in html
    assert f'name="rights-{agent.pk}" value="can_change" checked' not in html


def test_a_team_that_is_needed_stays(admin: Client, authority: Authority, team: Team) -> None:
    Category.objects.create(authority=authority, name="Ausweise", team=team)

    response = admin.post(url("team_active", team.pk))

    team.refresh_from_db()
    assert response.status_code == 422
    assert team.is_active
    assert b"1 " in response.content


def test_a_team_is_switched_off_and_on(admin: Client, team: Team) -> None:
    admin.post(url("team_active", team.pk))
    off = Team.objects.get(pk=team.pk).is_active

    admin.post(url("team_active", team.pk))

    assert (off, Team.objects.get(pk=team.pk).is_active) == (False, True)


# -- agents ----------------------------------------------------------------------------------

KIM = {"name": "Kim Yilmaz", "email": "kim@musterstadt.example", "language": "de"}


def give_sender(authority: Authority) -> None:
    details = SenderDetails("Stadt", "stadt@musterstadt.example", Sender.Transport.DEMO)
    save_sender(authority_id=authority.pk, sender_id=None, details=details, user=None)


def test_an_invitation_is_mailed(admin: Client, authority: Authority, team: Team) -> None:
    give_sender(authority)

    response = admin.post(url("agent_new"), KIM | {f"rights-{team.pk}": ["can_read"]})

    mail = OutgoingMessage.objects.get()
    assert response.status_code == 302
    assert "/a/konto/einladung/" in mail.text
    assert [to.address for to in mail.recipients.all()] == ["kim@musterstadt.example"]
    assert Membership.objects.get().user.name == "Kim Yilmaz"


def test_without_a_sender_the_link_is_shown_once(admin: Client) -> None:
    response = admin.post(url("agent_new"), KIM)

    assert response.status_code == 200
    assert b"/a/konto/einladung/" in response.content
    assert OutgoingMessage.objects.count() == 0


def test_an_address_in_use_is_refused_at_its_field(admin: Client, agent: User) -> None:
    response = admin.post(url("agent_new"), KIM | {"email": agent.email.upper()})

    assert response.status_code == 422
    assert b'href="#id_email"' in response.content
    assert b'value="Kim Yilmaz"' in response.content


def test_an_agent_gets_roles_and_rights(admin: Client, agent: User, team: Team) -> None:
    role = Role.objects.get(name="Betrieb", authority=agent.authority)
    form = {"name": "Jana P.", "email": agent.email, "language": "en", "roles": [role.pk]}

    response = admin.post(url("agent", agent.pk), form | {f"rights-{team.pk}": ["can_read"]})

    agent.refresh_from_db()
    assert response.status_code == 302
    assert (agent.name, agent.language, list(agent.roles.all())) == ("Jana P.", "en", [role])
    assert Membership.objects.get(user=agent).can_answer is False


def test_the_last_administrator_keeps_the_role(admin: Client, administrator: User) -> None:
    form = {"name": "Anna", "email": administrator.email, "language": "de"}

    changed = admin.post(url("agent", administrator.pk), form)
    switched = admin.post(url("agent_action", administrator.pk, "abschalten"))

    assert (changed.status_code, switched.status_code) == (422, 422)
    assert administrator.roles.count() == 1
    assert User.objects.get(pk=administrator.pk).is_active


@pytest.mark.parametrize("action", ["abschalten", "einschalten", "code-entfernen", "abmelden"])
def test_actions_on_an_agent_are_remembered(admin: Client, agent: User, action: str) -> None:
    before = Event.objects.filter(subject_kind="user", subject_id=agent.pk).count()

    response = admin.post(url("agent_action", agent.pk, action))

    after = Event.objects.filter(subject_kind="user", subject_id=agent.pk).count()
    assert response.status_code == 302
    assert (after > before) is (action != "einschalten")


def test_an_unknown_action_is_not_there(admin: Client, agent: User) -> None:
    assert admin.post(f"/a/verwaltung/personen/{agent.pk}/befoerdern/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_agents_costs_the_same_whatever_its_length(
    admin: Client,
    authority: Authority,
    team: Team,
    count: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for number in range(count):
        user = User.objects.create(
            authority=authority, name=f"N{number}", email=f"n{number}@x.example"
        )
        Membership.objects.create(user=user, team=team)
    admin.get(url("agents"))

    with django_assert_max_num_queries(12):
        admin.get(url("agents"))


# -- topics ----------------------------------------------------------------------------------


def make_topics(admin: Client) -> list[int]:
    admin.post(url("topic_new"), {"name": "Ausweise", "priority": "20", "is_active": "on"} | PLACE)
    top = Category.objects.get().pk
    for name in ("Pass", "Perso"):
        admin.post(
            url("topic_new"),
            {"name": name, "parent": top, "priority": "30", "is_active": "on"} | PLACE,
        )
    return [top, *Category.objects.filter(parent_id=top).values_list("pk", flat=True)]


def test_topics_form_two_levels_in_an_order(admin: Client) -> None:
    top, one, other = make_topics(admin)

    admin.post(url("topic_move", other), {"to": "up"})
    admin.post(url("topic_move", other), {"to": "up"})

    order = list(Category.objects.filter(parent_id=top).values_list("pk", flat=True))
    assert order == [other, one]


def test_a_third_level_is_refused(admin: Client) -> None:
    top, one, _other = make_topics(admin)

    below = admin.post(url("topic_new"), {"name": "Eilig", "parent": one, "priority": "20"} | PLACE)
    moved = admin.post(
        url("topic", top), {"name": "Ausweise", "parent": one, "priority": "20"} | PLACE
    )

    assert (below.status_code, moved.status_code) == (422, 422)


def test_a_topic_in_use_is_not_deleted(admin: Client) -> None:
    top, one, _other = make_topics(admin)

    refused = admin.post(url("topic_delete", top))
    done = admin.post(url("topic_delete", one))

    assert (refused.status_code, done.status_code) == (422, 302)
    assert b'value="Ausweise"' in refused.content
    assert Category.objects.count() == 2


# -- text modules ----------------------------------------------------------------------------

TEXT = {
    "title": "Danke",
    "is_active": "on",
    "body_de": "{{buerger.anrede}},\r\ndanke",
    "body_en": "",
}


def test_a_text_module_is_saved_by_language(admin: Client) -> None:
    admin.post(url("text_new"), TEXT | {"body_en": "thanks"})
    module = TextModule.objects.get()

    admin.post(url("text", module.pk), TEXT)

    assert {text.language: text.body for text in module.texts.all()} == {
        "de": "{{buerger.anrede}},\ndanke"
    }


def test_a_text_module_without_words_is_refused(admin: Client) -> None:
    response = admin.post(url("text_new"), TEXT | {"body_de": "  "})

    assert response.status_code == 422
    assert b'href="#id_body_de"' in response.content


def test_the_preview_saves_nothing_and_shows_text_as_text(admin: Client) -> None:
    body = "{{buerger.name}} <script>x</script> {{termin}} {{gibtsnicht}} {% now 'Y' %}"

    response = admin.post(url("text_new"), TEXT | {"body_de": body, "preview": "1"})

    html = response.content.decode()
    assert response.status_code == 200
    assert "Petra Lindner &lt;script&gt;x&lt;/script&gt; {{termin}} {{gibtsnicht}} {% now" in html
    assert TextModule.objects.count() == 0


def test_text_modules_are_found_by_their_words(admin: Client) -> None:
    admin.post(url("text_new"), TEXT)
    admin.post(url("text_new"), TEXT | {"title": "Absage", "body_de": "leider nicht"})

    html = admin.get(url("texts"), {"q": "leider"}).content.decode()

    assert "Absage" in html
    assert "Danke" not in html


# -- mailboxes -------------------------------------------------------------------------------


def test_a_mailbox_is_saved_with_its_sender_and_sealed_passwords(admin: Client, team: Team) -> None:
    response = admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk})

    account = Account.objects.get()
    sender = account.sender
    assert response.status_code == 302
    assert account.address == sender.email == "info@musterstadt.example"
    assert (account.import_since is not None, sender.is_default) == (True, True)
    assert "geheim" not in account.password + sender.password
    assert (unseal(account.password), unseal(sender.password)) == ("geheim-1", "geheim-2")


def test_a_mailbox_says_whether_its_server_delivers_tagged_addresses(
    admin: Client, team: Team
) -> None:
    admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk, "subaddresses": "on"})
    account, ticked = Account.objects.get(), Sender.objects.get().subaddresses

    page = admin.get(url("mailbox", account.pk)).content.decode()
    admin.post(url("mailbox", account.pk), MAILBOX | {"team": team.pk})

    assert ticked
    assert re.search(r'<input[^>]*name="subaddresses"[^>]*checked', page)
    assert not Sender.objects.get().subaddresses


def test_passwords_are_never_shown_again_and_kept_when_left_empty(
    admin: Client, team: Team
) -> None:
    admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk})
    account = Account.objects.get()
    kept = {"team": team.pk, "password": "", "smtp_password": "", "name": "Neu"}

    refused = admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk})
    page = admin.get(url("mailbox", account.pk)).content.decode()
    admin.post(url("mailbox", account.pk), MAILBOX | kept)

    account.refresh_from_db()
    assert refused.status_code == 422
    assert "geheim" not in refused.content.decode() + page
    assert (account.name, unseal(account.password)) == ("Neu", "geheim-1")
    assert unseal(account.sender.password) == "geheim-2"


@pytest.mark.parametrize(
    "field,value",
    [
        ("security", "none"),
        ("smtp_security", "none"),
        ("host", "imaps://imap.example.org/"),
        ("host", ""),
        ("smtp_host", "a b"),
        ("port", "70000"),
        ("password", ""),
        ("address", "kein-postfach"),
        ("team", "999999"),
    ],
)
def test_an_unusable_mailbox_is_refused_at_its_field(
    admin: Client, team: Team, field: str, value: str
) -> None:
    response = admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk} | {field: value})

    assert response.status_code == 422
    assert f'href="#id_{field}"' in response.content.decode()
    assert (Account.objects.count(), Sender.objects.count()) == (0, 0)


def test_without_encryption_only_this_machine_may_be_named(admin: Client, team: Team) -> None:
    local = {
        "host": "127.0.0.1",
        "security": "none",
        "smtp_host": "localhost",
        "smtp_security": "none",
    }

    response = admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk} | local)

    assert response.status_code == 302


def test_the_listener_needs_no_server(admin: Client, team: Team) -> None:
    bare = {
        "kind": "listener",
        "host": "",
        "username": "",
        "password": "",
        "transport": "demo",
        "smtp_host": "",
    }

    response = admin.post(url("mailbox_new"), MAILBOX | {"team": team.pk} | bare)

    assert response.status_code == 302
    assert Account.objects.get().kind == "listener"


def test_moving_needs_another_folder(admin: Client, team: Team) -> None:
    moving = {"team": team.pk, "after_filing": "move", "move_to": "INBOX"}

    response = admin.post(url("mailbox_new"), MAILBOX | moving)

    assert response.status_code == 422
    assert b'href="#id_move_to"' in response.content


def test_the_check_saves_and_shows_every_step(admin: Client, team: Team) -> None:
    closed = {
        "team": team.pk,
        "host": "127.0.0.1",
        "port": "1",
        "smtp_host": "127.0.0.1",
        "smtp_port": "1",
        "check": "1",
    }

    response = admin.post(url("mailbox_new"), MAILBOX | closed)

    html = response.content.decode()
    account = Account.objects.get()
    assert response.status_code == 200
    assert html.count('<li class="is-bad">') == 2
    assert html.count('<li class="is-open">') >= 4
    assert f'action="{url("mailbox", account.pk)}"' in html
    assert "geheim" not in html
