import pytest

from helpdesk.agents.domain.teams import TeamNeededError, deactivate_team
from helpdesk.agents.models import Authority, OneTimeLink, Team, User
from helpdesk.project.demo import town
from helpdesk.project.setup import NotADemonstrationError, ensure_installation
from helpdesk.sla.models import Agreement
from helpdesk.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_an_empty_installation_gets_what_it_needs_and_a_link() -> None:
    installation = ensure_installation(demo=False)

    agreement = Agreement.objects.get(authority=installation.authority)
    assert (Authority.objects.count(), Team.objects.count(), agreement.is_default) == (1, 1, True)
    assert User.objects.count() == 0
    assert "/a/konto/einladung/" in installation.welcome_lines[-1]


def test_a_second_start_mints_a_new_link_and_nothing_else() -> None:
    first = ensure_installation(demo=False)

    second = ensure_installation(demo=False)

    assert second.authority == first.authority
    assert second.welcome_lines != first.welcome_lines
    assert (Authority.objects.count(), OneTimeLink.objects.count()) == (1, 1)


def test_the_demonstration_is_built_once() -> None:
    first = ensure_installation(demo=True)

    second = ensure_installation(demo=True)

    assert any(town.DEMO_PASSWORD in line for line in first.welcome_lines)
    assert second.welcome_lines == first.welcome_lines
    assert Ticket.objects.count() == 80


def test_a_start_without_the_demonstration_locks_its_passwords() -> None:
    ensure_installation(demo=True)

    installation = ensure_installation(demo=False)

    assert [user.has_usable_password() for user in User.objects.all()] == [False] * 8
    assert "einladung" in installation.welcome_lines[-1]


@pytest.mark.parametrize("began_as_demonstration", [False, True])
def test_a_real_installation_never_becomes_a_demonstration(*, began_as_demonstration: bool) -> None:
    ensure_installation(demo=began_as_demonstration)
    ensure_installation(demo=False)

    with pytest.raises(NotADemonstrationError):
        ensure_installation(demo=True)


def test_a_team_that_is_needed_names_requests_topics_and_mailboxes() -> None:
    ensure_installation(demo=True)
    team = Team.objects.get(name="Tiefbau")

    with pytest.raises(TeamNeededError) as refused:
        deactivate_team(
            team_id=team.pk, user=User.objects.get(email="anna.berger@musterstadt.example")
        )

    assert len(refused.value.reasons) == 3
