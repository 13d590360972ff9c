"""An authority with an administrator and an agent."""

import pytest

from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Authority, Role, User

PASSWORD = "sonnig-und-trocken-7"


def make_user(authority: Authority, email: str, *, administrator: bool = False) -> User:
    user = User(authority=authority, email=email, name=email.partition("@")[0].title())
    user.set_password(PASSWORD)
    user.save()
    if administrator:
        user.roles.add(Role.objects.get(authority=authority, name="Administration"))
    return user


@pytest.fixture
def authority(db: None) -> Authority:  # noqa: ARG001 - opens the database
    return create_authority(name="Stadt Musterstadt", short_name="Musterstadt")


@pytest.fixture
def administrator(authority: Authority) -> User:
    return make_user(authority, "anna@musterstadt.example", administrator=True)


@pytest.fixture
def agent(authority: Authority) -> User:
    return make_user(authority, "jana@musterstadt.example")
