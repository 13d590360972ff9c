"""One question to the database serves all open screens of those who may see the same."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper

from helpdesk.agents.models import User
from helpdesk.events import feed
from helpdesk.live.access import Access
from helpdesk.live.changes import Change, changes_of
from helpdesk.live.delivery import frames_of
from helpdesk.live.groups import groups_of
from helpdesk.reactions.tasks import run
from tests.factories.town import Town, arrive, make_agent, make_team, make_town
from tests.helpdesk.live.test_desk_socket import in_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town() -> Town:
    return make_town()


def access_of(user: User) -> Access:
    fresh = User.objects.get(pk=user.pk)
    return Access(fresh.pk, groups_of(fresh), fresh)


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
    listening = [await in_database(access_of)(each) for each in [*colleagues, stranger]]
    asked: list[str] = []
    execute = CursorWrapper.execute

    def counted(cursor: CursorWrapper, sql: str, params: Sequence[Any] | None = None) -> object:
        asked.append(sql)
        return execute(cursor, sql, params)

    # Each thread has a connection of its own: what all of them ask goes through this class.
    monkeypatch.setattr(CursorWrapper, "execute", counted)

    told = await asyncio.gather(*(frames_of(each, change) for each in listening))

    assert [[frame["ticket"] for frame in frames] for frames in told] == [[ticket.pk]] * 9 + [[]]
    assert len(asked) == 2


async def test_a_later_change_is_asked_anew(town: Town) -> None:
    ticket = await in_database(arrive)(town)
    change = await in_database(newest_change)()
    access = await in_database(access_of)(town.agent)
    other = await in_database(make_team)(town, "Ordnung")

    before = await frames_of(access, change)
    await in_database(type(ticket).objects.filter(pk=ticket.pk).update)(team=other)
    later = Change(change.seq + 1, ticket.pk, change.kind, change.team_ids)

    assert [frame["ticket"] for frame in before] == [ticket.pk]
    assert await frames_of(access, later) == []
