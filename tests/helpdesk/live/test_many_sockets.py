"""Faults F24 and F25 in small: many sockets, cut and cut again, and messages that get lost."""

import asyncio

import pytest

from helpdesk.events import feed
from helpdesk.live.broadcast import line
from helpdesk.reactions.tasks import run
from helpdesk.tickets.models import Ticket
from tests.factories.town import Town, arrive, make_agent, make_team, make_town
from tests.helpdesk.live.test_desk_socket import Desk, Frame, Opener, desk, in_database, note

__all__ = ["desk"]

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
CUTS = 3


@pytest.fixture
def town() -> Town:
    return make_town()


def heard_by(frames: list[Frame]) -> set[tuple[int, int]]:
    return {(frame["seq"], frame["ticket"]) for frame in frames if frame["type"] == "event"}


async def happen_to(town: Town, *tickets: Ticket) -> None:
    """Let a note be written into each, with all that follows."""
    for ticket in tickets:
        await in_database(note)(town, ticket)
    await in_database(run)()


async def all_of(browser: Desk) -> list[Frame]:
    """Return everything that waits to be heard."""
    await browser.say({"type": "ping"})
    frames = [await browser.hear()]
    while frames[-1]["type"] != "pong":
        frames.append(await browser.hear())
    return frames


async def facts_of(ticket: Ticket) -> set[tuple[int, int]]:
    seals = await in_database(lambda: feed.read_after(0, limit=1000))()
    mine = [seal for seal in seals if seal.event.subject_id == ticket.pk]
    return {(s.seq, ticket.pk) for s in mine if s.event.subject_kind == "ticket"}


async def test_f24_sockets_that_are_cut_again_and_again_miss_nothing_and_hear_nothing_foreign(
    town: Town, desk: Opener
) -> None:
    other = await in_database(make_team)(town, "Ordnung")
    mine = await in_database(arrive)(town)
    foreign = await in_database(arrive)(town, team_id=other.pk, subject="Anderes", text="Fremd.")
    agents = [town.agent]
    names = [f"a{number}@musterstadt.example" for number in range(3)]
    agents += [await in_database(make_agent)(town.team, name) for name in names]
    await in_database(town.agent.memberships.create)(team=other)
    heard: dict[int, set[tuple[int, int]]] = {agent.pk: set() for agent in agents}
    last = dict.fromkeys(heard, 1)

    for turn in range(ROUNDS):
        browsers = []
        for agent in agents:
            browser = await desk(agent)
            assert await browser.open()
            heard[agent.pk] |= heard_by(await browser.hello(last[agent.pk]))
            browsers.append((agent, browser))
        await happen_to(town, mine, foreign)
        for agent, browser in browsers:
            frames = await all_of(browser)
            heard[agent.pk] |= heard_by(frames)
            last[agent.pk] = max([last[agent.pk], *(seq for seq, _ in heard[agent.pk])])
            if turn % CUTS:
                await browser.leave()
        # What happens while they are cut off.
        await happen_to(town, mine)

    expected, not_theirs = await facts_of(mine), await facts_of(foreign)
    for agent in agents[1:]:
        browser = await desk(agent)
        assert await browser.open()
        heard[agent.pk] |= heard_by(await browser.hello(last[agent.pk]))
        assert {pair for pair in expected if pair[0] > 1} <= heard[agent.pk]
        assert not heard[agent.pk] & not_theirs


async def test_f25_a_message_that_was_lost_on_its_way_is_heard_when_the_screen_asks_again(
    town: Town, desk: Opener
) -> None:
    ticket = await in_database(arrive)(town)
    await in_database(run)()
    browser = await desk(town.agent)
    assert await browser.open()
    await browser.hello(await in_database(feed.head)())

    line.detach()
    await happen_to(town, ticket)
    lost = await in_database(feed.head)()
    line.attach(asyncio.get_running_loop())
    await happen_to(town, ticket)
    # The layer delivers beside the socket's own answers: wait for the message itself.
    live = heard_by([await browser.hear()])
    again = heard_by(await browser.hello(max(seq for seq, _ in live)))

    assert (lost, ticket.pk) not in live
    assert {(lost, ticket.pk), (lost + 1, ticket.pk)} <= again
