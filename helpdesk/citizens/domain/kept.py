"""What a person was before a change, for as long as the change can be taken back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.models import KeptChange
from helpdesk.lib.tokens import new_nonce

SECONDS = 30
# Beyond what the screen counts down: a click in the last moment still gets there.
GRACE = 10
KEPT_FOR = timedelta(seconds=SECONDS + GRACE)


def keep_change(*, user: User, what: str, data: Mapping[str, Any]) -> str:
    """Keep what takes a change back; return its key, which only ``user`` can use, once.

    Runs in the transaction of the change. What is too old goes on the way.
    """
    forget_changes()
    key = new_nonce()
    KeptChange.objects.create(user=user, key=key, what=what, data=dict(data))
    return key


def find_change(*, user: User, what: str, key: str) -> dict[str, Any] | None:
    """Return what is kept and leave it there: it says what to lock before it is taken."""
    data: dict[str, Any] | None = _kept(user, what, key).values_list("data", flat=True).first()
    return data


def take_change(*, user: User, what: str, key: str) -> dict[str, Any] | None:
    """Return what was kept, and keep it no longer; None when it is over or never was.

    Runs in the transaction of the undo, so that one that fails leaves it there. What it changes is
    locked before, as by the change that was kept.
    """
    kept = _kept(user, what, key).select_for_update().first()
    if kept is None:
        return None
    kept.delete()
    data: dict[str, Any] = kept.data
    return data


def _kept(user: User, what: str, key: str) -> QuerySet[KeptChange]:
    return KeptChange.objects.filter(
        user=user, what=what, key=key, created_at__gte=timezone.now() - KEPT_FOR
    )


def forget_changes() -> int:
    """Delete what can't be taken back any more; return how many."""
    return KeptChange.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]
