"""Tokens of forgotten passwords: valid for an hour, and not yet before they were made."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

from helpdesk.agents.models import User
from helpdesk.lib.leases import SKEW


class ResetTokens(PasswordResetTokenGenerator):
    """Django's own tokens, which a clock that was wrong for a while does not make last for years.

    Django asks only whether a token is too old. They end with password, address and last
    sign-in, as they do there.
    """

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Tell whether the token is the user's, no older than an hour and not of a time to come."""
        if user is None or token is None or not super().check_token(user, token):
            return False
        made = base36_to_int(token.partition("-")[0])
        return made <= self._num_seconds(self._now()) + SKEW.total_seconds()
