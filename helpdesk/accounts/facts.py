"""What the history keeps of accounts: that something happened, and nothing personal."""

from collections.abc import Mapping
from typing import Final

from helpdesk.accounts.models import PortalAccount
from helpdesk.events.publish import Actor, Fact, publish

SUBJECT: Final = "portal_account"
OPENED: Final = "portal_account.opened"
CHANGED: Final = "portal_account.changed"
ADDRESS_ADDED: Final = "portal_account.address_added"
ADDRESS_REMOVED: Final = "portal_account.address_removed"
PASSKEY_ADDED: Final = "portal_account.passkey_added"
PASSKEY_REMOVED: Final = "portal_account.passkey_removed"
SIGNED_IN: Final = "portal_account.signed_in"
SIGNED_OUT_EVERYWHERE: Final = "portal_account.signed_out_everywhere"
DELETED: Final = "portal_account.deleted"
# Whoever is signed in is nobody whom the register of citizens knows by number.
HOLDER: Final = Actor("citizen")


def record(*, account: PortalAccount, kind: str, data: Mapping[str, object] | None = None) -> None:
    """Publish a fact about an account in the caller's transaction."""
    fact = Fact(kind, SUBJECT, account.pk, account.authority_id, data=dict(data or {}))
    publish(fact=fact, actor=HOLDER)
