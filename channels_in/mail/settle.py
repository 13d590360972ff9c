"""What happens to mails on the server after they are filed, and never before."""

from collections.abc import Callable, Sequence

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Length, Now

from channels_in.mail.mailbox import Folder, Mailbox, MovedPartlyError, RefusedError
from channels_in.models import Account, RawMessage, Sighting
from helpdesk.lib.faults import fault

# A quarantined mail is left as it is on the server until a person has decided.
SETTLED_STATES = (
    RawMessage.State.FILED,
    RawMessage.State.IGNORED,
    RawMessage.State.DISCARDED,
    RawMessage.State.SPAM,
)
BATCH = 100
MAX_ERROR = 300
READ_ONLY = "the folder is read-only"

# How much of a mail is ours. Its reason does not tell: a mail that was cut may have been
# put aside or held as spam since.
_OURS = Coalesce(F("raw_message__file__size"), Length("raw_message__body"), 0)
Act = Callable[[Sequence[int]], None]


def settle(account: Account, mailbox: Mailbox, name: str, folder: Folder) -> str:
    """Flag, move or delete what has an outcome; return "" or the server's complaint.

    After a refusal (a folder that is missing or full) nothing more is tried in
    this pass: the mails stay where they are and no copy is made again (mail.md 11).
    A crash between the server and the row is harmless: the next pass asks the
    server again for something that is already so. Where a folder may be read alone nothing
    is tried at all: a copy could be made, and its original not removed.
    """
    if not folder.is_writable:
        return READ_ONLY if _unsettled(account, name, folder).exists() else ""
    act = _act(account, mailbox)
    unsettled = _unsettled(account, name, folder).annotate(ours=_OURS)
    for chosen, way in (
        (unsettled.filter(raw_message__size__lte=F("ours")), act),
        # Only its beginning is ours: the whole mail must stay on the server.
        (unsettled.filter(raw_message__size__gt=F("ours")), mailbox.mark_seen),
    ):
        complaint = _settle_each(chosen, way)
        if complaint:
            return complaint
    return ""


def _settle_each(chosen: QuerySet[Sighting], act: Act) -> str:
    while rows := list(chosen.values_list("pk", "uid")[:BATCH]):
        done = Sighting.objects.filter(pk__in=[pk for pk, _uid in rows])
        fault("fetch.before_settle")
        try:
            act([uid for _pk, uid in rows])
        except MovedPartlyError as error:
            done.update(settled_at=Now(), error=f"copied, not removed: {error}"[:MAX_ERROR])
            return str(error)
        except RefusedError as error:
            done.update(error=str(error)[:MAX_ERROR])
            return str(error)
        fault("fetch.after_settle")
        done.update(settled_at=Now(), error="")
        fault("fetch.after_settled_row")
    return ""


def _unsettled(account: Account, name: str, folder: Folder) -> QuerySet[Sighting]:
    return Sighting.objects.filter(
        account=account,
        folder=name,
        uidvalidity=folder.uidvalidity,
        settled_at__isnull=True,
        raw_message__state__in=SETTLED_STATES,
    ).order_by("uid")


def _act(account: Account, mailbox: Mailbox) -> Act:
    if account.after_filing == Account.AfterFiling.DELETE:
        return mailbox.delete
    if account.after_filing == Account.AfterFiling.MOVE and account.move_to:
        return lambda uids: mailbox.move(uids, account.move_to)
    return mailbox.mark_seen
