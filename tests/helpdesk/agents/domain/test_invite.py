from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from helpdesk.agents.domain.invite import (
    LinkUsedUpError,
    accept_administrator_link,
    accept_invitation,
    invite_agent,
    mint_administrator_link,
    renew_invitation,
)
from helpdesk.agents.domain.membership import AgentDetails, deactivate_agent
from helpdesk.agents.domain.teams import Rights
from helpdesk.agents.models import Authority, OneTimeLink, Team, User
from helpdesk.agents.queries import administrators_of, find_link

DETAILS = AgentDetails(name="Kim Yilmaz", email="Kim@Musterstadt.example")


def invite(authority: Authority, user: User) -> tuple[User, str]:
    team = Team.objects.get(authority=authority)
    return invite_agent(
        authority_id=authority.pk,
        details=DETAILS,
        role_ids=(),
        rights={team.pk: Rights(can_change=False)},
        user=user,
    )


def test_invite_agent_creates_a_member_without_a_password(
    authority: Authority, administrator: User
) -> None:
    agent, token = invite(authority, administrator)

    member = agent.memberships.get()
    assert agent.email == "kim@musterstadt.example"
    assert not agent.has_usable_password()
    assert (member.can_answer, member.can_change) == (True, False)
    assert token not in OneTimeLink.objects.get().digest


def test_invite_agent_refuses_an_address_that_is_in_use(
    authority: Authority, administrator: User
) -> None:
    invite(authority, administrator)

    with pytest.raises(ValidationError) as refused:
        invite(authority, administrator)

    assert list(refused.value.message_dict) == ["email"]


def test_find_link_uses_nothing_up(authority: Authority, administrator: User) -> None:
    _agent, token = invite(authority, administrator)

    assert find_link(token) is not None
    assert find_link(token) is not None


def test_accept_invitation_sets_the_password_once(
    authority: Authority, administrator: User
) -> None:
    agent, token = invite(authority, administrator)

    accepted = accept_invitation(token=token, password="windig-und-nass-12")

    assert accepted == agent
    assert accepted.check_password("windig-und-nass-12")
    with pytest.raises(LinkUsedUpError):
        accept_invitation(token=token, password="jemand-anders-3000")
    assert find_link(token) is None


@pytest.mark.parametrize("token", ["", "a", "a" * 39])
def test_accept_invitation_refuses_what_was_never_minted(
    authority: Authority, administrator: User, token: str
) -> None:
    invite(authority, administrator)

    with pytest.raises(LinkUsedUpError):
        accept_invitation(token=token, password="windig-und-nass-12")


def test_accept_invitation_refuses_after_72_hours(
    authority: Authority, administrator: User
) -> None:
    _agent, token = invite(authority, administrator)
    past = timezone.now() - timedelta(seconds=1)
    valid_for = OneTimeLink.objects.get().expires_at - OneTimeLink.objects.get().created_at
    OneTimeLink.objects.update(expires_at=past)

    with pytest.raises(LinkUsedUpError):
        accept_invitation(token=token, password="windig-und-nass-12")

    assert round(valid_for.total_seconds()) == 72 * 3600


def test_renew_invitation_ends_the_link_before(authority: Authority, administrator: User) -> None:
    agent, first = invite(authority, administrator)

    _agent, second = renew_invitation(user_id=agent.pk, user=administrator)

    assert find_link(first) is None
    assert find_link(second) is not None


def test_deactivating_ends_an_open_invitation(authority: Authority, administrator: User) -> None:
    agent, token = invite(authority, administrator)

    deactivate_agent(user_id=agent.pk, user=administrator)

    with pytest.raises(LinkUsedUpError):
        accept_invitation(token=token, password="windig-und-nass-12")


def test_administrator_link_makes_the_first_administrator(authority: Authority) -> None:
    token = mint_administrator_link()

    made = accept_administrator_link(
        token=token, authority=authority, details=DETAILS, password="windig-und-nass-12"
    )

    assert list(administrators_of(authority.pk)) == [made]
    assert made.memberships.get().can_read
    with pytest.raises(LinkUsedUpError):
        accept_administrator_link(
            token=token, authority=authority, details=DETAILS, password="windig-und-nass-12"
        )


def test_administrator_link_of_an_agent_lets_them_back_in(
    authority: Authority, agent: User
) -> None:
    User.objects.filter(pk=agent.pk).update(is_active=False)
    token = mint_administrator_link(user=agent)

    made = accept_administrator_link(
        token=token, authority=authority, details=DETAILS, password="windig-und-nass-12"
    )

    assert made == agent
    assert made.is_active
    assert "administer" in made.role_verbs


def test_an_invitation_does_not_make_an_administrator(
    authority: Authority, administrator: User
) -> None:
    _agent, token = invite(authority, administrator)

    with pytest.raises(LinkUsedUpError):
        accept_administrator_link(
            token=token, authority=authority, details=DETAILS, password="windig-und-nass-12"
        )
