"""What one session may hear at this moment."""

from dataclasses import dataclass, field
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from helpdesk.agents.models import User
from helpdesk.live.groups import groups_of
from helpdesk.tickets.rules import Scope, is_staff, scope_of


@dataclass(frozen=True, slots=True)
class Access:
    """Who is connected and which groups they may be in; two that differ end a connection.

    ``user`` carries the rights as they were read; it is never older than the last check.
    ``scope`` is what they may see.
    """

    user_id: int
    groups: frozenset[str]
    scope: Scope
    user: User = field(compare=False)


def look_up(session_key: str) -> Access | None:
    """Return what the session gives now, read from the database; None if it gives nothing.

    Ends with the session, with a changed password, with deactivation, and for citizens.
    """
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or not is_staff(user):
        return None
    return Access(user.pk, groups_of(user), scope_of(user), user)
