"""Whether an address still reaches its citizen."""

from django.db.models import QuerySet
from django.db.models.functions import Now

from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise

MAX_REASON = 300


def mark_undeliverable(*, authority_id: int, email: str, reason: str) -> bool:
    """Note that mail to ``email`` comes back for good (mail.md 87); False if it is nobody's.

    Only a report that proves to be about a mail of ours may lead here (mail.md 86).
    """
    return bool(
        _points(authority_id, email).update(
            undeliverable_at=Now(), undeliverable_reason=reason[:MAX_REASON]
        )
    )


def clear_undeliverable(*, citizen_id: int) -> bool:
    """Let mail go to a citizen's addresses again, because a person says so (mail.md 87)."""
    held = ContactPoint.objects.filter(
        citizen_id=citizen_id, kind=ContactKind.MAIL, undeliverable_at__isnull=False
    )
    return bool(held.update(undeliverable_at=None, undeliverable_reason=""))


def _points(authority_id: int, email: str) -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(
        authority_id=authority_id, kind=ContactKind.MAIL, normalised=normalise(email)
    )
