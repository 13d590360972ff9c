from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from helpdesk.agents import hindrances
from helpdesk.agents.domain.teams import (
    NO_RIGHTS,
    Rights,
    TeamDetails,
    TeamNeededError,
    change_team,
    create_team,
    deactivate_team,
    reactivate_team,
    set_team_rights,
    set_user_rights,
)
from helpdesk.agents.models import Authority, Membership, Team, User


@pytest.fixture
def team(authority: Authority) -> Team:
    return create_team(authority_id=authority.pk, details=TeamDetails("Grünflächen"), user=None)


@pytest.fixture
def _no_questions() -> Iterator[None]:
    kept = list(hindrances._questions)
    hindrances._questions.clear()
    yield
    hindrances._questions[:] = kept


def test_create_team_makes_a_readable_slug(team: Team) -> None:
    assert team.slug == "gruenflaechen"


@pytest.mark.usefixtures("team")
def test_create_team_refuses_a_name_in_other_case(authority: Authority) -> None:
    with pytest.raises(ValidationError):
        create_team(authority_id=authority.pk, details=TeamDetails("GRÜNFLÄCHEN"), user=None)


def test_change_team_keeps_the_slug(administrator: User, team: Team) -> None:
    change_team(team_id=team.pk, details=TeamDetails("Stadtgrün"), user=administrator)

    team.refresh_from_db()
    assert (team.name, team.slug) == ("Stadtgrün", "gruenflaechen")


@pytest.mark.usefixtures("_no_questions")
def test_deactivate_team_names_what_hinders(administrator: User, team: Team) -> None:
    hindrances.register_hindrance(lambda _team_id: "3 open requests")
    hindrances.register_hindrance(lambda _team_id: "")

    with pytest.raises(TeamNeededError) as refused:
        deactivate_team(team_id=team.pk, user=administrator)

    team.refresh_from_db()
    assert refused.value.reasons == ["3 open requests"]
    assert team.is_active


@pytest.mark.usefixtures("_no_questions")
def test_deactivate_team_and_back(administrator: User, team: Team) -> None:
    deactivate_team(team_id=team.pk, user=administrator)
    assert not Team.objects.get(pk=team.pk).is_active

    reactivate_team(team_id=team.pk, user=administrator)
    assert Team.objects.get(pk=team.pk).is_active


def test_set_team_rights_adds_changes_and_removes(
    administrator: User, agent: User, team: Team
) -> None:
    set_team_rights(team_id=team.pk, rights={agent.pk: Rights()}, user=administrator)
    set_team_rights(
        team_id=team.pk,
        rights={agent.pk: Rights(can_answer=False), administrator.pk: Rights()},
        user=administrator,
    )
    assert Membership.objects.get(user=agent).can_answer is False

    set_team_rights(team_id=team.pk, rights={agent.pk: NO_RIGHTS}, user=administrator)

    assert [member.user_id for member in Membership.objects.all()] == [administrator.pk]


def test_rights_across_authorities_are_refused(authority: Authority, administrator: User) -> None:
    other = Authority.objects.create(name="SWM", short_name="SWM", calendar=authority.calendar)
    foreign = Team.objects.create(authority=other, name="Netz", slug="netz")

    with pytest.raises(ValidationError):
        set_team_rights(team_id=foreign.pk, rights={administrator.pk: Rights()}, user=administrator)
    with pytest.raises(ValidationError):
        set_user_rights(user_id=administrator.pk, rights={foreign.pk: Rights()}, user=administrator)

    assert Membership.objects.count() == 0
