"""One fetcher per mailbox: the lease on an account, by database time, and what it reports."""

from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Now

from channels_in.failures import SETTLE, code_of
from channels_in.limits import ACCOUNT_LEASE
from channels_in.mail.mailbox import MailboxError
from channels_in.models import Account
from channels_in.store import DiskFullError
from helpdesk.lib.leases import is_over
from helpdesk.lib.secretbox import SecretUnreadableError

MAX_ERROR = 300
KNOWN = (MailboxError, DiskFullError, SecretUnreadableError)


class LeaseLostError(Exception):
    """Another fetcher has taken over; stop at once and leave the account to it."""


def acquire(account_id: int, owner: str) -> bool:
    """Take the account, or keep it; False while another fetcher's lease runs."""
    free = is_over("lease_until", ACCOUNT_LEASE) | Q(lease_owner=owner)
    return bool(
        Account.objects.filter(free, pk=account_id, is_active=True).update(
            lease_until=Now() + ACCOUNT_LEASE, lease_owner=owner
        )
    )


def renew(account_id: int, owner: str) -> None:
    """Prolong the lease; raises LeaseLostError if it is another's, or the account was switched off.

    Safe without it too: the keys of raw mails and sightings are unique. It only
    keeps two fetchers from doing the same work.
    """
    held = Account.objects.filter(pk=account_id, lease_owner=owner, is_active=True)
    if not held.update(lease_until=Now() + ACCOUNT_LEASE):
        raise LeaseLostError(f"account {account_id} has another fetcher")


def release(account_id: int, owner: str) -> None:
    """Give the account back, so that the next fetcher need not wait."""
    Account.objects.filter(pk=account_id, lease_owner=owner).update(
        lease_until=None, lease_owner=""
    )


def release_all() -> None:
    """Free every account; only for a process that knows it is alone on this database."""
    Account.objects.exclude(lease_owner="").update(lease_until=None, lease_owner="")


def note_success(account_id: int, *, has_mail: bool, complaint: str) -> None:
    """Record a whole pass; ``complaint`` is what did not work beside the fetching itself."""
    change = {"last_mail_at": Now()} if has_mail else {}
    Account.objects.filter(pk=account_id).update(
        last_success_at=Now(),
        last_error=complaint[:MAX_ERROR],
        failure=SETTLE if complaint else "",
        failing_since=Coalesce("failing_since", Now()) if complaint else Value(None),
        backlog=0,
        **change,
    )


def note_failure(account_id: int, error: Exception) -> None:
    """Record why a pass failed; ``failing_since`` keeps its beginning, for one alarm."""
    words = str(error) if isinstance(error, KNOWN) else repr(error)
    Account.objects.filter(pk=account_id).update(
        last_error=words[:MAX_ERROR],
        failure=code_of(error),
        failing_since=Coalesce("failing_since", Now()),
    )


def note_backlog(account_id: int, count: int) -> None:
    """Record how many mails still lie unfetched on the server."""
    Account.objects.filter(pk=account_id).update(backlog=count)
