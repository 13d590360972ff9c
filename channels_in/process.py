"""Takes stored mails one by one from bytes to an outcome, each in a try of its own."""

import errno
import logging
import threading
import time
import traceback

from django.db import InterfaceError, OperationalError, transaction
from django.db.utils import IntegrityError

from channels_in import outcome, oversize
from channels_in.filing import own_addresses, prepare
from channels_in.filters.screening import screen, sort
from channels_in.limits import MAX_ATTEMPTS
from channels_in.mail.inbound import find_person, is_own
from channels_in.mail.parsed import ParsedMail
from channels_in.mail.parser_process import parse_bounded
from channels_in.mail.reports import is_report
from channels_in.models import RawMessage, SenderRule
from channels_in.reasons import Ignored, Quarantine
from channels_in.reporting import note_bounce, note_report
from channels_in.senders import count_hit, find_rule
from channels_in.spam import set_aside
from channels_in.store import TASK, read_raw
from helpdesk.events.wake import wake
from helpdesk.files.store import FileMissingError
from helpdesk.lib.faults import fault
from helpdesk.lib.statements import Lookup
from helpdesk.outbox.identity import scope_of
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import Inbound, Receipt
from helpdesk.tickets.models import Article

logger = logging.getLogger(__name__)

BATCH = 50
# After this time a drain ends and wakes a fresh one, so that no worker is held for ever.
DRAIN_SECONDS = 20.0
# Two drains a process: a mail that takes its ten seconds does not hold up the others.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES})
_slots = threading.Semaphore(2)
# Asked each second.
_NEXT = Lookup(lambda: outcome.waiting().values_list("pk")[:BATCH])
_WAITING = frozenset({outcome.State.STORED.value})


class UnreadableError(Exception):
    """The parser gave up on a mail; its message says why."""


REASONS: dict[type[Exception], str] = {
    UnreadableError: Quarantine.UNREADABLE,
    FileMissingError: Quarantine.BYTES_MISSING,
}
WAIT_FOR = (OSError, IntegrityError, OperationalError, InterfaceError)


def drain() -> int:
    """Process every waiting mail, oldest first; return how many were taken up here.

    Harmless at any moment and in any number: a mail is claimed by
    compare-and-set, and its outcome is written under its row's lock.
    """
    if not _slots.acquire(blocking=False):
        return 0
    try:
        return _drain_until(time.monotonic() + DRAIN_SECONDS)
    finally:
        _slots.release()


def _drain_until(end: float) -> int:
    taken = 0
    while rows := _NEXT.values():
        for (raw_id,) in rows:
            if time.monotonic() > end:
                wake(TASK)
                return taken
            taken += process_raw(raw_id) is not None
    return taken


def process_raw(raw_id: int) -> str | None:
    """Bring one stored mail to its outcome and return the state; never raises for the mail's sake.

    None means that another holds it, or that it waits for the disk or the database.
    """
    if not outcome.claim(raw_id):
        return None
    return process_claimed(RawMessage.objects.select_related("account").get(pk=raw_id))


def process_claimed(raw: RawMessage) -> str | None:
    """Do what :func:`process_raw` does, for a caller who has the lease, as from ``keep``.

    The row and its account may be in memory since then: nobody else changes a leased one.
    """
    if raw.attempts > MAX_ATTEMPTS:
        return _quarantine(raw, Quarantine.CRASHED, raw.error or "no outcome after several tries")
    try:
        return _conclude(raw)
    except outcome.AlreadyDoneError:
        return None
    except Exception as error:  # noqa: BLE001 - one bad mail never stops the next; each has its place
        return _handle(raw, error)


def _handle(raw: RawMessage, error: Exception) -> str | None:
    if isinstance(error, WAIT_FOR):
        return _try_again(raw, error)
    reason = next((why for kind, why in REASONS.items() if isinstance(error, kind)), None)
    trace = "".join(traceback.format_exception(error))
    return _quarantine(raw, reason or Quarantine.NOT_FILED, trace)


def _try_again(raw: RawMessage, error: Exception) -> str | None:
    """Let the mail wait for database or disk; a full disk is not the mail's fault, however long."""
    counts = getattr(error, "errno", None) not in DISK_ERRORS
    if counts and raw.attempts >= MAX_ATTEMPTS:
        trace = "".join(traceback.format_exception(error))
        return _quarantine(raw, Quarantine.NOT_FILED, trace)
    logger.warning("raw message %s has to wait: %r", raw.pk, error)
    outcome.postpone(raw.pk, counts=counts)
    return None


def _quarantine(raw: RawMessage, reason: str, error: str) -> str:
    outcome.put_aside(raw.pk, reason, error)
    logger.error("raw message %s is in quarantine: %s", raw.pk, reason)
    return outcome.State.QUARANTINED


def _conclude(raw: RawMessage) -> str:
    """Parse and choose what the mail is: ours, a bounce, a receipt, or a citizen's words."""
    content = read_raw(raw)
    fault("process.before_parse")
    mail = parse_bounded(content)
    fault("process.after_parse")
    if mail.error:
        raise UnreadableError(mail.error)
    if is_own_mail(raw, mail):
        return _ignore(raw, Ignored.OWN_MAIL, None)
    if mail.is_bounce:
        return note_bounce(raw, mail)
    if mail.is_auto and is_report(mail):
        return note_report(raw, mail)
    return _sort_out(raw, mail, content)


def _sort_out(raw: RawMessage, mail: ParsedMail, content: bytes) -> str:
    """File a mail from outside, or keep it out: by the list of senders, then by filters."""
    rule = find_rule(raw.account.authority_id, find_person(mail, raw.envelope_from).email)
    if rule is not None and rule[1] == SenderRule.Verdict.BAN:
        return _keep_out(raw, rule[0])
    decided = screen(raw, mail, content)
    if decided is None or (decided.is_kept_out and rule is not None):
        # Who is on the list of those let in is let in whatever marks a mail bears.
        return _file(raw, mail, prepare(raw, mail))
    if decided.is_kept_out:
        return set_aside(raw, mail, decided)
    return _file(raw, mail, sort(decided, prepare(raw, mail), mail))


def _keep_out(raw: RawMessage, rule_id: int) -> str:
    """List the mail of a banned sender with its bytes, and count it; the next mail goes on."""
    with transaction.atomic():
        if outcome.lock_in(raw.pk, _WAITING) is not None:
            outcome.finish_ignored(raw.pk, Ignored.BANNED)
            count_hit(rule_id)
    return outcome.State.IGNORED


def is_own_mail(raw: RawMessage, mail: ParsedMail) -> bool:
    """Tell whether this is a message of ours come back: signed ID, and our sender or loop mark.

    A mail that merely claims one of the two is filed, since it may say something (mail.md 81).
    """
    if scope_of(mail.message_id or "") is None:
        return False
    person = find_person(mail, raw.envelope_from)
    return is_own(mail, person, own_addresses(raw.account.authority_id))


def _file(raw: RawMessage, mail: ParsedMail, inbound: Inbound) -> str:
    """Ticket, article, facts and the mail's own outcome: one transaction, or nothing (I3)."""
    fault("process.before_filing")
    with transaction.atomic():
        receipt = accept(inbound)
        fault("process.after_accept")
        if _is_copy(raw, receipt):
            outcome.lock_in(raw.pk, _WAITING)
            outcome.finish_ignored(raw.pk, Ignored.COPY, ticket_id=receipt.ticket_id)
            return outcome.State.IGNORED
        outcome.finish_filed(raw.pk, receipt, before=outcome.State.STORED)
        oversize.tell(raw, mail, inbound, receipt)
        fault("process.before_filing_commit")
    fault("process.after_filing_commit")
    return outcome.State.FILED


def _is_copy(raw: RawMessage, receipt: Receipt) -> bool:
    """Tell whether the ticket had this mail already, from another mailbox of ours."""
    if not receipt.is_duplicate:
        return False
    return not Article.objects.filter(pk=receipt.article_id, raw_message_id=raw.pk).exists()


def _ignore(raw: RawMessage, reason: str, ticket_id: int | None) -> str:
    with transaction.atomic():
        if outcome.lock_in(raw.pk, _WAITING) is not None:
            outcome.finish_ignored(raw.pk, reason, ticket_id=ticket_id)
    return outcome.State.IGNORED
