"""Links by mail: asked for by anybody, pressed by the owner of the mailbox."""

from dataclasses import dataclass
from datetime import timedelta
from secrets import compare_digest

from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.accounts.domain.sessions import (
    Entered,
    SessionOverError,
    change_key,
    enter,
    hold,
)
from helpdesk.accounts.facts import ADDRESS_ADDED, OPENED, record
from helpdesk.accounts.models import AccountAddress, AccountLink, PortalAccount
from helpdesk.accounts.queries import pressed_link_of
from helpdesk.lib.addresses import normalise
from helpdesk.lib.tokens import digest, new_nonce

LIFETIME = timedelta(minutes=15)
# An address is confirmed in the account that asked for it, which one may have to sign in to first.
ADDRESS_LIFETIME = timedelta(hours=2)
# How long the browser that has signed in by a link may press its button once more.
AGAIN = timedelta(minutes=1)
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
def sign_in_by_link(*, link_id: int, language: str, browser: str = "") -> Entered:
    """Use the link up and sign in to the account of its address, which may be a new one.

    ``browser`` is a secret of who presses, if there is one. Raises LinkGoneError where another
    press was quicker.
    """
    link = AccountLink.objects.filter(pk=link_id).first()
    if link is None:
        raise LinkGoneError
    # The account before the link, as all who write to it do: deleting it voids its links.
    held = _held(link.authority_id, link.email)
    _take(link)
    account = held or account_for(
        authority_id=link.authority_id, email=link.email, language=language
    )
    entered = enter(account=account)
    link.session_id, link.pressed_at = entered.session_id, timezone.now()
    link.pressed_by = digest(browser) if browser else ""
    link.save(update_fields=["session", "pressed_at", "pressed_by"])
    return entered


@transaction.atomic
def press_again(*, authority_id: int, token: str, browser: str) -> Entered:
    """Let the browser in that has just signed in by this link, and may not know it.

    Of a button that is pressed twice a browser takes the second answer and forgets the first,
    with its cookie (docs/adr/0103). Raises LinkGoneError for everybody else.
    """
    link = pressed_link_of(authority_id=authority_id, token=token)
    if link is None or link.session is None or link.pressed_at is None:
        raise LinkGoneError
    is_theirs = bool(browser) and compare_digest(link.pressed_by, digest(browser))
    if not is_theirs or link.pressed_at + AGAIN <= timezone.now():
        raise LinkGoneError
    try:
        return change_key(session=link.session)
    except SessionOverError as error:
        raise LinkGoneError from error


@transaction.atomic
def add_address(*, link_id: int, account: PortalAccount) -> AccountAddress:
    """Use the link up and add its address to the account that asked and is signed in here.

    Without that anybody could have a stranger confirm their address, and read along. Raises
    LinkGoneError, AddressTakenError, TooManyAddressesError.
    """
    hold(account.pk)
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
    try:
        return _add(account, link.email, is_main=False)
    except IntegrityError as error:
        # Its owner has signed in with it at this moment: it leads to their account.
        raise AddressTakenError from error


def account_of_address(*, authority_id: int, email: str) -> PortalAccount | None:
    """Return the account to which a verified address leads."""
    found = AccountAddress.objects.select_related("account").filter(
        authority_id=authority_id, normalised=normalise(email)[:320]
    )
    address = found.first()
    return address.account if address else None


@transaction.atomic
def account_for(*, authority_id: int, email: str, language: str, name: str = "") -> PortalAccount:
    """Return the account of a proved address, held; where there is none, open it.

    The same address may be proved in two ways at once (a link, the town's provider): who is
    quicker opens the account, and the other one is let into it.
    """
    held = _held(authority_id, email)
    if held is not None:
        return held
    try:
        return open_account(authority_id=authority_id, email=email, language=language, name=name)
    except IntegrityError:
        opened = _held(authority_id, email)
        if opened is None:
            raise
        return opened


def _held(authority_id: int, email: str) -> PortalAccount | None:
    found = account_of_address(authority_id=authority_id, email=email)
    return hold(found.pk) if found else None


@transaction.atomic
def open_account(*, authority_id: int, email: str, language: str, name: str = "") -> PortalAccount:
    """Open an account for the owner of ``email``, who has just proved it."""
    account = PortalAccount.objects.create(
        authority_id=authority_id, language=language[:10], name=name[:160]
    )
    _add(account, email, is_main=True)
    record(account=account, kind=OPENED)
    return account


@transaction.atomic
def _add(account: PortalAccount, email: str, *, is_main: bool) -> AccountAddress:
    return AccountAddress.objects.create(
        account=account,
        authority_id=account.authority_id,
        email=email[:320],
        normalised=normalise(email)[:320],
        is_main=is_main,
    )


def _take(link: AccountLink) -> None:
    """Lock a link and void all others of its address: one is enough; they lie in a mailbox."""
    same = AccountLink.objects.filter(
        authority_id=link.authority_id,
        purpose=link.purpose,
        normalised=link.normalised,
        pressed_at__isnull=True,
    )
    locked = list(same.select_for_update().order_by("pk").values_list("pk", flat=True))
    if link.pk not in locked or link.expires_at <= timezone.now():
        raise LinkGoneError
    AccountLink.objects.filter(pk__in=locked).exclude(pk=link.pk).delete()
