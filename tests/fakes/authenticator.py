"""A device that makes and uses passkeys, as a browser hands on its answers; keys stay in memory."""

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT_AND_VERIFIED = 0x05
WITH_KEY = 0x40


@dataclass
class FakeAuthenticator:
    """One device with one key; ``origin`` is what the browser says about where it is."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    identity: bytes = b"a key of sixteen"
    count: int = 0
    flags: int = PRESENT_AND_VERIFIED

    def make(self, options: str) -> str:
        """Return the answer to a question for a new key."""
        asked = json.loads(options)
        public = ES256.from_cryptography_key(self.key.public_key())
        kept = AttestedCredentialData.create(b"\0" * 16, self.identity, public)
        data = AuthenticatorData.create(
            sha256(asked["rp"]["id"].encode()),
            AuthenticatorData.FLAG(self.flags | WITH_KEY),
            self.count,
            kept,
        )
        made = AttestationObject.create("none", data, {})
        said = self._said("webauthn.create", asked["challenge"])
        return self._answer(clientDataJSON=said, attestationObject=bytes(made))

    def sign(self, options: str) -> str:
        """Return the answer to a question for a known key."""
        asked = json.loads(options)
        self.count += 1
        data = AuthenticatorData.create(
            sha256(asked["rpId"].encode()), AuthenticatorData.FLAG(self.flags), self.count
        )
        said = self._said("webauthn.get", asked["challenge"])
        signature = self.key.sign(bytes(data) + sha256(said), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=said, authenticatorData=bytes(data), signature=signature)

    def _said(self, what: str, challenge: str) -> bytes:
        said = {"type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.identity)
        parts: dict[str, Any] = {key: websafe_encode(value) for key, value in response.items()}
        answer = {"id": name, "rawId": name, "type": "public-key", "response": parts}
        return json.dumps(answer | {"clientExtensionResults": {}})
