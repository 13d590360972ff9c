"""Copies of what was sent, laid into a folder of the mailbox for people who look there.

A step of its own with rows of its own: it reads what the outbox has sent and never
writes there, so that nothing that fails here can send a mail again (mail.md 98). A copy
is looked for by its Message-ID before it is made, so that one cut off half way is no
second one.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connections, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from channels_in.mail.connect import open_mailbox
from channels_in.mail.fetchers import server_of
from channels_in.mail.mailbox import Mailbox, MailboxError
from channels_in.models import Account, SentCopy
from helpdesk.events.feed import head, read_after
from helpdesk.files.store import FileMissingError
from helpdesk.lib.leases import is_over
from helpdesk.lib.secretbox import SecretUnreadableError
from helpdesk.outbox import facts
from helpdesk.outbox.backoff import GIVE_UP_AFTER, LONGEST, wait_after
from helpdesk.outbox.deliver import HeldFileError, prepare
from helpdesk.outbox.models import OutgoingMessage

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 50
MAX_ERROR = 300
KNOWN = (MailboxError, FileMissingError, HeldFileError)
State = SentCopy.State
Open = Callable[[Account], Mailbox]


def copying_accounts() -> QuerySet[Account]:
    """Return the mailboxes that want copies."""
    wanted = Account.objects.filter(kind=Account.Kind.IMAP, is_active=True)
    return wanted.exclude(sent_folder="").order_by("id")


def note_sent() -> int:
    """Note a copy for each message that was sent since the last look; return how many.

    The place of the last look is a number of the events, which never skips what
    commits late. Who begins to want copies gets those of what is sent from then on.
    """
    return sum(map(_note_of, copying_accounts()))


@transaction.atomic
def _note_of(account: Account) -> int:
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if account.sent_seq is None:
        Account.objects.filter(pk=account.pk).update(sent_seq=head())
        return 0
    seals = read_after(account.sent_seq)
    if not seals:
        return 0
    keys = [seal.event.subject_id for seal in seals if seal.event.kind == facts.SENT]
    # What opens something for a time is for its reader alone: whoever looks into the folder could
    # open it as well, and its words are forgotten soon (adr/0107).
    sent = OutgoingMessage.objects.filter(pk__in=keys, sender_id=account.sender_id, forget_at=None)
    rows = [SentCopy(message=message, account=account) for message in sent]
    SentCopy.objects.bulk_create(rows, ignore_conflicts=True)
    Account.objects.filter(pk=account.pk).update(sent_seq=seals[-1].seq)
    return len(rows)


def due() -> QuerySet[SentCopy]:
    """Return the copies that may be made now."""
    free = is_over("lease_until", LEASE) & is_over("next_attempt_at", LONGEST)
    return SentCopy.objects.filter(free, state=State.WAITING)


def copy_due(open_one: Open | None = None) -> int:
    """Make the copies that are due, a connection for each mailbox; return how many were made."""
    made = 0
    for account in Account.objects.filter(pk__in=due().values("account")).order_by("id"):
        keys = _claim(account)
        if keys:
            made += _copy_all(account, keys, open_one or _open)
    return made


def _open(account: Account) -> Mailbox:
    return open_mailbox(server_of(account))


@transaction.atomic
def _claim(account: Account) -> list[int]:
    waiting = due().filter(account=account).select_for_update(of=("self",)).order_by("id")
    keys = list(waiting.values_list("pk", flat=True)[:BATCH])
    SentCopy.objects.filter(pk__in=keys).update(
        lease_until=Now() + LEASE, attempts=F("attempts") + 1
    )
    return keys


def _copy_all(account: Account, keys: list[int], open_one: Open) -> int:
    try:
        mailbox = open_one(account)
    except SecretUnreadableError:
        _put_off(keys, "the stored password can't be read with this key")
        return 0
    except Exception as error:  # one mailbox that can't be opened is listed and stops no other
        if not isinstance(error, MailboxError):
            logger.exception("account %s could not be opened for copies", account.pk)
        _put_off(keys, str(error) or repr(error))
        return 0
    try:
        return sum(_copy(mailbox, account, key) for key in keys)
    finally:
        mailbox.close()


def _copy(mailbox: Mailbox, account: Account, key: int) -> bool:
    row = SentCopy.objects.select_related("message__sender__authority").get(pk=key)
    message = row.message
    try:
        content = prepare(message, at=message.finished_at).render(True)
        if not mailbox.has_message(account.sent_folder, message.message_id):
            mailbox.append(account.sent_folder, content, message.finished_at)
    except Exception as error:  # one copy that can't be made is listed and stops no other
        if not isinstance(error, KNOWN):
            logger.exception("the copy of message %s could not be made", message.pk)
        _put_off([key], str(error) or repr(error))
        return False
    SentCopy.objects.filter(pk=key).update(
        state=State.DONE, lease_until=None, error="", done_at=Now()
    )
    return True


def _put_off(keys: list[int], reason: str) -> None:
    """Try again later; after two days leave it, visibly: the mail itself was sent long ago."""
    for row in SentCopy.objects.filter(pk__in=keys):
        SentCopy.objects.filter(pk=row.pk).update(
            lease_until=None,
            error=reason[:MAX_ERROR],
            next_attempt_at=Now() + wait_after(row.attempts),
        )
    old = SentCopy.objects.filter(pk__in=keys, created_at__lt=Now() - GIVE_UP_AFTER)
    old.update(state=State.FAILED)


_running = threading.Lock()


def start() -> None:
    """Copy in a thread of its own, one a process: a mailbox may hang, and tasks may not."""
    note_sent()
    if due().exists() and _running.acquire(blocking=False):
        threading.Thread(target=_run, name="sent-copies", daemon=True).start()


def _run() -> None:
    try:
        copy_due()
    except Exception:
        # The leases run out, and the next sweep takes the rows up again.
        logger.exception("copies of sent mails could not be made")
    finally:
        connections.close_all()
        _running.release()
