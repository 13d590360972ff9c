import pytest

from helpdesk.agents.domain.signin import (
    ABSOLUTE_SECONDS,
    IDLE_SECONDS,
    end_sessions,
    lacks_second_factor,
    session_goes_on,
)
from helpdesk.agents.models import Authority, User

START = 1_000_000.0


def test_session_goes_on_while_it_is_used() -> None:
    session: dict[str, object] = {}

    answers = [session_goes_on(session, now=START + hours * 3600) for hours in (0, 7, 11)]

    assert answers == [True, True, True]


def test_session_ends_after_eight_idle_hours() -> None:
    session: dict[str, object] = {}
    session_goes_on(session, now=START)

    assert session_goes_on(session, now=START + IDLE_SECONDS + 1) is False


def test_what_a_page_asks_for_by_itself_does_not_keep_a_session_alive() -> None:
    session: dict[str, object] = {}
    session_goes_on(session, now=START)
    for hour in range(1, 9):
        assert session_goes_on(session, is_used=False, now=START + hour * 3600)

    assert session_goes_on(session, now=START + IDLE_SECONDS + 1) is False


def test_session_ends_after_twelve_hours_of_use() -> None:
    session: dict[str, object] = {}
    for minute in range(0, ABSOLUTE_SECONDS // 60, 10):
        assert session_goes_on(session, now=START + minute * 60)

    assert session_goes_on(session, now=START + ABSOLUTE_SECONDS + 1) is False


def test_session_is_not_written_with_each_request() -> None:
    session: dict[str, object] = {}
    session_goes_on(session, now=START)
    before = dict(session)

    session_goes_on(session, now=START + 60)

    assert session == before


def test_end_sessions_changes_the_hash(agent: User) -> None:
    before = agent.get_session_auth_hash()

    end_sessions(user=agent, by=agent)

    assert agent.get_session_auth_hash() != before


@pytest.mark.parametrize("demanded", [True, False])
def test_lacks_second_factor_only_where_it_is_demanded(
    authority: Authority, administrator: User, agent: User, *, demanded: bool
) -> None:
    authority.require_second_factor = demanded
    authority.save()

    assert lacks_second_factor(User.objects.get(pk=administrator.pk)) is demanded
    assert lacks_second_factor(User.objects.get(pk=agent.pk)) is False
