"""Leases on stored mails and the writing of what became of each (I8, I9)."""

from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from channels_in.limits import PROCESS_LEASE, RETRY_AFTER
from channels_in.models import RawMessage
from helpdesk.lib.leases import is_over
from helpdesk.lib.statements import Change
from helpdesk.tickets.inbound import Receipt

State = RawMessage.State
MAX_ERROR_LENGTH = 20_000


_FILED = Change(
    lambda raw_id, before, ticket_id, article_id: (
        RawMessage.objects.filter(pk=raw_id, state=before),
        {
            "state": State.FILED,
            "ticket_id": ticket_id,
            "article_id": article_id,
            "error": "",
            "lease_until": None,
            "finished_at": Now(),
        },
    ),
    "raw_id",
    "before",
    "ticket_id",
    "article_id",
)


class AlreadyDoneError(Exception):
    """Another has brought this mail to its outcome meanwhile; nothing is to be done."""


def waiting() -> QuerySet[RawMessage]:
    """Return stored mails that nobody holds, oldest first; leases count by database time."""
    free = is_over("lease_until", max(PROCESS_LEASE, RETRY_AFTER))
    return RawMessage.objects.filter(free, state=State.STORED).order_by("id")


def claim(raw_id: int) -> bool:
    """Take a lease on a waiting mail by compare-and-set; False if another has it or it is done."""
    taken = waiting().order_by().filter(pk=raw_id)
    return bool(taken.update(lease_until=Now() + PROCESS_LEASE, attempts=F("attempts") + 1))


def claim_untried(raw_ids: Collection[int]) -> list[int]:
    """Take leases on those waiting mails that nobody has tried yet; return which, oldest first.

    What was tried before and has no outcome may be what ended its process: such a mail
    must never take others with it, so it is claimed alone.
    """
    with transaction.atomic():
        free = waiting().filter(pk__in=raw_ids, attempts=0)
        locked = free.select_for_update(of=("self",), skip_locked=True)
        taken = list(locked.values_list("pk", flat=True))
        RawMessage.objects.filter(pk__in=taken).update(
            lease_until=Now() + PROCESS_LEASE, attempts=1
        )
    return taken


def prolong(held: Collection[RawMessage]) -> set[int]:
    """Prolong the caller's leases, and return which of the mails nobody has claimed since.

    Whoever claims one counts a try, and so is known from what the caller has in memory.
    """
    ours = Q(pk__in=())
    for raw in held:
        ours |= Q(pk=raw.pk, attempts=raw.attempts)
    with transaction.atomic():
        locked = RawMessage.objects.filter(ours, state=State.STORED).select_for_update(of=("self",))
        kept = set(locked.values_list("pk", flat=True))
        RawMessage.objects.filter(pk__in=kept).update(lease_until=Now() + PROCESS_LEASE)
    return kept


def postpone(raw_id: int, *, counts: bool) -> None:
    """Let a mail wait a little; ``counts`` False gives the attempt back, for a full disk."""
    change = {} if counts else {"attempts": F("attempts") - 1}
    RawMessage.objects.filter(pk=raw_id, state=State.STORED, attempts__gt=0).update(
        lease_until=Now() + RETRY_AFTER, **change
    )


def give_back(raw_ids: Collection[int]) -> None:
    """Free waiting mails whose lease the caller holds and does not use, as if untried."""
    if raw_ids:
        before = Case(When(attempts__gt=0, then=F("attempts") - 1), default=Value(0))
        RawMessage.objects.filter(pk__in=raw_ids, state=State.STORED).update(
            lease_until=None, attempts=before
        )


def release_leases() -> int:
    """Free every waiting mail; only for a process that knows it is alone on this database."""
    return RawMessage.objects.filter(state=State.STORED, lease_until__isnull=False).update(
        lease_until=None
    )


def lock_in(raw_id: int, states: frozenset[str]) -> RawMessage | None:
    """Lock a mail's row for the rest of the transaction if it is in one of ``states``.

    None means that another has dealt with it meanwhile: the caller does nothing.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock_in needs a transaction.")
    row = (
        RawMessage.objects.select_for_update(of=("self",))
        .select_related("account")
        .defer("body")
        .get(pk=raw_id)
    )
    return row if row.state in states else None


def finish_filed(raw_id: int, receipt: Receipt, *, before: str, reason: str | None = None) -> None:
    """Write, in the transaction of the filing, where a mail went; ``reason`` None keeps it.

    Raises AlreadyDoneError if the mail is not in the state ``before`` any more:
    then the filing must be rolled back, since another has dealt with the mail.
    """
    places = {"ticket_id": receipt.ticket_id, "article_id": receipt.article_id}
    if not _FILED.apply(raw_id=raw_id, before=before, **places):
        raise AlreadyDoneError
    if reason is not None:
        RawMessage.objects.filter(pk=raw_id).update(reason=reason)


def finish_all_filed(receipts: Sequence[tuple[int, Receipt]]) -> None:
    """Do what :func:`finish_filed` does for waiting mails, each with its receipt, at once."""
    filed = _FILED.apply_to_all(
        [
            {
                "raw_id": raw_id,
                "before": State.STORED,
                "ticket_id": receipt.ticket_id,
                "article_id": receipt.article_id,
            }
            for raw_id, receipt in receipts
        ]
    )
    if filed != len(receipts):
        raise AlreadyDoneError


def finish_ignored(raw_id: int, reason: str, *, ticket_id: int | None = None) -> None:
    """Write why a mail became no article, and the ticket it concerns if there is one."""
    RawMessage.objects.filter(pk=raw_id).update(
        state=State.IGNORED,
        reason=reason,
        ticket_id=ticket_id,
        error="",
        lease_until=None,
        finished_at=Now(),
    )


def finish_held(raw_id: int) -> None:
    """Write, in the transaction that makes its row in the list of spam, that a mail is held."""
    RawMessage.objects.filter(pk=raw_id).update(
        state=State.SPAM, reason="", error="", lease_until=None, finished_at=Now()
    )


def put_aside(raw_id: int, reason: str, error: str) -> bool:
    """Move a waiting mail into quarantine with its error; False if it is not waiting any more."""
    moved = RawMessage.objects.filter(pk=raw_id, state=State.STORED).update(
        state=State.QUARANTINED,
        reason=reason,
        error=error.replace("\0", "")[-MAX_ERROR_LENGTH:],
        lease_until=None,
        finished_at=Now(),
    )
    return bool(moved)
