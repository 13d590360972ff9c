"""The desk's WebSocket: who gets in, what they hear, and how they resume."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from helpdesk.agents.models import Membership, User
from helpdesk.events import feed
from helpdesk.live import consumers
from helpdesk.live.broadcast import line
from helpdesk.live.routing import websocket_application
from helpdesk.reactions.tasks import run
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.models import Ticket
from tests.factories.town import Town, arrive, make_agent, make_team, make_town

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "http://testserver"
# Waiting ends with what is waited for.
PATIENCE = 60
Frame = dict[str, Any]


class Desk:
    """A browser with a session that opens the socket."""

    def __init__(self, user: User | None, origin: str | None, path: str) -> None:
        headers = [(b"host", b"testserver")]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self.client = Client()
        if user is not None:
            self.client.force_login(user)
            cookie = self.client.cookies[settings.SESSION_COOKIE_NAME].value
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
        scope = {"type": "websocket", "path": path, "headers": headers, "subprotocols": []}
        self.socket = ApplicationCommunicator(websocket_application, scope)

    async def open(self) -> bool:
        await self.socket.send_input({"type": "websocket.connect"})
        answer = await self.socket.receive_output(PATIENCE)
        return bool(answer["type"] == "websocket.accept")

    async def say(self, frame: object) -> None:
        await self.say_text(json.dumps(frame))

    async def say_text(self, text: str) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def say_bytes(self, data: bytes) -> None:
        await self.socket.send_input({"type": "websocket.receive", "bytes": data})

    async def hear(self) -> Frame:
        message = await self.socket.receive_output(PATIENCE)
        assert message["type"] == "websocket.send"
        frame: Frame = json.loads(message["text"])
        return frame

    async def hears_nothing(self) -> bool:
        return bool(await self.socket.receive_nothing(timeout=0.2))

    async def hello(self, seq: int | None = 0) -> list[Frame]:
        await self.say({"type": "hello", "seq": seq})
        frames = [await self.hear()]
        while frames[-1]["type"] not in {"ready", "reload"}:
            frames.append(await self.hear())
        return frames

    async def closing(self) -> int:
        while True:
            message = await self.socket.receive_output(PATIENCE)
            if message["type"] == "websocket.close":
                return int(message.get("code") or 1000)

    async def leave(self) -> None:
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait(PATIENCE)


class Opener(Protocol):
    def __call__(
        self, user: User | None = None, *, origin: str | None = ORIGIN, path: str = "/ws/desk/"
    ) -> Awaitable[Desk]: ...


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
async def desk() -> AsyncIterator[Opener]:
    """Open sockets that are closed after the test; the layer is spoken to on this loop."""
    line.attach(asyncio.get_running_loop())
    opened: list[Desk] = []

    async def make(
        user: User | None = None, *, origin: str | None = ORIGIN, path: str = "/ws/desk/"
    ) -> Desk:
        made = await sync_to_async(Desk)(user, origin, path)
        opened.append(made)
        return made

    yield make
    line.detach()
    for each in opened:
        await each.leave()


in_database = sync_to_async


async def happen(work: Callable[[], object]) -> None:
    """Let something happen in a worker's thread, with all that follows from it."""
    await in_database(lambda: (work(), run()))()


def note(town: Town, ticket: Ticket) -> None:
    write_note(ticket_id=ticket.pk, user=town.agent, text="intern")


async def test_socket_says_what_happens_to_a_visible_ticket(town: Town, desk: Opener) -> None:
    browser = await desk(town.agent)
    assert await browser.open()
    first = await browser.hello()

    ticket = await in_database(arrive)(town)
    await in_database(run)()

    assert first == [{"type": "ready", "seq": 0}]
    frame = await browser.hear()
    assert frame == {
        "type": "event",
        "seq": frame["seq"],
        "ticket": ticket.pk,
        "number": ticket.number,
        "kind": "ticket.created",
        "version": ticket.version,
    }


async def test_socket_is_silent_about_foreign_teams_and_towns(town: Town, desk: Opener) -> None:
    other_team = await in_database(make_team)(town, "Ordnung")
    stranger = await in_database(make_agent)(other_team, "otto@musterstadt.example")
    elsewhere = await in_database(make_town)("Nachbarstadt", prefix="NA")
    browsers = [await desk(stranger), await desk(elsewhere.agent)]
    for browser in browsers:
        assert await browser.open()
        await browser.hello()

    await happen(lambda: arrive(town))

    for browser in browsers:
        assert await browser.hears_nothing()
        await browser.say({"type": "ping"})
        assert await browser.hear() == {"type": "pong"}


async def test_socket_filters_at_delivery_and_not_only_when_joining(
    town: Town, desk: Opener
) -> None:
    browser = await desk(town.agent)
    assert await browser.open()
    await browser.hello()
    other = await in_database(make_team)(town, "Ordnung")
    ticket = await in_database(arrive)(town)
    await in_database(Ticket.objects.filter(pk=ticket.pk).update)(team=other)

    # Its fact still names the old team, whose group therefore hears of it.
    await in_database(run)()

    assert await browser.hears_nothing()


async def test_socket_tells_a_team_that_a_ticket_has_left_it(town: Town, desk: Opener) -> None:
    other = await in_database(make_team)(town, "Ordnung")
    await in_database(Membership.objects.create)(user=town.agent, team=other)
    watcher = await in_database(make_agent)(town.team, "wanda@musterstadt.example")
    ticket = await in_database(arrive)(town)
    await in_database(run)()
    browser = await desk(watcher)
    assert await browser.open()
    before = await in_database(feed.head)()
    await browser.hello()

    await happen(
        lambda: assign(
            ticket_id=ticket.pk,
            user=User.objects.get(pk=town.agent.pk),
            owner_id=None,
            team_id=other.pk,
        )
    )

    live = await browser.hear()
    assert (live["type"], live["ticket"]) == ("gone", ticket.pk)
    again = await desk(watcher)
    assert await again.open()
    replayed = await again.hello(before)
    assert live in replayed


async def test_socket_replays_what_was_missed_and_goes_on_from_there(
    town: Town, desk: Opener
) -> None:
    ticket = await in_database(arrive)(town)
    await in_database(run)()
    before = await in_database(feed.head)()
    for _ in range(3):
        await happen(lambda: note(town, ticket))
    browser = await desk(town.agent)
    assert await browser.open()

    frames = await browser.hello(before)
    await happen(lambda: note(town, ticket))
    live = await browser.hear()

    missed = [f for f in frames if f["type"] == "event" and f["seq"] > before]
    assert [f["kind"] for f in missed] == ["ticket.note_added"] * 3
    head = frames[-1]
    assert head == {"type": "ready", "seq": missed[-1]["seq"]}
    assert (live["kind"], live["seq"]) == ("ticket.note_added", head["seq"] + 1)


async def test_socket_asks_to_reload_after_more_than_500_events_or_a_restored_backup(
    town: Town, desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.live.frames.LONGEST_REPLAY", 3)
    ticket = await in_database(arrive)(town)
    for _ in range(4):
        await happen(lambda: note(town, ticket))
    head = await in_database(feed.head)()
    browser = await desk(town.agent)
    assert await browser.open()

    late = await browser.hello(1)
    future = await browser.hello(head + 1)

    assert late == future == [{"type": "reload", "seq": head}]


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://testserver.evil"])
async def test_socket_refuses_pages_of_others(town: Town, desk: Opener, origin: str | None) -> None:
    browser = await desk(town.agent, origin=origin)

    assert not await browser.open()


async def test_socket_refuses_any_other_address(town: Town, desk: Opener) -> None:
    browser = await desk(town.agent, path="/ws/desk/7/")

    assert not await browser.open()


async def test_socket_refuses_who_is_not_signed_in(desk: Opener) -> None:
    browser = await desk()

    assert not await browser.open()


async def test_socket_refuses_a_citizen(town: Town, desk: Opener) -> None:
    citizen = await in_database(User.objects.create)(
        authority=town.authority, email="erika@buergerin.example", name="Erika", kind="citizen"
    )
    browser = await desk(citizen)

    assert not await browser.open()


def _leave_team(town: Town) -> None:
    Membership.objects.filter(user=town.agent).update(can_read=False)


def _deactivate(town: Town) -> None:
    User.objects.filter(pk=town.agent.pk).update(is_active=False)


def _change_password(town: Town) -> None:
    User.objects.filter(pk=town.agent.pk).update(password="other")


@pytest.mark.parametrize("change", [_leave_team, _deactivate, _change_password])
async def test_socket_closes_soon_after_rights_or_session_end(
    town: Town, desk: Opener, monkeypatch: pytest.MonkeyPatch, change: Callable[[Town], None]
) -> None:
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.1)
    browser = await desk(town.agent)
    assert await browser.open()

    await in_database(change)(town)

    assert await browser.closing() == consumers.CLOSE_ACCESS_CHANGED


async def test_socket_closes_soon_after_signing_out(
    town: Town, desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.1)
    browser = await desk(town.agent)
    assert await browser.open()

    await in_database(browser.client.session.flush)()

    assert await browser.closing() == consumers.CLOSE_ACCESS_CHANGED


def test_socket_looks_at_rights_often_enough() -> None:
    assert consumers.CHECK_SECONDS < 5


@pytest.mark.parametrize(
    "text,code",
    [
        ("not json", "bad_json"),
        ("[" * 10_000, "bad_json"),
        ('"text"', "bad_json"),
        ("{}", "unknown"),
        ('{"type": "subscribe", "group": "team.*"}', "unknown"),
        ('{"type": "hello", "seq": "1 OR 1=1"}', "unknown"),
        ('{"type": "hello", "seq": -1}', "unknown"),
        ('{"type": "hello", "seq": 1e999}', "unknown"),
        ('{"type": "hello", "seq": true}', "unknown"),
        ('{"type": ["hello"]}', "unknown"),
    ],
)
async def test_socket_answers_junk_with_a_code_and_stays_open(
    town: Town, desk: Opener, text: str, code: str
) -> None:
    browser = await desk(town.agent)
    assert await browser.open()

    await browser.say_text(text)
    answer = await browser.hear()
    await browser.say({"type": "ping"})

    assert sorted(answer) == ["code", "id"]
    assert answer["code"] == code
    assert await browser.hear() == {"type": "pong"}


async def test_socket_closes_on_a_binary_frame(town: Town, desk: Opener) -> None:
    browser = await desk(town.agent)
    assert await browser.open()

    await browser.say_bytes(b"\x00")

    assert (await browser.hear())["code"] == "not_text"
    assert await browser.closing() == consumers.CLOSE_NOT_TEXT


async def test_socket_closes_on_a_frame_above_64_kilobytes(town: Town, desk: Opener) -> None:
    browser = await desk(town.agent)
    assert await browser.open()

    await browser.say({"type": "ping", "x": "ä" * 40_000})

    assert (await browser.hear())["code"] == "too_big"
    assert await browser.closing() == consumers.CLOSE_TOO_BIG


async def test_socket_closes_on_more_than_100_frames_a_minute(town: Town, desk: Opener) -> None:
    browser = await desk(town.agent)
    assert await browser.open()
    answers = []

    for _ in range(101):
        await browser.say({"type": "ping"})
        answers.append(await browser.hear())

    assert answers[:100] == [{"type": "pong"}] * 100
    assert answers[100]["code"] == "too_many"
    assert await browser.closing() == consumers.CLOSE_TOO_MANY
