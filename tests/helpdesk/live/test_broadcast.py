"""Telling the teams, with and without a channel layer."""

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from channels.layers import get_channel_layer
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, Settings

from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM, Fact, publish
from helpdesk.events.sequencer import seal_batch
from helpdesk.live import broadcast
from helpdesk.live.broadcast import REST_AFTER_FAILURE, Line
from helpdesk.live.changes import Change, changes_of, from_message, to_message
from tests.servers.base import wait_until
from tests.servers.redis import Redis

GROUP = frozenset({"team.1"})
MESSAGE = {"type": "ticket.event"}
SENDER = """
import time
import django
django.setup()
from helpdesk.live.broadcast import line
assert line.send(frozenset({"team.1"}), {"type": "ticket.event", "change": {"seq": 7}})
time.sleep(1)
"""


def several_processes(settings: Settings, host: str) -> None:
    settings.EMBEDDED = False
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [{"address": host, "socket_timeout": 20}]},
        }
    }


@pytest.fixture
def nobody(settings: Settings) -> Iterator[None]:
    """A Redis that is away."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        several_processes(settings, f"redis://127.0.0.1:{taken.getsockname()[1]}/0")
        yield


@pytest.fixture
def silent(settings: Settings) -> Iterator[None]:
    """A Redis that takes the connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        several_processes(settings, f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield


@pytest.mark.parametrize("layer", ["nobody", "silent"])
def test_send_with_a_layer_that_is_away_returns_at_once_and_rests(
    layer: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(layer)
    line, loop = Line(), asyncio.new_event_loop()
    line.attach(loop)

    # Nothing goes on in this loop yet: whoever waited for it would wait for ever.
    first = line.send(GROUP, MESSAGE)
    threading.Thread(target=loop.run_forever, daemon=True).start()
    rested = wait_until(line._is_resting)
    second = line.send(GROUP, MESSAGE)
    assert line._failed_at is not None
    line._failed_at -= REST_AFTER_FAILURE
    third = line.send(GROUP, MESSAGE)

    assert (first, rested, second, third) == (True, True, False, True)
    assert wait_until(line._is_resting)


def test_send_in_one_process_without_a_server_is_dropped() -> None:
    assert not Line().send(GROUP, MESSAGE)


def test_send_on_a_loop_that_was_closed_is_dropped() -> None:
    line, loop = Line(), asyncio.new_event_loop()
    line.attach(loop)
    loop.close()

    assert not line.send(GROUP, MESSAGE)


@pytest.mark.redis
async def test_a_quiet_socket_waits_longer_than_the_client_for_a_reply(
    settings: Settings, redis_server: Redis
) -> None:
    several_processes(settings, redis_server.url)
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()

    with pytest.raises(TimeoutError):
        # Longer than both the layer's five seconds and redis-py's; only our own limit may end it.
        await asyncio.wait_for(layer.receive(channel), 7)

    await layer.close_pools()  # type: ignore[attr-defined] # the Redis layer's own


@pytest.mark.redis
async def test_send_comes_from_another_process_by_redis(
    settings: Settings, redis_server: Redis, tmp_path: Path
) -> None:
    several_processes(settings, redis_server.url)
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add("team.1", channel)

    sender = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SENDER),
        env={
            "ANLIEGEN_DATA": str(tmp_path),
            "ANLIEGEN_SECRET_KEY": "s" * 32,
            "ANLIEGEN_REDIS_URL": redis_server.url,
            "DJANGO_SETTINGS_MODULE": "helpdesk.project.settings",
        },
    )
    try:
        async with asyncio.timeout(30):
            received = await layer.receive(channel)
            assert await sender.wait() == 0
    finally:
        if sender.returncode is None:
            sender.kill()
            await sender.wait()
    assert received == {"type": "ticket.event", "change": {"seq": 7}}
    await layer.close_pools()  # type: ignore[attr-defined] # the Redis layer's own


def sealed(kind: str, subject_kind: str, data: dict[str, object]) -> tuple[int, Event]:
    with transaction.atomic():
        publish(fact=Fact(kind, subject_kind, 7, 1, data), actor=SYSTEM)
    (seal,) = seal_batch()
    return seal.seq, seal.event


@pytest.mark.django_db
def test_changes_of_a_move_name_the_team_that_was_left() -> None:
    pair = sealed("ticket.moved", "ticket", {"team_id": 2, "from": 1, "to": 2})

    assert changes_of([pair]) == [Change(1, 7, "ticket.moved", frozenset({1, 2}), 1)]


@pytest.mark.django_db
def test_changes_of_other_subjects_are_none() -> None:
    pairs = [
        sealed("setting.changed", "sender", {"team_id": 2}),
        sealed("message.sent", "message", {"link_kind": "user", "link_id": 1}),
    ]

    assert changes_of(pairs) == []


@pytest.mark.django_db
def test_handle_of_a_ticket_fact_asks_the_database_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _, event = sealed("ticket.renamed", "ticket", {"team_id": 2})

    with django_assert_num_queries(0):
        broadcast.handle(event=event)


def test_a_change_survives_its_way_through_the_layer() -> None:
    change = Change(3, 7, "ticket.moved", frozenset({1, 2}), 1)

    assert from_message(to_message(change)) == change
