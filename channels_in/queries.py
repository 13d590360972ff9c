"""What pages read of the ways in: quarantine, ignored mails, places that gave nothing, health."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext

from channels_in.failures import words_of
from channels_in.limits import OVERDUE_AFTER
from channels_in.models import Account, RawMessage, SentCopy, Sighting
from channels_in.reasons import EMPTIED

State = RawMessage.State
# An account without a successful poll for so long raises an alarm (mail.md 17).
ALARM_AFTER = timedelta(minutes=15)


def quarantined(authority_id: int) -> QuerySet[RawMessage]:
    """Return mails that wait for a person, the oldest first, without their bytes."""
    return _light(authority_id).filter(state=State.QUARANTINED).order_by("stored_at", "id")


def left_out(authority_id: int) -> QuerySet[RawMessage]:
    """Return mails that became no article, by a rule or by hand, newest first, without bytes.

    Not by way of the mailboxes: SQLite would read every mail that ever came to one of them.
    """
    ours = Account.objects.filter(pk=OuterRef("account"), authority=authority_id)
    return (
        _without_bytes()
        .filter(Q(state=State.IGNORED) | Q(state=State.DISCARDED), Exists(ours))
        .exclude(reason__in=EMPTIED)
        .order_by("-id")
    )


def overdue(authority_id: int | None = None) -> QuerySet[RawMessage]:
    """Return stored mails that should have had an outcome long ago."""
    rows = RawMessage.objects.defer("body").filter(
        state=State.STORED, stored_at__lt=Now() - OVERDUE_AFTER
    )
    return rows if authority_id is None else rows.filter(account__authority_id=authority_id)


def unfetchable(authority_id: int) -> QuerySet[Sighting]:
    """Return places whose mail the server could not give us, with its words."""
    return (
        Sighting.objects.filter(account__authority_id=authority_id, raw_message__isnull=True)
        .select_related("account")
        .order_by("seen_at", "id")
    )


def raw_message(authority_id: int, raw_id: int) -> RawMessage | None:
    """Return one mail of this authority with account and file, or None."""
    return (
        RawMessage.objects.filter(account__authority_id=authority_id, pk=raw_id)
        .select_related("account", "file", "ticket")
        .first()
    )


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account's light: ``alarm`` is red, ``error`` its last words."""

    account: Account
    alarm: bool
    error: str
    last_success_at: datetime | None

    @property
    def words(self) -> str:
        """Return what is wrong and what to do, "" while nothing is."""
        if self.account.failing_since is not None:
            grant = self.account.grant
            if grant is not None and grant.needs_sign_in:
                return gettext("Nobody has signed in for this mailbox yet.")
            return words_of(self.account.failure)
        if not self.alarm:
            return ""
        return gettext("Nobody asks this mailbox any more. Restart the service.")


def silent(authority_id: int) -> list[AccountHealth]:
    """Return the mailboxes from which nothing has come in for 15 minutes because they fail."""
    return [health for health in account_health(authority_id) if health.alarm]


def account_health(authority_id: int) -> list[AccountHealth]:
    """Tell for each active account whether mail gets in; a listener is judged by its own light."""
    now = timezone.now()
    accounts = (
        Account.objects.filter(authority_id=authority_id, is_active=True)
        .select_related("grant")
        .order_by("name")
    )
    return [
        AccountHealth(
            account=account,
            alarm=_is_alarming(account, now),
            error=account.last_error,
            last_success_at=account.last_success_at,
        )
        for account in accounts
    ]


def _is_alarming(account: Account, now: datetime) -> bool:
    """Tell whether a mailbox fails for 15 minutes, or nobody so much as asks it any more."""
    since = account.failing_since
    if since is None and account.kind == Account.Kind.IMAP and account.last_success_at:
        # Many thousands of mails make a long pass: whoever is at it prolongs the lease.
        since = max(account.last_success_at, account.lease_until or account.last_success_at)
    # A time to come was noted under a clock that has been put right since, and tells nothing good.
    return since is not None and abs(now - since) > ALARM_AFTER


def _light(authority_id: int) -> QuerySet[RawMessage]:
    return _without_bytes().filter(account__authority_id=authority_id)


def _without_bytes() -> QuerySet[RawMessage]:
    return RawMessage.objects.defer("body").select_related("account", "ticket", "file")


def late_copies(authority_id: int) -> QuerySet[SentCopy]:
    """Return the copies of sent mails that could not be made, or not yet, newest first."""
    troubled = Q(state=SentCopy.State.FAILED) | Q(state=SentCopy.State.WAITING) & ~Q(error="")
    found = SentCopy.objects.filter(troubled, account__authority_id=authority_id)
    return found.select_related("account").order_by("-id")


def copy_of(message_id: int) -> SentCopy | None:
    """Return the copy of one sent message, if its mailbox wants copies."""
    return SentCopy.objects.filter(message_id=message_id).select_related("account").first()
