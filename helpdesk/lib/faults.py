"""Named points at which a test may make the running program fail.

``ANLIEGEN_FAULT=point:n:action`` arms one point: at its n-th passing it is
killed (``kill``), raises OSError (``raise`` or ``eio``) or sleeps (``sleep``).
Unarmed, a point costs one dictionary look-up.
"""

import errno
import os
import signal
import threading
import time
from collections import Counter

ENVIRONMENT_NAME = "ANLIEGEN_FAULT"
SLEEP_SECONDS = 30.0

POINTS = frozenset(
    {
        "fetch.after_lease",
        "fetch.after_login",
        "fetch.after_select",
        "fetch.after_generation",
        "fetch.after_search",
        "fetch.after_sizes",
        "fetch.before_fetch",
        "fetch.after_fetch",
        "fetch.after_pass",
        "fetch.after_settled_row",
        "store.after_bytes",
        "store.between_rows",
        "store.before_commit",
        "store.after_commit",
        "process.before_parse",
        "process.after_parse",
        "process.before_files",
        "process.after_files",
        "process.before_filing",
        "process.after_accept",
        "intake.after_ticket",
        "intake.after_article",
        "intake.before_fact",
        "receipt.before_queue",
        "receipt.after_queue",
        "process.before_filing_commit",
        "process.after_filing_commit",
        "fetch.before_settle",
        "fetch.after_settle",
        "listener.before_reply",
        "sequencer.before_commit",
        "sequencer.after_commit",
        "reactions.before_commit",
        "reactions.after_commit",
        "index.before_write",
        "index.after_write",
        "outbox.after_claim",
        "outbox.before_data",
        "outbox.content_marked",
        "outbox.after_data",
        "outbox.before_result_commit",
        "outbox.after_result_commit",
        "files.before_rename",
        "files.after_rename",
    }
)

_passed: Counter[str] = Counter()
# Of threads that pass at once exactly one is the n-th.
_counting = threading.Lock()


def _armed() -> tuple[str, int, str] | None:
    point, _, rest = os.environ.get(ENVIRONMENT_NAME, "").partition(":")
    number, _, action = rest.partition(":")
    return (point, int(number or 1), action or "kill") if point else None


_ARMED = _armed()


def fault(point: str) -> None:
    """Fail here if this point is armed and passed for the chosen time."""
    if _ARMED is None or _ARMED[0] != point:
        return
    with _counting:
        _passed[point] += 1
        is_due = _passed[point] == _ARMED[1]
    if not is_due:
        return
    action = _ARMED[2]
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "sleep":
        time.sleep(SLEEP_SECONDS)
    else:
        raise OSError(errno.EIO, f"fault at {point}")
