"""Finds the account that mail from a pipe or by SMTP is for."""

from dataclasses import dataclass

from django.conf import settings

from channels_in.models import Account, FurtherAddress
from helpdesk.lib.addresses import normalise
from helpdesk.outbox.subaddress import without_tag


@dataclass(frozen=True, slots=True)
class Directory:
    """The active accounts by address, and the one that takes what is addressed to nobody known.

    Read once for a mail, so that all its recipients are judged by the same state.
    """

    by_address: dict[str, Account]
    default: Account | None

    def find(self, address: str) -> Account | None:
        """Return the account for an address, with or without a plus tag; None is "unknown"."""
        wanted = normalise(address)
        return self.by_address.get(wanted) or self.by_address.get(without_tag(wanted), self.default)


def read_directory() -> Directory:
    """Read the accounts; a listener's wins over a mailbox of the same address.

    There is a default only where a mail can't be for anybody else: with a single
    listener account, or in the demo.
    """
    accounts = list(
        Account.objects.filter(is_active=True)
        .select_related("authority")
        # "imap" comes before "listener" and is overwritten by it.
        .order_by("kind", "-id")
    )
    listeners = [each for each in accounts if each.kind == Account.Kind.LISTENER]
    has_default = len(listeners) == 1 or (settings.DEMO and listeners)
    return Directory(
        by_address=_further(accounts) | {normalise(each.address): each for each in accounts},
        default=listeners[-1] if has_default else None,
    )


def _further(accounts: list[Account]) -> dict[str, Account]:
    """Return the accounts by their further addresses; not asked for where there are no rules."""
    known = {each.pk: each for each in accounts if each.rules_mark}
    if not known:
        return {}
    rows = FurtherAddress.objects.filter(account_id__in=known).values_list("address", "account_id")
    # As above: a listener's address wins over the same one of a mailbox.
    by_kind = sorted(rows, key=lambda row: known[row[1]].kind)
    return {normalise(address): known[key] for address, key in by_kind}
