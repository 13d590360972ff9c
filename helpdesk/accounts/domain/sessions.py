"""Signing in and out: a row for each browser, apart from the sessions of those who work here."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.accounts.facts import DELETED, SIGNED_IN, SIGNED_OUT_EVERYWHERE, record
from helpdesk.accounts.models import AccountLink, AccountSession, PortalAccount
from helpdesk.lib.tokens import digest, new_nonce

LIFETIME = timedelta(hours=8)
# An account that nobody has used for so long is deleted; the requests stay.
UNUSED = timedelta(days=730)
KEY_BYTES = 20
MOST_SESSIONS = 20
PER_SWEEP = 500


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who has just signed in, and the key that their browser keeps."""

    account: PortalAccount
    key: str
    session_id: int


def hold(account_id: int) -> PortalAccount | None:
    """Return an account, locked until the transaction ends; None if it is deleted by now.

    Taken before anything of it is read or written, so that nobody signs in to what is just
    being deleted. Keys stay free: a row that points at it waits for nobody.
    """
    return PortalAccount.objects.select_for_update(no_key=True).filter(pk=account_id).first()


@transaction.atomic
def enter(*, account: PortalAccount, way: str = "mail") -> Entered:
    """Begin a session under a new key, whatever the browser had before."""
    now, key = timezone.now(), new_nonce(KEY_BYTES)
    before = account.sessions.order_by("-id").values_list("pk", flat=True)[MOST_SESSIONS - 1 :]
    AccountSession.objects.filter(pk__in=list(before)).delete()
    session = AccountSession.objects.create(
        account=account,
        digest=digest(key),
        seen_before=account.signed_in_at,
        expires_at=now + LIFETIME,
    )
    account.signed_in_at = now
    account.save(update_fields=["signed_in_at"])
    record(account=account, kind=SIGNED_IN, data={"way": way})
    return Entered(account, key, session.pk)


class SessionOverError(Exception):
    """The session has ended, as by signing out on another page."""


@transaction.atomic
def change_key(*, session: AccountSession) -> Entered:
    """Give a session another key, for a browser that may have missed the first.

    Raises SessionOverError where it has just ended: a key to nothing would look like being in.
    """
    key = new_nonce(KEY_BYTES)
    if not AccountSession.objects.filter(pk=session.pk).update(digest=digest(key)):
        raise SessionOverError
    return Entered(session.account, key, session.pk)


@transaction.atomic
def leave(*, session_id: int) -> None:
    """End one session."""
    AccountSession.objects.filter(pk=session_id).delete()


@transaction.atomic
def leave_everywhere(*, account: PortalAccount) -> int:
    """End all sessions of an account and void its open links; return how many ended."""
    ended, _ = account.sessions.all().delete()
    _void_links(account)
    record(account=account, kind=SIGNED_OUT_EVERYWHERE)
    return ended


def sweep() -> None:
    """Delete sessions and links that are over, and accounts that nobody has used for two years."""
    now = timezone.now()
    for rows in (AccountSession.objects, AccountLink.objects):
        over = rows.filter(expires_at__lte=now).values_list("pk", flat=True)[:PER_SWEEP]
        rows.filter(pk__in=list(over)).delete()
    unused = PortalAccount.objects.filter(signed_in_at__lt=now - UNUSED).order_by("pk")
    for account_id in list(unused.values_list("pk", flat=True)[:PER_SWEEP]):
        _delete(unused.filter(pk=account_id))


def delete_account(*, account: PortalAccount) -> None:
    """Delete an account with its addresses and sessions; no request is touched."""
    _delete(PortalAccount.objects.filter(pk=account.pk))


@transaction.atomic
def _delete(found: QuerySet[PortalAccount]) -> None:
    """Delete the account if it is still found, locked: its holder may have come back."""
    locked = found.select_for_update().first()
    if locked is None:
        return
    record(account=locked, kind=DELETED)
    _void_links(locked)
    locked.delete()


def _void_links(account: PortalAccount) -> None:
    addresses = list(account.addresses.values_list("normalised", flat=True))
    AccountLink.objects.filter(authority_id=account.authority_id, normalised__in=addresses).delete()
    account.links.all().delete()
