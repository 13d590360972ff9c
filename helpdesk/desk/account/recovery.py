"""Recovery codes of the second factor: of each only a keyed hash is stored (ADR 0001).

The library can show its codes again, since it keeps what they are made from. Ours are
made in the very answer that shows them, so that no code ever lies in the database.
"""

import re
import secrets

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches

COUNT = 10
# 66 bits of chance; digits alone, since phones show a keypad for the field.
DIGITS = 20
GROUP = 5


class HashedRecoveryCodes(auth.RecoveryCodes):  # type: ignore[misc] # allauth ships no types
    """What the library knows as ``RecoveryCodes``, with hashes in place of a seed."""

    instance: Authenticator

    def __init__(self, instance: Authenticator) -> None:
        """Wrap a row; nothing of its codes can be read from it."""
        super().__init__(instance)
        self._fresh: list[str] = []

    @classmethod
    def activate(cls, user: AbstractBaseUser) -> "HashedRecoveryCodes":
        """Return the codes of ``user``; new ones are made once they are looked at."""
        instance, _ = Authenticator.objects.get_or_create(
            user_id=user.pk,
            type=Authenticator.Type.RECOVERY_CODES,
            defaults={"data": {"hashes": []}},
        )
        return cls(instance)

    @transaction.atomic
    def mark_as_viewed(self) -> None:
        """Make the codes, unless another answer has just shown some."""
        self._lock()
        if self.did_view:
            return
        self._fresh = [_new_code() for _ in range(COUNT)]
        self.instance.data["hashes"] = [
            code_hash(self.instance.user_id, code) for code in self._fresh
        ]
        super().mark_as_viewed()

    def get_unused_codes(self) -> list[str]:
        """Return the codes just made, else an empty text for each that is left."""
        return self._fresh or ["" for _ in self.instance.data["hashes"]]

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Tell whether ``code`` is one that is left, and use it up."""
        self._lock()
        given = code_hash(self.instance.user_id, code)
        hashes = self.instance.data["hashes"]
        # All are compared, so that the time does not tell where one matched.
        found = [matches(each, given) for each in hashes]
        if not any(found):
            return False
        left = [each for each, is_it in zip(hashes, found, strict=True) if not is_it]
        self.instance.data["hashes"] = left
        self.instance.save(update_fields=["data"])
        return True

    def _lock(self) -> None:
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)


def code_hash(user_id: int, code: str) -> str:
    """Return what is stored of a code: an HMAC-SHA-256 bound to its user, blanks left aside."""
    key = derive_key(settings.MASTER_KEY, "recovery-codes")
    return mac(key, str(user_id), re.sub(r"[\s-]", "", code))


def take_the_place() -> None:
    """Put our class where the library looks for its own; it has no setting for that."""
    auth.RecoveryCodes = flows.RecoveryCodes = HashedRecoveryCodes


def _new_code() -> str:
    digits = str(secrets.randbelow(10**DIGITS)).zfill(DIGITS)
    return " ".join(digits[at : at + GROUP] for at in range(0, DIGITS, GROUP))
