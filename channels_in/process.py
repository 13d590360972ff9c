"""Takes stored mails one by one from bytes to an outcome, each in a try of its own."""

import errno
import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction
from django.db.utils import IntegrityError

from channels_in import outcome, oversize
from channels_in.filing import (
    Own,
    attach_files,
    await_files,
    begin_files,
    find_arrival,
    own_addresses,
    prepare,
)
from channels_in.filters.screening import proves_reply, recipients_of, screen, sort
from channels_in.limits import MAX_ATTEMPTS
from channels_in.mail.inbound import find_person, is_own, to_inbound
from channels_in.mail.parsed import ParsedMail
from channels_in.mail.reports import is_report
from channels_in.models import RawMessage, SenderRule
from channels_in.reading import Content, Reading, read
from channels_in.reasons import LET_THROUGH, Ignored, Notice, Quarantine
from channels_in.reporting import note_bounce, note_report
from channels_in.senders import count_hit, find_rule
from channels_in.spam import set_aside
from channels_in.store import TASK
from helpdesk.events.wake import wake
from helpdesk.files.store import FileMissingError, Placed, write_rows
from helpdesk.lib.faults import fault
from helpdesk.lib.statements import Lookup
from helpdesk.lib.together import together
from helpdesk.outbox.identity import scope_of
from helpdesk.tickets.domain.ahead import ask_ahead
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.threading import find_match, refers
from helpdesk.tickets.inbound import Inbound, Receipt
from helpdesk.tickets.models import Article

logger = logging.getLogger(__name__)

Found = TypeVar("Found")
BATCH = 50
# After this time a drain ends and wakes a fresh one, so that no worker is held for ever.
DRAIN_SECONDS = 20.0
# Of mails with a common lease no more is read after this time; what was read is filed.
JUDGE_SECONDS = 10.0
# So many mails of the queue share a commit.
TOGETHER = 25
# Two drains a process: a mail that takes its ten seconds does not hold up the others.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES})
_slots = threading.Semaphore(2)
# Asked each second.
_NEXT = Lookup(lambda: outcome.waiting().values_list("pk", "attempts")[:BATCH])
_WAITING = frozenset({outcome.State.STORED.value})


@dataclass(frozen=True, slots=True)
class _Ready:
    """A mail that is read and judged, and is to be filed.

    ``begun`` are its files while they are laid on disk, ``placed`` once they lie there.
    """

    raw: RawMessage
    mail: ParsedMail
    inbound: Inbound
    begun: Sequence[Future[Placed]] = ()
    placed: Sequence[Placed] = ()


class DrainOverError(Exception):
    """The time of a drain is over; another goes on."""


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
    """Take up those that come together at once, and each that was tried before by itself."""

    def check() -> None:
        if time.monotonic() > end:
            raise DrainOverError

    taken = 0
    try:
        while rows := _NEXT.values():
            check()
            taken += _drain_together([raw_id for raw_id, tries in rows if not tries], check)
            for raw_id in (raw_id for raw_id, tries in rows if tries):
                check()
                taken += process_raw(raw_id) is not None
    except DrainOverError:
        wake(TASK)
    return taken


def _drain_together(raw_ids: Sequence[int], check: Callable[[], None]) -> int:
    claimed = outcome.claim_untried(raw_ids[:TOGETHER])
    rows = RawMessage.objects.select_related("account").filter(pk__in=claimed).order_by("pk")
    process_together(Reading(list(rows)), check)
    return len(claimed)


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
    return _guarded(raw, lambda: _conclude(raw))


def process_together(reading: Reading, check: Callable[[], None]) -> None:
    """Do what :func:`process_claimed` does for several, which share the commit of their filing.

    Each is read and judged by itself, after ``check``, which raises when no more is to be
    begun. What was not brought to its outcome is free for the next who looks.
    """
    try:
        while reading.left:
            reading.hold()
            ready = _judge_some(reading, check)
            _file_together(ready)
            for each in ready:
                del reading.left[each.raw.pk]
    finally:
        reading.give_back()


def _judge_some(reading: Reading, check: Callable[[], None]) -> list[_Ready]:
    """Read mails until their leases get old; return those to be filed, what answers others last.

    Those that are no article have their outcome already, and are no longer among what is left.
    """
    end = time.monotonic() + JUDGE_SECONDS
    ready: list[_Ready] = []
    own = cache(own_addresses)
    for raw in list(reading.left.values()):
        if time.monotonic() > end:
            break
        check()
        judged = _guarded(raw, partial(_begin, raw, own, reading.of))
        if isinstance(judged, _Ready):
            ready.append(judged)
        else:
            del reading.left[raw.pk]
    return sorted(_placed(ready, reading), key=lambda each: refers(each.inbound))


def _placed(ready: Sequence[_Ready], reading: Reading) -> list[_Ready]:
    """Wait for the files of all; one whose files can't be laid is put off or put aside."""
    found: list[_Ready] = []
    for each in ready:
        placed = _guarded(each.raw, partial(_await_files, each))
        if isinstance(placed, _Ready):
            found.append(placed)
        else:
            del reading.left[each.raw.pk]
    return found


def _await_files(ready: _Ready) -> _Ready:
    return replace(ready, placed=await_files(ready.begun))


def _guarded(raw: RawMessage, work: Callable[[], Found]) -> Found | str | None:
    """Do one mail's work; whatever fails, the mail has a place afterwards."""
    try:
        if raw.attempts > MAX_ATTEMPTS:
            error = raw.error or "no outcome after several tries"
            return _quarantine(raw, Quarantine.CRASHED, error)
        return work()
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
    """Bring one mail to its outcome."""
    judged = _begin(raw, own_addresses, read)
    return _file(_await_files(judged)) if isinstance(judged, _Ready) else judged


def _begin(raw: RawMessage, own: Own, read_it: Callable[[RawMessage], Content]) -> _Ready | str:
    """Judge a mail and begin to lay its files on disk, which works while the next are judged."""
    judged = _judge(raw, own, read_it)
    if not isinstance(judged, _Ready):
        return judged
    return replace(judged, begun=begin_files(judged.mail))


def _judge(raw: RawMessage, own: Own, read_it: Callable[[RawMessage], Content]) -> _Ready | str:
    """Parse and choose what the mail is: ours, a bounce, a receipt, or a citizen's words.

    Only those are still to be filed; of all else the outcome is written.
    """
    fault("process.before_parse")
    content, mail = read_it(raw)
    fault("process.after_parse")
    if mail.error:
        raise UnreadableError(mail.error)
    if is_own_mail(raw, mail):
        return _ignore(raw, Ignored.OWN_MAIL, None)
    if raw.reason == Notice.LET_IN:
        # Whatever it looks like: somebody has read it and wants a request of it.
        return _sort_out(raw, mail, content, own)
    if mail.is_bounce:
        return note_bounce(raw, mail)
    if mail.is_auto and is_report(mail):
        return note_report(raw, mail)
    return _sort_out(raw, mail, content, own)


def _sort_out(raw: RawMessage, mail: ParsedMail, content: bytes, own: Own) -> _Ready | str:
    """Prepare a mail from outside, or keep it out: by the list of senders, then by filters."""
    rule = find_rule(raw.account.authority_id, find_person(mail, raw.envelope_from).email)
    if rule is not None and rule[1] == SenderRule.Verdict.BAN and not _is_awaited(raw, mail):
        return _keep_out(raw, rule[0])
    if _is_left_out(raw, mail, own):
        return _ignore(raw, Ignored.AUTOMATIC, None)
    decided = screen(raw, mail, content)
    if decided is None or (decided.is_kept_out and rule is not None):
        # Who is on the list of those let in is let in whatever marks a mail bears.
        return _Ready(raw, mail, prepare(raw, mail, own))
    if decided.is_kept_out:
        return set_aside(raw, mail, decided)
    return _Ready(raw, mail, sort(decided, prepare(raw, mail, own), mail))


def _is_awaited(raw: RawMessage, mail: ParsedMail) -> bool:
    """Tell whether somebody let a mail through by hand, or we wrote to its sender first.

    Who has asked a person something has decided more than any list.
    """
    if raw.reason in LET_THROUGH:
        return True
    return proves_reply(mail, recipients_of(mail, raw.envelope_to))


def _is_left_out(raw: RawMessage, mail: ParsedMail, own: Own) -> bool:
    """Tell whether a machine sent what answers nothing, to a mailbox that wants none such."""
    if not (raw.account.leaves_out_automatic and mail.is_auto) or raw.reason in LET_THROUGH:
        return False
    return find_match(to_inbound(mail, find_arrival(raw, own))) is None


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


def _file(ready: _Ready) -> str:
    """Ticket, article, facts and the mail's own outcome: one transaction, or nothing (I3)."""
    raw = ready.raw
    fault("process.before_filing")
    with transaction.atomic():
        (inbound,) = _with_files([ready])
        receipt = accept(inbound)
        fault("process.after_accept")
        if _is_copy(raw, receipt):
            outcome.lock_in(raw.pk, _WAITING)
            outcome.finish_ignored(raw.pk, Ignored.COPY, ticket_id=receipt.ticket_id)
            return outcome.State.IGNORED
        outcome.finish_filed(raw.pk, receipt, before=outcome.State.STORED)
        oversize.tell(raw, ready.mail, inbound, receipt)
        fault("process.before_filing_commit")
    fault("process.after_filing_commit")
    return outcome.State.FILED


def _with_files(ready: Sequence[_Ready]) -> list[Inbound]:
    """Return the Inbounds with their files, whose rows belong to the caller's transaction."""
    stored = iter(write_rows([placed for each in ready for placed in each.placed]))
    return [
        attach_files(each.inbound, each.mail, [next(stored) for _file in each.placed])
        for each in ready
    ]


def _file_together(ready: Sequence[_Ready]) -> None:
    """File several by one commit; if anything is wrong with one, each by its own."""
    if len(ready) > 1:
        try:
            _file_all(ready)
        except Exception as error:  # noqa: BLE001 - nothing was filed; alone each shows what it has
            logger.warning("%s mails are filed one by one: %r", len(ready), error)
        else:
            return
    for each in ready:
        _guarded(each.raw, partial(_file, each))


def _file_all(ready: Sequence[_Ready]) -> None:
    """File all in one transaction, or none; one that is a copy makes the others go alone."""
    with together(len(ready)):
        inbounds = _with_files(ready)
        ask_ahead(inbounds)
        receipts = []
        for each, inbound in zip(ready, inbounds, strict=True):
            fault("process.before_filing")
            receipt = accept(inbound)
            fault("process.after_accept")
            if receipt.is_duplicate:
                raise outcome.AlreadyDoneError
            receipts.append((each.raw.pk, receipt))
            oversize.tell(each.raw, each.mail, inbound, receipt)
        outcome.finish_all_filed(receipts)
        fault("process.before_filing_commit")
    fault("process.after_filing_commit")


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
