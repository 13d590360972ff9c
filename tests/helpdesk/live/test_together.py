"""One question to the database serves all open screens of those who may see the same."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper

from helpdesk.agents.models import User
from helpdesk.events import feed
from helpdesk.live.changes import Change, changes_of
from helpdesk.live.frames import Frame, frames_for
from helpdesk.live.together import Together
from helpdesk.reactions.tasks import run
from helpdesk.tickets.rules import Scope, scope_of
from tests.factories.town import Town, arrive, make_agent, make_team, make_town
from tests.helpdesk.live.test_desk_socket import in_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Town:
    return make_town()


def fresh_scope(user: User) -> Scope:
    return scope_of(User.objects.get(pk=user.pk))


frames = Together[tuple[Scope, Change], list[Frame]](lambda key: frames_for(key[0], [key[1]]))


def newest_change() -> Change:
    run()
    (seal,) = feed.read_after(feed.head() - 1, limit=1)
    return changes_of([(seal.seq, seal.event)])[0]


async def test_colleagues_of_a_team_are_told_by_one_question_and_a_stranger_by_another(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"a{number}@musterstadt.example" for number in range(9)]
    colleagues = [await in_database(make_agent)(town.team, name) for name in names]
    stranger = await in_database(make_agent)(
        await in_database(make_team)(town, "Ordnung"), "otto@musterstadt.example"
    )
    ticket = await in_database(arrive)(town)
    change = await in_database(newest_change)()
    listening = [await in_database(fresh_scope)(each) for each in [*colleagues, stranger]]
    asked: list[str] = []
    execute = CursorWrapper.execute

    def counted(cursor: CursorWrapper, sql: str, params: Sequence[Any] | None = None) -> object:
        asked.append(sql)
        return execute(cursor, sql, params)

    # Each thread has a connection of its own: what all of them ask goes through this class.
    monkeypatch.setattr(CursorWrapper, "execute", counted)

    told = await asyncio.gather(*(frames.ask((each, change)) for each in listening))

    assert [[frame["ticket"] for frame in frames] for frames in told] == [[ticket.pk]] * 9 + [[]]
    assert len(asked) == 2


async def test_an_answer_is_never_older_than_its_question(town: Town) -> None:
    ticket = await in_database(arrive)(town)
    change = await in_database(newest_change)()
    scope = await in_database(fresh_scope)(town.agent)
    other = await in_database(make_team)(town, "Ordnung")

    before = await frames.ask((scope, change))
    await in_database(type(ticket).objects.filter(pk=ticket.pk).update)(team=other)

    assert [frame["ticket"] for frame in before] == [ticket.pk]
    assert await frames.ask((scope, change)) == []


async def test_a_question_that_fails_fails_for_those_who_asked_it_alone() -> None:
    def half(number: int) -> float:
        return 1 / number

    halves = Together(half)

    found = await asyncio.gather(*map(halves.ask, (0, 2, 0)), return_exceptions=True)

    assert [type(each) for each in found] == [ZeroDivisionError, float, ZeroDivisionError]
    assert await halves.ask(4) == 0.25
