"""Keys of devices: added by who is signed in, and used to sign in without a mail."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.accounts.domain.sessions import Entered, enter, hold
from helpdesk.accounts.facts import PASSKEY_ADDED, PASSKEY_REMOVED, record
from helpdesk.accounts.models import Passkey, PortalAccount
from helpdesk.accounts.passkeys import (
    Key,
    PasskeyError,
    Place,
    check_known,
    named_in,
    read_new,
)

MOST_PASSKEYS = 10


class TooManyPasskeysError(Exception):
    """An account has no more than a few."""


@transaction.atomic
def add_passkey(
    *, account: PortalAccount, place: Place, seal: str, answer: str, name: str
) -> Passkey:
    """Keep the key that a device has made for this account.

    Raises PasskeyError, TooManyPasskeysError.
    """
    PortalAccount.objects.select_for_update().get(pk=account.pk)
    if account.passkeys.count() >= MOST_PASSKEYS:
        raise TooManyPasskeysError
    key = read_new(place, account_id=account.pk, seal=seal, answer=answer)
    try:
        with transaction.atomic():
            made = Passkey.objects.create(
                account=account,
                credential_id=key.credential_id,
                public_key=key.public_key,
                count=key.count,
                name=name.strip()[:80],
            )
    except IntegrityError as error:
        raise PasskeyError from error
    record(account=account, kind=PASSKEY_ADDED)
    return made


@transaction.atomic
def remove_passkey(*, account: PortalAccount, passkey_id: int) -> bool:
    """Let a key sign in no more; False if it is not theirs."""
    hold(account.pk)
    gone, _ = account.passkeys.filter(pk=passkey_id).delete()
    if gone:
        record(account=account, kind=PASSKEY_REMOVED)
    return bool(gone)


@transaction.atomic
def sign_in_by_passkey(*, authority_id: int, place: Place, seal: str, answer: str) -> Entered:
    """Sign in to the account of the key that signed the answer. Raises PasskeyError."""
    named = Passkey.objects.filter(
        credential_id=named_in(answer), account__authority_id=authority_id
    )
    owner_id = named.values_list("account_id", flat=True).first()
    # The account first, as all who write to it do; then the key, which may be gone meanwhile.
    account = hold(owner_id) if owner_id else None
    kept = named.first() if account else None
    if account is None or kept is None:
        raise PasskeyError
    key = Key(kept.credential_id, bytes(kept.public_key), kept.count)
    kept.count = check_known(place, key=key, seal=seal, answer=answer)
    kept.used_at = timezone.now()
    kept.save(update_fields=["count", "used_at"])
    return enter(account=account, way="passkey")
