"""Reads of accounts: who is signed in, and which requests they may see."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from helpdesk.accounts.models import AccountLink, AccountSession, IdentityProvider, PortalAccount
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.tokens import digest
from helpdesk.tickets.enums import Status
from helpdesk.tickets.links import VALID_AFTER_END
from helpdesk.tickets.models import Participant, Ticket


def session_of(*, authority_id: int, key: str) -> AccountSession | None:
    """Return the session that a browser's key opens now, with its account."""
    if not key:
        return None
    found = AccountSession.objects.select_related("account").filter(
        digest=digest(key), account__authority_id=authority_id, expires_at__gt=timezone.now()
    )
    return found.first()


def link_of(*, authority_id: int, token: str, purpose: str) -> AccountLink | None:
    """Return the link that was not used yet and is still in time."""
    found = AccountLink.objects.filter(
        digest=digest(token),
        authority_id=authority_id,
        purpose=purpose,
        pressed_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    return found.first()


def pressed_link_of(*, authority_id: int, token: str) -> AccountLink | None:
    """Return the link by which somebody has signed in who still is."""
    found = AccountLink.objects.select_related("session").filter(
        digest=digest(token),
        authority_id=authority_id,
        session__expires_at__gt=timezone.now(),
    )
    return found.first()


def accounts_of(authority_id: int) -> QuerySet[PortalAccount]:
    """Return the accounts of an authority."""
    return PortalAccount.objects.filter(authority_id=authority_id)


def provider_of(authority_id: int) -> IdentityProvider | None:
    """Return the provider where citizens may sign in now."""
    return IdentityProvider.objects.filter(authority_id=authority_id, is_active=True).first()


def requests_of(account: PortalAccount) -> QuerySet[Ticket]:
    """Return the requests of an account as they are listed: without those joined with another."""
    joined = Q(status=Status.MERGED, merged_into__citizen=F("citizen"))
    return opened_by(account).exclude(joined)


def opened_by(account: PortalAccount) -> QuerySet[Ticket]:
    """Return the requests that were made with the account's addresses (docs/adr/0082).

    Those whose links still open them, for the links went to the same mailboxes. An address that
    was merely named leads to nobody of whom another one is proved.
    """
    made = Participant.objects.filter(
        role=Participant.Role.REQUESTER, citizen__in=_citizens(account)
    )
    in_time = Q(resolved_at__isnull=True) | Q(resolved_at__gte=timezone.now() - VALID_AFTER_END)
    return Ticket.objects.filter(
        in_time, authority_id=account.authority_id, pk__in=made.values("ticket_id")
    )


def _citizens(account: PortalAccount) -> QuerySet[ContactPoint, int]:
    points = ContactPoint.objects.filter(
        authority_id=account.authority_id,
        kind=ContactKind.MAIL,
        normalised__in=account.addresses.values("normalised"),
    )
    owned = ContactPoint.objects.filter(
        citizen=OuterRef("citizen"), kind=ContactKind.MAIL, is_claimed=False
    )
    theirs = points.filter(Q(is_claimed=False) | ~Exists(owned))
    return theirs.values_list("citizen_id", flat=True)
