"""A town with an administrator who is signed in, and a second authority beside it."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Authority, Role, Team, User
from tests.helpdesk.desk.pages import signed_in

PASSWORD = "sonnig-und-trocken-7"


def make_user(authority: Authority, name: str, *roles: str) -> User:
    user = User(
        authority=authority, email=f"{name.lower()}@{authority.short_name}.example", name=name
    )
    user.set_password(PASSWORD)
    user.save()
    user.roles.set(Role.objects.filter(authority=authority, name__in=roles))
    return user


@pytest.fixture
def authority(db: None) -> Authority:  # noqa: ARG001 - opens the database
    return create_authority(name="Stadt Musterstadt", short_name="musterstadt")


@pytest.fixture
def elsewhere(authority: Authority) -> Authority:  # noqa: ARG001 - comes first, as in life
    return create_authority(name="Stadtwerke", short_name="stadtwerke", team_name="Kanarienvogel")


@pytest.fixture
def team(authority: Authority) -> Team:
    return Team.objects.get(authority=authority)


@pytest.fixture
def administrator(authority: Authority) -> User:
    return make_user(authority, "Anna", "Administration")


@pytest.fixture
def agent(authority: Authority) -> User:
    return make_user(authority, "Jana")


@pytest.fixture
def editor(authority: Authority) -> User:
    return make_user(authority, "Edda", "Redaktion")


@pytest.fixture
def admin(administrator: User, settings: Settings) -> Client:
    settings.DEMO = True  # administrators need no second factor there
    return signed_in(administrator)
