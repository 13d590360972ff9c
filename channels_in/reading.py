"""Reads stored mails: one at once, or several ahead, while the caller waits for its database."""

import time
from collections.abc import Sequence
from concurrent.futures import Future

from channels_in import outcome
from channels_in.mail.parsed import ParsedMail
from channels_in.mail.parser_process import parse_ahead, parse_bounded
from channels_in.models import RawMessage
from channels_in.store import read_raw

# Leases older than this are prolonged before more is done with their mails.
PROLONG_AFTER = 10.0
# A mail's bytes, and what they say.
Content = tuple[bytes, ParsedMail]


def read(raw: RawMessage) -> Content:
    """Return a mail's bytes and what they say; raises FileMissingError when they are gone."""
    content = read_raw(raw)
    return content, parse_bounded(content)


class Reading:
    """Leased mails whose parsing has begun beside the caller's other work, in their order."""

    def __init__(self, rows: Sequence[RawMessage]) -> None:
        """Begin to parse; the caller holds the leases, as from ``keep_together``."""
        self.left = {raw.pk: raw for raw in rows}
        self._leased_at = time.monotonic()
        self._begun = {raw.pk: _begin(raw) for raw in rows}

    def of(self, raw: RawMessage) -> Content:
        """Do what :func:`read` does, once for each; waits for the parser if it must."""
        content, mail = self._begun.pop(raw.pk)
        return content, mail.result()

    def hold(self) -> None:
        """Keep the leases while the mails wait for others; leave what somebody else has claimed.

        The third of several groups waits for two before it, in which each mail may take its
        ten seconds: a minute is soon over.
        """
        if not self.left or time.monotonic() - self._leased_at < PROLONG_AFTER:
            return
        kept = outcome.prolong(self.left.values())
        self._leased_at = time.monotonic()
        for raw_id in self.left.keys() - kept:
            del self.left[raw_id]
            _content, mail = self._begun.pop(raw_id)
            mail.cancel()

    def give_back(self) -> None:
        """Free what has no outcome yet for the next who looks; harmless at any moment."""
        for _content, mail in self._begun.values():
            mail.cancel()
        left, self.left, self._begun = self.left, {}, {}
        outcome.give_back(left)


def _begin(raw: RawMessage) -> tuple[bytes, Future[ParsedMail]]:
    """Read the bytes here, where the caller's database is, and parse them elsewhere."""
    try:
        content = read_raw(raw)
    except Exception as error:  # noqa: BLE001 - told when this mail's turn comes; the others go on
        broken: Future[ParsedMail] = Future()
        broken.set_exception(error)
        return b"", broken
    return content, parse_ahead(content)
