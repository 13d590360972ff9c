"""Passkeys (WebAuthn Level 2): what the browser is asked, and whether its answer proves a key.

The one file that names the library. Nothing is stored between question and answer: the page
carries the challenge with our seal, which is good for half an hour, for one purpose and once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from fido2.cose import UnsupportedKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import digest, mac

ADD: Final = "add-passkey"
SIGN_IN: Final = "sign-in-passkey"
SECONDS = 30 * 60
LONGEST_ANSWER = 20_000


class PasskeyError(Exception):
    """The answer proves nothing."""


class TooLateError(PasskeyError):
    """The question is too old, or was answered before."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passkey is good: the address of the portal, and what the town is called."""

    origin: str
    name: str

    @property
    def host(self) -> str:
        """Return what browsers bind a key to."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked, as JSON, and our sealed note of it."""

    options: str
    seal: str


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name, as it is kept."""

    credential_id: str
    public_key: bytes
    count: int


def ask_for_new(place: Place, *, account_id: int, known: list[bytes]) -> Question:
    """Return the question by which a device makes a key; it makes no second one."""
    user = PublicKeyCredentialUserEntity(
        id=_handle(account_id), name=place.name, display_name=place.name
    )
    options, state = _server(place).register_begin(
        user,
        credentials=[AttestedCredentialData(each) for each in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _question(options, state, f"{ADD}:{account_id}")


def read_new(place: Place, *, account_id: int, seal: str, answer: str) -> Key:
    """Return the key that a device made. Raises PasskeyError, TooLateError."""
    state = _opened(seal, f"{ADD}:{account_id}")
    try:
        made = _server(place).register_complete(state, _parsed(answer))
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise PasskeyError from error
    found = made.credential_data
    if found is None or isinstance(found.public_key, UnsupportedKey):
        raise PasskeyError
    return Key(websafe_encode(found.credential_id), bytes(found), made.counter)


def ask_for_known(place: Place) -> Question:
    """Return the question by which somebody signs in; the device knows which keys are for us."""
    options, state = _server(place).authenticate_begin(
        user_verification=UserVerificationRequirement.PREFERRED
    )
    return _question(options, state, SIGN_IN)


def named_in(answer: str) -> str:
    """Return the name of the key with which an answer says it is signed. Raises PasskeyError."""
    found = _parsed(answer).get("id", "")
    if not isinstance(found, str):
        raise PasskeyError
    return found


def check_known(place: Place, *, key: Key, seal: str, answer: str) -> int:
    """Check that an answer is signed with the key; return how often it says it was used.

    Raises PasskeyError, also where the count shows that there is a copy of the key, and
    TooLateError.
    """
    state = _opened(seal, SIGN_IN)
    given = _parsed(answer)
    try:
        known = AttestedCredentialData(key.public_key)
        _server(place).authenticate_complete(state, [known], given)
        count = AuthenticationResponse.from_dict(given).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise PasskeyError from error
    if key.count and count <= key.count:
        raise PasskeyError
    return count


def _server(place: Place) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=place.host, name=place.name)
    return Fido2Server(entity, verify_origin=lambda origin: origin == place.origin)


def _handle(account_id: int) -> bytes:
    """Return what names an account to a device, and tells it nothing."""
    key = derive_key(settings.MASTER_KEY, "passkey-handle")
    return mac(key, "passkey-handle", str(account_id)).encode()


def _question(options: Any, state: Mapping[str, Any], purpose: str) -> Question:  # noqa: ANN401 - one of two kinds of the library
    kept = {name: str(value or "") for name, value in state.items()}
    return Question(
        json.dumps(dict(options)["publicKey"]), signing.dumps(kept, salt=purpose, compress=True)
    )


def _opened(seal: str, purpose: str) -> dict[str, str]:
    try:
        state: dict[str, str] = signing.loads(seal, salt=purpose, max_age=SECONDS)
    except signing.BadSignature as error:
        raise TooLateError from error
    if not cache.add(f"passkey:{digest(state['challenge'])}", 1, timeout=2 * SECONDS):
        raise TooLateError
    return state


def _parsed(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError) as error:
        raise PasskeyError from error
    if not isinstance(found, dict):
        raise PasskeyError
    return found
