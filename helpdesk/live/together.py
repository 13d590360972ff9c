"""Asks the database once for all connections that want to know the same at the same moment.

A hundred open screens of a team hear of one change, and after a restart a thousand come back at
once. Each asks anew what it may be told; those that ask the same share one answer, and all that
came while the thread was busy go in one journey. Nothing is kept once it is answered.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Failed:
    """What became of a question instead of an answer."""

    error: Exception


class Together(Generic[Key, Answer]):
    """Questions of one kind; ``ask`` answers one of them and is called in a thread."""

    def __init__(self, ask: Callable[[Key], Answer]) -> None:
        """Prepare; a server's loop has its own questions, as tests have many loops."""
        self._ask_one = ask
        self._waiting: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[Key, asyncio.Future[Answer]]
        ] = WeakKeyDictionary()
        self._working: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = (
            WeakKeyDictionary()
        )

    async def ask(self, key: Key) -> Answer:
        """Return what is true now or later, never what was true before this was asked."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(loop, {})
        future = waiting.get(key)
        if future is None:
            future = waiting[key] = loop.create_future()
        if loop not in self._working:
            self._working[loop] = loop.create_task(self._work(loop))
        # One that leaves takes the answer from nobody else.
        return await asyncio.shield(future)

    async def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while batch := self._waiting.pop(loop, None):
                answers = await database_sync_to_async(self._ask_all)(tuple(batch))
                for future, answer in zip(batch.values(), answers, strict=True):
                    if isinstance(answer, _Failed):
                        future.set_exception(answer.error)
                    else:
                        future.set_result(answer)
        finally:
            del self._working[loop]

    def _ask_all(self, keys: Iterable[Key]) -> list[Answer | _Failed]:
        return [self._outcome(key) for key in keys]

    def _outcome(self, key: Key) -> Answer | _Failed:
        try:
            return self._ask_one(key)
        except Exception as error:  # noqa: BLE001 - all who asked get it
            return _Failed(error)
