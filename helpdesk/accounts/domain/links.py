"""Links by mail: asked for by anybody, pressed by the owner of the mailbox."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from helpdesk.accounts.domain.sessions import Entered, enter
from helpdesk.accounts.facts import ADDRESS_ADDED, OPENED, record
from helpdesk.accounts.models import AccountAddress, AccountLink, PortalAccount
from helpdesk.lib.addresses import normalise
from helpdesk.lib.tokens import digest, new_nonce

LIFETIME = timedelta(minutes=15)
# An address is confirmed in the account that asked for it, which one may have to sign in to first.
ADDRESS_LIFETIME = timedelta(hours=2)
TOKEN_BYTES = 20
MOST_ADDRESSES = 5


class LinkGoneError(Exception):
    """The link was used, is too old or never was."""


class AddressTakenError(Exception):
    """The address leads to another account."""


class TooManyAddressesError(Exception):
    """An account has no more than a few."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for a link to which address, and where they want to go with it."""

    authority_id: int
    email: str
    next: str = ""
    account: PortalAccount | None = None


@transaction.atomic
def make_link(*, wish: Wish) -> str:
    """Return the token of a new link, which is not stored, be there an account or not."""
    token = new_nonce(TOKEN_BYTES)
    adds = wish.account is not None
    AccountLink.objects.create(
        authority_id=wish.authority_id,
        purpose=AccountLink.Purpose.ADDRESS if adds else AccountLink.Purpose.SIGN_IN,
        account=wish.account,
        email=wish.email[:320],
        normalised=normalise(wish.email)[:320],
        digest=digest(token),
        next=wish.next,
        expires_at=timezone.now() + (ADDRESS_LIFETIME if adds else LIFETIME),
    )
    return token


@transaction.atomic
def sign_in_by_link(*, link_id: int, language: str) -> Entered:
    """Use the link up and sign in to the account of its address, which may be a new one.

    Raises LinkGoneError where another press was quicker.
    """
    link = _take(link_id)
    account = account_of_address(authority_id=link.authority_id, email=link.email)
    if account is None:
        account = open_account(authority_id=link.authority_id, email=link.email, language=language)
    return enter(account=account)


@transaction.atomic
def add_address(*, link_id: int, account: PortalAccount) -> AccountAddress:
    """Use the link up and add its address to the account that asked and is signed in here.

    Without that anybody could have a stranger confirm their address, and read along. Raises
    LinkGoneError, AddressTakenError, TooManyAddressesError.
    """
    PortalAccount.objects.select_for_update().get(pk=account.pk)
    link = AccountLink.objects.select_for_update().filter(pk=link_id, account=account).first()
    if link is None:
        raise LinkGoneError
    owner = account_of_address(authority_id=link.authority_id, email=link.email)
    if owner is not None and owner.pk != account.pk:
        raise AddressTakenError
    if owner is None and account.addresses.count() >= MOST_ADDRESSES:
        raise TooManyAddressesError
    link.delete()
    if owner is not None:
        return account.addresses.get(normalised=normalise(link.email)[:320])
    record(account=account, kind=ADDRESS_ADDED)
    return _add(account, link.email, is_main=False)


def account_of_address(*, authority_id: int, email: str) -> PortalAccount | None:
    """Return the account to which a verified address leads."""
    found = AccountAddress.objects.select_related("account").filter(
        authority_id=authority_id, normalised=normalise(email)[:320]
    )
    address = found.first()
    return address.account if address else None


@transaction.atomic
def open_account(*, authority_id: int, email: str, language: str, name: str = "") -> PortalAccount:
    """Open an account for the owner of ``email``, who has just proved it."""
    account = PortalAccount.objects.create(
        authority_id=authority_id, language=language[:10], name=name[:160]
    )
    _add(account, email, is_main=True)
    record(account=account, kind=OPENED)
    return account


def _add(account: PortalAccount, email: str, *, is_main: bool) -> AccountAddress:
    return AccountAddress.objects.create(
        account=account,
        authority_id=account.authority_id,
        email=email[:320],
        normalised=normalise(email)[:320],
        is_main=is_main,
    )


def _take(link_id: int) -> AccountLink:
    """Use up a link and all others of its address: one is enough, and the rest lie in a mailbox."""
    link = AccountLink.objects.filter(pk=link_id).first()
    if link is None:
        raise LinkGoneError
    same = AccountLink.objects.filter(
        authority_id=link.authority_id, purpose=link.purpose, normalised=link.normalised
    )
    locked = list(same.select_for_update().order_by("pk").values_list("pk", flat=True))
    if link.pk not in locked or link.expires_at <= timezone.now():
        raise LinkGoneError
    AccountLink.objects.filter(pk__in=locked).delete()
    return link
