"""Who has a request before them: told to those who may read it, and kept nowhere."""

import logging
from typing import Any

import pytest

from helpdesk.agents.models import User
from helpdesk.reactions.tasks import run
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.models import Ticket
from tests.factories.town import Town, arrive, make_agent, make_team, make_town
from tests.helpdesk.live.test_desk_socket import Desk, Opener, desk, in_database

__all__ = ["desk"]

pytestmark = pytest.mark.django_db(transaction=True)
Frame = dict[str, Any]


@pytest.fixture
def town() -> Town:
    return make_town()


async def colleague(town: Town, name: str = "ali") -> User:
    made: User = await in_database(make_agent)(town.team, f"{name}@musterstadt.example")
    return made


async def opened(desk: Opener, user: User) -> Desk:
    browser = await desk(user)
    assert await browser.open()
    await browser.hello()
    return browser


def here(ticket: Ticket, user: User, doing: str = "viewing") -> Frame:
    return {
        "type": "presence",
        "ticket": ticket.pk,
        "user": user.pk,
        "name": user.name,
        "doing": doing,
    }


async def say(browser: Desk, ticket_id: int, doing: str = "viewing") -> None:
    await browser.say({"type": "presence", "ticket": ticket_id, "doing": doing})


async def test_colleagues_hear_who_has_a_request_open_who_writes_and_who_leaves(
    town: Town, desk: Opener
) -> None:
    ticket = await in_database(arrive)(town)
    mine, other = await opened(desk, town.agent), await opened(desk, await colleague(town))

    for doing in ("viewing", "answering", "gone"):
        await say(mine, ticket.pk, doing)

    heard = [await other.hear() for _ in range(3)]
    assert heard == [here(ticket, town.agent, each) for each in ("viewing", "answering", "gone")]
    assert await mine.hears_nothing()


async def test_a_screen_that_closes_and_one_that_goes_on_to_another_request_leave_the_first(
    town: Town, desk: Opener
) -> None:
    first = await in_database(arrive)(town)
    second = await in_database(arrive)(town, subject="Anderes", text="Etwas ganz anderes.")
    mine, other = await opened(desk, town.agent), await opened(desk, await colleague(town))

    await say(mine, first.pk)
    await say(mine, second.pk)
    await mine.leave()

    heard = [await other.hear() for _ in range(4)]
    assert heard == [
        here(first, town.agent),
        here(first, town.agent, "gone"),
        here(second, town.agent),
        here(second, town.agent, "gone"),
    ]


async def test_who_comes_later_asks_and_hears_of_those_who_are_there(
    town: Town, desk: Opener
) -> None:
    ticket = await in_database(arrive)(town)
    mine = await opened(desk, town.agent)
    await say(mine, ticket.pk, "noting")
    await mine.say({"type": "ping"})
    await mine.hear()

    late = await opened(desk, await colleague(town))
    await late.say({"type": "who"})

    assert await late.hear() == here(ticket, town.agent, "noting")


async def test_nobody_hears_of_presence_beyond_a_wall(town: Town, desk: Opener) -> None:
    """Neither another team nor another town, and one's own word of a foreign request is lost."""
    ticket = await in_database(arrive)(town)
    away = await in_database(make_town)("Nachbarstadt", prefix="NA")
    team = await in_database(make_team)(town, "Ordnung")
    outsider = await in_database(make_agent)(team, "otto@musterstadt.example")
    mine = await opened(desk, town.agent)
    strangers = [await opened(desk, user) for user in (outsider, away.agent)]

    await say(mine, ticket.pk)
    for stranger in strangers:
        await say(stranger, ticket.pk, "answering")
        await stranger.say({"type": "who"})

    assert await mine.hears_nothing()
    for stranger in strangers:
        assert await stranger.hears_nothing()


async def test_a_request_that_moved_away_is_told_of_to_its_new_team_alone(
    town: Town, desk: Opener
) -> None:
    ticket = await in_database(arrive)(town)
    team = await in_database(make_team)(town, "Ordnung")
    ali, otto = await colleague(town), await in_database(make_agent)(team, "otto@m.example")
    both = await in_database(make_agent)(town.team, "bo@musterstadt.example")
    await in_database(both.memberships.create)(team=team)
    mine = await opened(desk, both)
    await say(mine, ticket.pk)
    await mine.say({"type": "ping"})
    await mine.hear()
    await in_database(assign)(ticket_id=ticket.pk, user=town.agent, owner_id=None, team_id=team.pk)
    old, new = await opened(desk, ali), await opened(desk, otto)

    await old.say({"type": "who"})
    await say(mine, ticket.pk, "answering")

    assert await new.hear() == here(ticket, both, "answering")
    assert await old.hears_nothing()


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "presence"},
        {"type": "presence", "ticket": "7", "doing": "viewing"},
        {"type": "presence", "ticket": 0, "doing": "viewing"},
        {"type": "presence", "ticket": True, "doing": "viewing"},
        {"type": "presence", "ticket": 2**70, "doing": "viewing"},
        {"type": "presence", "ticket": 7, "doing": "sleeping"},
        {"type": "presence", "ticket": 7, "doing": ["viewing"]},
    ],
)
async def test_presence_that_makes_no_sense_is_refused(
    town: Town, desk: Opener, frame: Frame
) -> None:
    browser = await opened(desk, town.agent)

    await browser.say(frame)

    answer = await browser.hear()
    assert answer["code"] == "unknown"


async def test_presence_is_written_into_no_log(
    town: Town, desk: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = await in_database(arrive)(town)
    mine, other = await opened(desk, town.agent), await opened(desk, await colleague(town))

    with caplog.at_level(logging.DEBUG, logger="helpdesk"):
        await say(mine, ticket.pk, "answering")
        await other.hear()

    assert [record.getMessage() for record in caplog.records] == []


async def test_the_bell_rings_on_all_screens_of_whom_a_note_names_and_on_no_others(
    town: Town, desk: Opener
) -> None:
    ticket, ali = await in_database(arrive)(town), await colleague(town)
    screens = [await opened(desk, ali), await opened(desk, ali)]
    mine = await opened(desk, town.agent)
    await in_database(run)()
    before = [(await each.hear())["type"] for each in (*screens, mine)]

    await in_database(
        lambda: (write_note(ticket_id=ticket.pk, user=town.agent, text="@ali bitte"), run())
    )()

    assert before == ["event"] * 3
    for screen in screens:
        assert {(await screen.hear())["type"] for _ in range(2)} == {"event", "notices"}
    assert (await mine.hear())["type"] == "event"
    assert await mine.hears_nothing()
