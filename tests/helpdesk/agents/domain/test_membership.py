import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from helpdesk.agents.domain.membership import (
    AgentDetails,
    LastAdministratorError,
    ProfileDetails,
    change_agent,
    change_profile,
    deactivate_agent,
    reactivate_agent,
)
from helpdesk.agents.models import Authority, Role, User
from helpdesk.events.models import Event
from helpdesk.permissions.registry import can


def details_of(user: User, **changed: str) -> AgentDetails:
    values = {"name": user.name, "email": user.email, "phone": user.phone} | changed
    return AgentDetails(**values)


def test_deactivate_agent_ends_the_session_at_once(administrator: User, agent: User) -> None:
    client = Client()
    client.force_login(agent)

    deactivate_agent(user_id=agent.pk, user=administrator)

    agent.refresh_from_db()
    assert not agent.is_active
    assert agent.get_session_auth_hash() != client.session["_auth_user_hash"]


@pytest.mark.usefixtures("agent")
def test_deactivate_agent_refuses_the_last_administrator(administrator: User) -> None:
    with pytest.raises(LastAdministratorError):
        deactivate_agent(user_id=administrator.pk, user=administrator)

    assert User.objects.get(pk=administrator.pk).is_active


def test_an_invited_administrator_does_not_count_as_another(
    administrator: User, agent: User
) -> None:
    agent.roles.add(Role.objects.get(name="Administration"))
    agent.set_unusable_password()
    agent.save()

    with pytest.raises(LastAdministratorError):
        deactivate_agent(user_id=administrator.pk, user=administrator)


def test_change_agent_refuses_to_take_the_last_role_to_administer(administrator: User) -> None:
    with pytest.raises(LastAdministratorError):
        change_agent(
            user_id=administrator.pk,
            details=details_of(administrator),
            role_ids=(),
            user=administrator,
        )

    assert can(User.objects.get(pk=administrator.pk), "administer")


def test_change_agent_records_names_of_fields_and_no_values(
    administrator: User, agent: User
) -> None:
    change_agent(
        user_id=agent.pk,
        details=details_of(agent, phone="0123 45"),
        role_ids=[],
        user=administrator,
    )

    fact = Event.objects.latest("id")
    assert (fact.kind, fact.subject_kind, fact.subject_id) == ("settings.changed", "user", agent.pk)
    assert (fact.actor_kind, fact.actor_id) == ("user", administrator.pk)
    assert fact.data == {"action": "changed", "fields": ["phone"]}


def test_change_agent_without_a_change_records_nothing(administrator: User, agent: User) -> None:
    before = Event.objects.count()

    change_agent(user_id=agent.pk, details=details_of(agent), role_ids=[], user=administrator)

    assert Event.objects.count() == before


def test_change_agent_refuses_a_role_of_another_authority(
    administrator: User, agent: User, authority: Authority
) -> None:
    other = Authority.objects.create(
        name="Stadtwerke", short_name="SWM", calendar=authority.calendar
    )
    foreign = Role.objects.create(authority=other, name="Administration", verbs=["administer"])

    with pytest.raises(ValidationError):
        change_agent(
            user_id=agent.pk,
            details=details_of(agent),
            role_ids=[foreign.pk],
            user=administrator,
        )

    assert list(agent.roles.all()) == []


def test_a_new_mail_address_ends_the_sessions(administrator: User, agent: User) -> None:
    change_agent(
        user_id=agent.pk,
        details=details_of(agent, email="Jana.Neu@musterstadt.example"),
        role_ids=[],
        user=administrator,
    )

    agent.refresh_from_db()
    assert (agent.email, agent.session_epoch) == ("jana.neu@musterstadt.example", 1)


def test_reactivate_agent_lets_the_old_password_work(administrator: User, agent: User) -> None:
    deactivate_agent(user_id=agent.pk, user=administrator)

    reactivate_agent(user_id=agent.pk, user=administrator)

    agent.refresh_from_db()
    assert agent.is_active
    assert agent.check_password("sonnig-und-trocken-7")


def test_change_profile_leaves_address_and_roles_alone(agent: User) -> None:
    change_profile(
        user_id=agent.pk,
        details=ProfileDetails(name="Jana P.", phone="", language="en", signature="Gruß\nJana"),
    )

    agent.refresh_from_db()
    assert (agent.name, agent.language, agent.email) == (
        "Jana P.",
        "en",
        "jana@musterstadt.example",
    )
