from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from helpdesk.agents.models import User
from helpdesk.agents.queries import administrators_of
from helpdesk.project.setup import ensure_installation

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Ada Admin",
    "email": "ada@musterstadt.example",
    "password": "windig-und-nass-12",
    "again": "windig-und-nass-12",
}


def printed(**options: str) -> str:
    out = StringIO()
    call_command("admin_link", stdout=out, **options)
    return urlsplit(out.getvalue().strip()).path


def test_admin_link_makes_the_first_administrator(client: Client) -> None:
    authority = ensure_installation(demo=False).authority
    link = printed()

    shown = client.get(link)
    done = client.post(link, FORM)

    assert (shown.status_code, done.status_code) == (200, 302)
    assert [user.email for user in administrators_of(authority.pk)] == ["ada@musterstadt.example"]
    assert client.get(link).status_code == 404


def test_admin_link_keeps_what_was_typed(client: Client) -> None:
    ensure_installation(demo=False)

    response = client.post(printed(), FORM | {"password": "kurz", "again": "kurz"})

    assert response.status_code == 422
    assert b'value="Ada Admin"' in response.content
    assert User.objects.count() == 0


def test_admin_link_lets_a_locked_out_agent_back_in(client: Client) -> None:
    ensure_installation(demo=True)
    jana = User.objects.get(email="jana.petersen@musterstadt.example")

    link = printed(email="Jana.Petersen@musterstadt.example")
    response = client.post(link, {"password": FORM["password"], "again": FORM["again"]})

    jana.refresh_from_db()
    assert response.status_code == 302
    assert jana.check_password("windig-und-nass-12")
    assert jana.roles.get().name == "Administration"


def test_admin_link_of_nobody_says_so() -> None:
    ensure_installation(demo=False)

    with pytest.raises(CommandError, match="no agent"):
        printed(email="nobody@musterstadt.example")
