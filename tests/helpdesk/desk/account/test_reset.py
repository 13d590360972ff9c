"""Password reset and invitation: cases 41, 42 and 45."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.agents.domain.invite import invite_agent
from helpdesk.agents.domain.membership import AgentDetails, change_agent
from helpdesk.agents.models import Authority, User
from helpdesk.outbox.models import OutgoingMessage
from tests.helpdesk.desk.account.steps import (
    ask_for_reset,
    give_code,
    is_signed_in,
    link_in_mail,
    sign_in,
)


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
