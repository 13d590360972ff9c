"""The WebSocket of the desk: says that a visible ticket has changed, and resumes by number.

The client opens ``/ws/desk/`` and sends ``{"type": "hello", "seq": N}`` with the
last number it has seen (0 or none: only what comes). It gets what it missed and
then ``{"type": "ready", "seq": head}``, or ``{"type": "reload", "seq": head}`` if that
would be too much. From then on it gets
``{"type": "event", "seq", "ticket", "number", "kind", "version"}`` for what it may see,
and ``{"type": "gone", "seq", "ticket"}`` for a ticket that left its teams, and
``{"type": "notices"}`` when there is something new, or less, at its own bell. An event may
come twice; ``seq`` tells. ``{"type": "ping"}`` is answered with ``{"type": "pong"}``.

A page of a ticket says ``{"type": "presence", "ticket", "doing"}`` every twenty seconds, with
"viewing", "answering", "noting" or "gone"; others who may see that ticket get
``{"type": "presence", "ticket", "user", "name", "doing"}`` and forget it after 45 seconds.
``{"type": "who"}`` asks who is present now. Nothing of this is kept (presence.py).
Everything else gets ``{"code", "id"}``, where ``id`` is what the log has.
"""

import asyncio
import json
import logging
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from channels.exceptions import ChannelFull
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from helpdesk.lib.tokens import new_nonce
from helpdesk.live.access import Access, look_up
from helpdesk.live.changes import Change, from_message
from helpdesk.live.frames import Frame, frames_for, missed
from helpdesk.live.groups import team_group
from helpdesk.live.presence import ASK_TYPE, GONE, SAYINGS, Presence, look_in
from helpdesk.live.presence import from_message as from_presence
from helpdesk.live.presence import to_message as presence_message
from helpdesk.live.together import Together
from helpdesk.tickets.rules import Scope, team_ids

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 4.0
LONGEST_FRAME: Final = 64 * 1024
FRAMES_PER_MINUTE: Final = 100
ERRORS_ALLOWED: Final = 10

CLOSE_TOO_BIG: Final = 1009
CLOSE_NOT_TEXT: Final = 1003
CLOSE_TOO_MANY: Final = 1008
CLOSE_FAILED: Final = 1011
# Ours: sign in again, or come back with the rights you have now.
CLOSE_ACCESS_CHANGED: Final = 4401


# What many connections ask at one moment: who a session is, what a change is, what was missed.
_accesses = Together(look_up)
_frames = Together[tuple[Scope, Change], list[Frame]](lambda key: frames_for(key[0], [key[1]]))
_missed = Together[tuple[Scope, int], tuple[list[Frame] | None, int]](lambda key: missed(*key))


class DeskConsumer(AsyncWebsocketConsumer):
    """One open desk page."""

    access: Access
    is_ready = False
    present: Presence | None = None

    async def connect(self) -> None:
        """Accept staff with a valid session from a page of ours; anybody else gets 403."""
        self._checks: asyncio.Task[None] | None = None
        self._times: deque[float] = deque(maxlen=FRAMES_PER_MINUTE)
        self._errors = 0
        self._groups: frozenset[str] = frozenset()
        access = await self._look_up() if self._is_own_origin() else None
        if access is None:
            await self.close()
            return
        self.access = access
        self._groups = access.groups
        # Before hello, so that nothing falls between what is replayed and what comes.
        for group in self._groups:
            await self.channel_layer.group_add(group, self.channel_name)
        self._checks = asyncio.create_task(self._keep_checking())
        await self.accept()

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - given by Channels
        """Leave the groups and stop checking."""
        if self._checks:
            self._checks.cancel()
        for group in self._groups:
            await self.channel_layer.group_discard(group, self.channel_name)
        await self._leave_ticket()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer one frame of the client, within the limits of size and number."""
        if text_data is None or bytes_data is not None:
            await self._refuse("not_text", CLOSE_NOT_TEXT)
        elif len(text_data.encode()) > LONGEST_FRAME:
            await self._refuse("too_big", CLOSE_TOO_BIG)
        elif self._is_too_fast():
            await self._refuse("too_many", CLOSE_TOO_MANY)
        else:
            await self._answer(_parse(text_data))

    async def ticket_event(self, message: dict[str, Any]) -> None:
        """Pass a live event on if this user may see its ticket at this moment."""
        if not self.is_ready:
            return
        change = from_message(message["change"])
        for frame in await _frames.ask((self.access.scope, change)):
            await self._say(frame)

    async def user_notices(self, _message: dict[str, Any]) -> None:
        """Say that this person's own notices have changed, not what they are."""
        if self.is_ready:
            await self._say({"type": "notices"})

    async def ticket_presence(self, message: dict[str, Any]) -> None:
        """Pass on who is present, never to that person's own screens."""
        presence = from_presence(message)
        is_own = presence.user == self.access.user_id
        if self.is_ready and not is_own and team_group(presence.team) in self._groups:
            await self._say(presence.frame())

    async def presence_asked(self, message: dict[str, Any]) -> None:
        """Answer another screen that asks who is present in one of its teams."""
        if self.present is None or self.present.team != message["team"]:
            return
        # Looked up anew: the ticket may have moved since it was said.
        present = await self._look_in(self.present.ticket, self.present.doing)
        if present and present.team == message["team"]:
            answer = presence_message(present, self.channel_name)
            with suppress(ChannelFull):  # who can't keep up hears of it within twenty seconds
                await self.channel_layer.send(message["channel"], answer)

    async def _answer(self, frame: Frame | None) -> None:
        kind = frame.get("type") if frame else None
        if frame is None:
            await self._complain("bad_json")
        elif kind == "ping":
            await self._say({"type": "pong"})
        elif kind == "hello" and _is_number(frame.get("seq", 0)):
            await self._resume(int(frame.get("seq") or 0))
        elif kind == "who" and self.is_ready:
            await self._ask_who()
        elif kind != "presence" or not self.is_ready or not await self._hear_presence(frame):
            await self._complain("unknown")

    async def _hear_presence(self, frame: Frame) -> bool:
        ticket_id, doing = frame.get("ticket"), frame.get("doing")
        if not ticket_id or not _is_number(ticket_id) or doing not in SAYINGS:
            return False
        await self._be_present(int(ticket_id), doing)
        return True

    async def _be_present(self, ticket_id: int, doing: str) -> None:
        """Tell those who may see the ticket; of one that is foreign or not there, nobody."""
        if self.present and (self.present.ticket != ticket_id or doing == GONE):
            await self._leave_ticket()
        if doing == GONE:
            return
        self.present = await self._look_in(ticket_id, doing)
        await self._tell(self.present)

    async def _leave_ticket(self) -> None:
        present, self.present = self.present, None
        await self._tell(replace(present, doing=GONE) if present else None)

    async def _tell(self, presence: Presence | None) -> None:
        if presence:
            message = presence_message(presence, self.channel_name)
            await self.channel_layer.group_send(team_group(presence.team), message)

    async def _look_in(self, ticket_id: int, doing: str) -> Presence | None:
        return await database_sync_to_async(look_in)(self.access.user, ticket_id, doing)

    async def _ask_who(self) -> None:
        for team_id in await database_sync_to_async(team_ids)(self.access.user, "can_read"):
            ask = {"type": ASK_TYPE, "team": team_id, "channel": self.channel_name}
            await self.channel_layer.group_send(team_group(team_id), ask)

    async def _resume(self, seq: int) -> None:
        frames, head = await _missed.ask((self.access.scope, seq))
        self.is_ready = True
        if frames is None:
            await self._say({"type": "reload", "seq": head})
            return
        for frame in frames:
            await self._say(frame)
        await self._say({"type": "ready", "seq": head})

    async def _keep_checking(self) -> None:
        """Close within five seconds of the end of the session, the account or a right."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                access = await self._look_up()
            except Exception:
                logger.exception("access of a live connection can't be checked")
                await self.close(CLOSE_FAILED)
                return
            if access is None or access != self.access:
                await self.close(CLOSE_ACCESS_CHANGED)
                return
            self.access = access

    async def _look_up(self) -> Access | None:
        session_key = self.scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME, "")
        return await _accesses.ask(session_key)

    def _is_own_origin(self) -> bool:
        """Tell whether the page that connects is ours: a browser always sends its origin."""
        headers = dict(self.scope.get("headers", ()))
        try:
            origin = urlsplit(headers.get(b"origin", b"").decode("ascii"))
            host = headers.get(b"host", b"").decode("ascii")
        except (UnicodeDecodeError, ValueError):
            return False
        own = urlsplit(settings.BASE_URL)
        if (origin.scheme, origin.netloc) == (own.scheme, own.netloc):
            return True
        return origin.scheme in {"http", "https"} and bool(host) and origin.netloc == host

    def _is_too_fast(self) -> bool:
        now = time.monotonic()
        full = len(self._times) == FRAMES_PER_MINUTE and now - self._times[0] < 60
        self._times.append(now)
        return full

    async def _complain(self, code: str) -> None:
        error_id = new_nonce(5)
        logger.info("live frame refused: %s (%s)", code, error_id)
        await self._say({"code": code, "id": error_id})
        self._errors += 1
        if self._errors > ERRORS_ALLOWED:
            await self.close(CLOSE_TOO_MANY)

    async def _refuse(self, code: str, close: int) -> None:
        await self._complain(code)
        await self.close(close)

    async def _say(self, frame: Frame) -> None:
        await self.send(text_data=json.dumps(frame, separators=(",", ":")))


def _parse(text: str) -> Frame | None:
    # RecursionError: a few kilobytes of brackets are deeper than the parser goes.
    with suppress(ValueError, RecursionError):
        frame = json.loads(text)
        return frame if isinstance(frame, dict) else None
    return None


def _is_number(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
