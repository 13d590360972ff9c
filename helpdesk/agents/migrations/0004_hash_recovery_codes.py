"""Replaces the sealed seeds of recovery codes by hashes of the codes that are left.

Whoever has old codes on paper can still sign in with each of them once.
"""

import hmac
import re
from hashlib import sha1
from typing import Any

from django.conf import settings
from django.db import migrations

from helpdesk.lib.keys import derive_key
from helpdesk.lib.secretbox import SecretUnreadableError, unseal
from helpdesk.lib.tokens import mac

COUNT = 10
DIGITS = 8


def _old_codes(seed: str) -> list[str]:
    """Return the codes as django-allauth made them from a seed."""
    chain = hmac.new(seed.encode("ascii"), digestmod=sha1)
    codes = []
    for place in range(COUNT):
        chain.update(f"{place:3},".encode())
        value = int.from_bytes(chain.digest()[: DIGITS // 2], "big") % 10**DIGITS
        codes.append(str(value).zfill(DIGITS))
    return codes


def _hash(user_id: int, code: str) -> str:
    key = derive_key(settings.MASTER_KEY, "recovery-codes")
    return mac(key, str(user_id), re.sub(r"[\s-]", "", code))


def _hashed(user_id: int, old: dict[str, Any]) -> dict[str, Any]:
    viewed = {"viewed_at": old["viewed_at"]} if old.get("viewed_at") else {}
    try:
        codes = _old_codes(unseal(old["seed"])) if viewed else []
    except SecretUnreadableError:
        # Another installation's: they never worked here, and new ones can be made.
        codes = []
    left = [code for place, code in enumerate(codes) if not old["used_mask"] & (1 << place)]
    return viewed | {"hashes": [_hash(user_id, code) for code in left]}


def hash_codes(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001 - Django's signature
    """Rewrite each row that still holds a seed."""
    authenticators = apps.get_model("mfa", "Authenticator")
    for each in authenticators.objects.filter(type="recovery_codes").iterator():
        if "seed" in each.data:
            each.data = _hashed(each.user_id, each.data)
            each.save(update_fields=["data"])


def forget_codes(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001 - Django's signature
    """Remove what older code can't read; new codes can be made at any time."""
    authenticators = apps.get_model("mfa", "Authenticator")
    authenticators.objects.filter(type="recovery_codes").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0003_api_tokens"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(hash_codes, forget_codes)]
