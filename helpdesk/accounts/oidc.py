"""Sign-in at a provider that the town names: OpenID Connect Core 1.0, authorization code with PKCE.

What a provider says is believed only as far as its signature, issuer, audience, nonce and times
hold. No request to it lies inside a transaction.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from helpdesk.accounts.models import IdentityProvider
from helpdesk.lib.http import ForbiddenAddressError, HttpError, checked, get, post_form
from helpdesk.lib.secretbox import SecretUnreadableError, seal, unseal
from helpdesk.lib.tokens import digest

# Asymmetric ones alone: "none" proves nothing, and a shared secret is no key of the provider's.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
SCOPE = "openid email profile"
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
KNOWN_FOR = 600
SECONDS = 600
LEEWAY = 60
BAD_REQUEST = 400
RANDOM_BYTES = 32
MAX_STATE = 2000


class ProviderError(Exception):
    """The provider can't be used; the text says why and holds no secret."""


class RefusedError(ProviderError):
    """What came back proves nothing: it was not begun here, or is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: where to go, and what the browser keeps sealed meanwhile."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who has signed in there: a name that never changes, and an address if it is proved."""

    issuer: str
    subject: str
    email: str
    name: str
    next: str


def discover(issuer: str) -> dict[str, str]:
    """Return the provider's addresses (OpenID Connect Discovery 1.0). Raises ProviderError."""
    name = f"oidc:{digest(issuer)}"
    known: dict[str, str] | None = cache.get(name)
    if known is not None:
        return known
    said = _fetched(issuer.rstrip("/") + WELL_KNOWN)
    found = {key: value for key in (*NEEDED, "userinfo_endpoint") if (value := said.get(key))}
    is_told = all(key in found for key in NEEDED)
    if not is_told or any(not isinstance(value, str) for value in found.values()):
        raise ProviderError("the provider does not say where one signs in")
    if found["issuer"] != issuer:
        raise ProviderError("the provider calls itself by another address than was entered")
    for key in found.keys() - {"issuer"}:
        _demand_https(found[key])
    cache.set(name, found, timeout=KNOWN_FOR)
    return found


def probe(issuer: str) -> None:
    """Ask the provider for its addresses and keys anew. Raises ProviderError."""
    cache.delete(f"oidc:{digest(issuer)}")
    _keys(discover(issuer)["jwks_uri"])


def begin(provider: IdentityProvider, *, back_url: str, next_path: str) -> Begun:
    """Return where a person signs in, with secrets of this browser alone. Raises ProviderError."""
    state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    fields = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back_url,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    address = discover(provider.issuer)["authorization_endpoint"]
    kept = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "provider": provider.pk,
        "issuer": provider.issuer,
        "next": next_path,
        "until": int(time.time()) + SECONDS,
    }
    joint = "&" if "?" in address else "?"
    return Begun(f"{address}{joint}{urlencode(fields)}", seal(json.dumps(kept)))


def finish(
    provider: IdentityProvider, *, kept: str, query: Mapping[str, str], back_url: str
) -> Person:
    """Turn what the provider sent back into a person. Raises ProviderError, RefusedError."""
    begun = _begun(provider, kept)
    given = query.get("state", "")
    if not secrets.compare_digest(given.encode(), str(begun["state"]).encode()):
        raise RefusedError("this sign-in was not begun in this browser")
    # A mix-up of two providers shows here (RFC 9207).
    if query.get("iss", provider.issuer) != provider.issuer:
        raise RefusedError("the answer comes from another provider")
    if not query.get("code"):
        raise RefusedError("the provider did not let anybody in")
    said = _redeemed(provider, query["code"], str(begun["verifier"]), back_url)
    claims = _claims(provider, str(said.get("id_token", "")), str(begun["nonce"]))
    if not claims.get("email"):
        # The proof has to come with the address: it says nothing about one from elsewhere.
        claims.pop("email_verified", None)
        claims |= _asked_further(provider, str(said.get("access_token", "")), claims["sub"])
    return _person(provider, claims, str(begun["next"]))


def _person(provider: IdentityProvider, claims: Mapping[str, Any], way: str) -> Person:
    email, name = claims.get("email"), claims.get("name")
    # Only a plain true counts: what the provider has not proved is anybody's to write.
    is_proved = claims.get("email_verified") is True and isinstance(email, str)
    return Person(
        issuer=provider.issuer,
        subject=str(claims["sub"])[:255],
        email=str(email) if is_proved else "",
        name=name if isinstance(name, str) else "",
        next=way,
    )


def _begun(provider: IdentityProvider, kept: str) -> dict[str, Any]:
    try:
        begun: dict[str, Any] = json.loads(unseal(kept[:MAX_STATE]) or "{}")
    except SecretUnreadableError as error:
        raise RefusedError("this sign-in was not begun in this browser") from error
    is_ours = (begun.get("provider"), begun.get("issuer")) == (provider.pk, provider.issuer)
    if not is_ours or begun["until"] < time.time():
        raise RefusedError("this sign-in was not begun here, or too long ago")
    return begun


def _redeemed(
    provider: IdentityProvider, code: str, verifier: str, back_url: str
) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back_url,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    try:
        secret = unseal(provider.client_secret)
        form = fields | ({"client_secret": secret} if secret else {})
        answer = post_form(discover(provider.issuer)["token_endpoint"], form)
        said = answer.json()
    except SecretUnreadableError as error:
        raise ProviderError("the stored secret can't be read with this key") from error
    except HttpError as error:
        raise ProviderError(f"the provider: {error}") from error
    if answer.status >= BAD_REQUEST:
        raise RefusedError(f"the provider refuses the sign-in ({answer.status})")
    return said


def _claims(provider: IdentityProvider, token: str, nonce: str) -> dict[str, Any]:
    """Return what a signed token says (OpenID Connect Core 3.1.3.7)."""
    wanted = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        read = jwt.decode(token, _keys(discover(provider.issuer)["jwks_uri"]), list(ALGORITHMS))
        wanted.validate(read.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise RefusedError("the provider's token proves nothing") from error
    claims: dict[str, Any] = dict(read.claims)
    # A token for several has to name the one that it was given to.
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1:
        claims.setdefault("azp", "")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise RefusedError("the provider's token is for somebody else")
    if not isinstance(claims["sub"], str):
        raise RefusedError("the provider's token names nobody")
    return claims


def _asked_further(provider: IdentityProvider, token: str, subject: str) -> dict[str, Any]:
    """Ask for an address that the token does not hold (Core 5.3); it must be the same person's."""
    address = discover(provider.issuer).get("userinfo_endpoint")
    if not address or not token:
        return {}
    said = _fetched(address, {"Authorization": f"Bearer {token}"})
    if said.get("sub") != subject:
        raise RefusedError("the provider speaks of somebody else")
    return {key: said[key] for key in ("email", "email_verified", "name") if key in said}


def _keys(address: str) -> KeySet:
    try:
        return KeySet.import_key_set(_fetched(address))  # type: ignore[arg-type] # its form is checked there
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderError("the provider's keys can't be read") from error


def _fetched(address: str, head: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = get(address, headers=head)
        if answer.status >= BAD_REQUEST:
            raise ProviderError(f"the provider answers with {answer.status}")
        return answer.json()
    except HttpError as error:
        raise ProviderError(f"the provider: {error}") from error


def _demand_https(address: str) -> None:
    try:
        checked(address)
    except ForbiddenAddressError as error:
        raise ProviderError(f"the provider: {error}") from error
