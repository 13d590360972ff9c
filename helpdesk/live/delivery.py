"""Asks once what a change is to all connections of this process whose users may see the same.

Each connection filters at the moment of telling. Colleagues of one team hold the same rights,
so that a hundred open screens of a team would ask the database a hundred times for one answer.
"""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from helpdesk.live.access import Access
from helpdesk.live.changes import Change
from helpdesk.live.frames import Frame, frames_for
from helpdesk.tickets.rules import Scope, scope_of

# Long enough for all connections to have taken the message off the layer. What happens to the
# ticket meanwhile is a change of its own, asked anew.
KEPT_SECONDS: Final = 0.5

_Answers = dict[tuple[Scope, Change], "asyncio.Task[list[Frame]]"]
# A loop of its own for each server; tests start many.
_answers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Answers] = WeakKeyDictionary()


async def frames_of(access: Access, change: Change) -> list[Frame]:
    """Return what ``change`` is to this connection: seen, gone from their teams, or nothing."""
    loop = asyncio.get_running_loop()
    answers = _answers.setdefault(loop, {})
    key = (scope_of(access.user), change)
    task = answers.get(key)
    if task is None:
        task = answers[key] = asyncio.create_task(_ask(access, change))
        loop.call_later(KEPT_SECONDS, answers.pop, key, None)
    # One that leaves takes the answer from nobody else.
    return await asyncio.shield(task)


async def _ask(access: Access, change: Change) -> list[Frame]:
    return await database_sync_to_async(frames_for)(access.user, [change])
