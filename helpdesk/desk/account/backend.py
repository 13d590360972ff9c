"""Reads who is signed in, with their authority, by a statement that is kept."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from helpdesk.agents.models import User
from helpdesk.lib.statements import ask, slot


class StaffBackend(AuthenticationBackend):  # type: ignore[misc] # allauth ships no types
    """Signs in as allauth does; each request reads the user and the authority at once."""

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session while they may sign in."""
        found = ask(_user, user=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None


def _user() -> QuerySet[User]:
    return User.objects.filter(pk=slot("user")).select_related("authority")
