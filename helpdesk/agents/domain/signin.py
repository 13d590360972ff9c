"""Sessions: how long one lives, and how all others of a user end at once."""

import time
from collections.abc import MutableMapping

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import User
from helpdesk.lib.leases import SKEW

# Quality.md 2.1, 37: a working day without a click, and no session older than half a day.
IDLE_SECONDS = 8 * 3600
ABSOLUTE_SECONDS = 12 * 3600
# The session is written again only this often, not with each request.
TOUCH_SECONDS = 300
BEGAN = "session_began"
SEEN = "session_seen"


def session_goes_on(
    session: MutableMapping[str, object], *, is_used: bool = True, now: float | None = None
) -> bool:
    """Note that a session is in use and tell whether it may go on; times are epoch seconds.

    What a page asks for by itself is no use: nobody need be sitting there.
    """
    moment = time.time() if now is None else now
    began, seen = session.get(BEGAN), session.get(SEEN)
    if not isinstance(began, float) or not isinstance(seen, float):
        session[BEGAN] = session[SEEN] = moment
        return True
    if moment - began > ABSOLUTE_SECONDS or moment - seen > IDLE_SECONDS:
        return False
    if max(began, seen) > moment + SKEW.total_seconds():
        # It began under a clock that was wrong, and nobody knows when that was.
        return False
    if is_used and moment - seen > TOUCH_SECONDS:
        session[SEEN] = moment
    return True


@transaction.atomic
def end_sessions(*, user: User, by: User | None) -> None:
    """End every session of ``user``; the caller keeps its own by update_session_auth_hash()."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    record_setting(
        subject=("user", user.pk),
        authority_id=user.authority_id,
        user=by,
        action="sessions_ended",
    )


def has_second_factor(user: User) -> bool:
    """Tell whether signing in asks this user for a code."""
    codes = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP)
    return bool(codes.exists())


def lacks_second_factor(user: User) -> bool:
    """Tell whether the authority demands a second factor of this administrator in vain."""
    if "administer" not in user.role_verbs or not user.authority.require_second_factor:
        return False
    return not has_second_factor(user)


@transaction.atomic
def remove_second_factor(*, user: User, by: User | None) -> None:
    """Let a user who lost the device sign in by password alone, and end all sessions."""
    Authenticator.objects.filter(user_id=user.pk).delete()
    end_sessions(user=user, by=by)
