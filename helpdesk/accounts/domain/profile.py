"""What holders change of their own accounts, and whether an authority offers accounts at all."""

from django.db import transaction

from helpdesk.accounts.facts import ADDRESS_REMOVED, CHANGED, record
from helpdesk.accounts.models import AccountAddress, PortalAccount
from helpdesk.agents.changes import save_setting
from helpdesk.agents.models import Authority, User


class LastAddressError(Exception):
    """Without an address nobody could sign in any more."""


@transaction.atomic
def change_profile(*, account: PortalAccount, name: str, language: str) -> PortalAccount:
    """Change how somebody is called in forms, and in which language we write to them."""
    locked = PortalAccount.objects.select_for_update().get(pk=account.pk)
    values = {"name": name.strip()[:160], "language": language[:10]}
    changed = [field for field, value in values.items() if getattr(locked, field) != value]
    if changed:
        for field in changed:
            setattr(locked, field, values[field])
        locked.save(update_fields=changed)
        record(account=locked, kind=CHANGED, data={"fields": sorted(changed)})
    return locked


@transaction.atomic
def make_main(*, account: PortalAccount, address_id: int) -> bool:
    """Let this address be the one that forms are filled with; False if it is not theirs."""
    PortalAccount.objects.select_for_update().get(pk=account.pk)
    chosen = account.addresses.filter(pk=address_id).first()
    if chosen is None:
        return False
    if not chosen.is_main:
        account.addresses.update(is_main=False)
        AccountAddress.objects.filter(pk=chosen.pk).update(is_main=True)
        record(account=account, kind=CHANGED, data={"fields": ["main_address"]})
    return True


@transaction.atomic
def remove_address(*, account: PortalAccount, address_id: int) -> bool:
    """Take an address away, with what it leads to; False if it is not theirs.

    Raises LastAddressError.
    """
    PortalAccount.objects.select_for_update().get(pk=account.pk)
    addresses = list(account.addresses.all())
    gone = next((each for each in addresses if each.pk == address_id), None)
    if gone is None:
        return False
    left = [each for each in addresses if each.pk != address_id]
    if not left:
        raise LastAddressError
    gone.delete()
    if gone.is_main:
        AccountAddress.objects.filter(pk=left[0].pk).update(is_main=True)
    record(account=account, kind=ADDRESS_REMOVED)
    return True


@transaction.atomic
def offer_accounts(*, authority_id: int, is_offered: bool, user: User | None) -> Authority:
    """Switch accounts on or off; off, nobody is signed in, and nothing is deleted."""
    authority = Authority.objects.select_for_update(no_key=True).get(pk=authority_id)
    return save_setting(
        instance=authority,
        values={"offers_accounts": is_offered},
        subject_kind="authority",
        user=user,
    )
