"""An authority that can send mail, with an administrator and an agent."""

import pytest

from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.models import Authority, Role, User
from helpdesk.outbox.models import Sender
from helpdesk.outbox.senders import SenderDetails, save_sender
from tests.helpdesk.desk.account.steps import (
    make_user,
)


@pytest.fixture
def authority(db: None) -> Authority:  # noqa: ARG001 - opens the database
    made = create_authority(name="Stadt Musterstadt", short_name="Musterstadt")
    details = SenderDetails("Stadt", "info@musterstadt.example", Sender.Transport.DEMO)
    save_sender(authority_id=made.pk, sender_id=None, details=details, user=None)
    return made


@pytest.fixture
def agent(authority: Authority) -> User:
    return make_user(authority, "jana@musterstadt.example")


@pytest.fixture
def administrator(authority: Authority) -> User:
    user = make_user(authority, "anna@musterstadt.example")
    user.roles.add(Role.objects.get(authority=authority, name="Administration"))
    return user


@pytest.fixture(autouse=True)
def _quick_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.desk.account.views.RESET_SECONDS", 0.0)
