"""How often a password may be tried, so that stuffing fails and owners still get in.

Strangers share one bucket per account, and a smaller one per account and
address. A device that has signed in to the account before carries a signed
cookie and has a bucket of its own, which strangers can't empty (quality.md 43).
"""

import hmac
from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, new_nonce

APP = "allauth.account"
COOKIE_DAYS = 180
# Names of rates in the setting ACCOUNT_RATE_LIMITS.
STRANGERS_OF_ACCOUNT = "sign_in_account"
STRANGERS_OF_PLACE = "sign_in_place"
KNOWN_DEVICE = "sign_in_device"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A rate and what it counts."""

    action: str
    key: str


class TooManyTriesError(Exception):
    """The password may not even be looked at now."""


def _cookie_name() -> str:
    return "__Host-device" if settings.SECURE else "device"


def _proof(login: str, nonce: str) -> str:
    return mac(derive_key(settings.MASTER_KEY, "known-device"), login, nonce)


def known_device(request: HttpRequest, login: str) -> str:
    """Return the device's nonce if it has signed in to this account before, else ""."""
    nonce, _, proof = request.COOKIES.get(_cookie_name(), "").partition(".")
    genuine = hmac.compare_digest(_proof(login, nonce).encode(), proof.encode())
    return nonce if nonce and genuine else ""


def remember_device(request: HttpRequest, response: HttpResponse, login: str) -> None:
    """Let this device try again even while strangers are locked out."""
    if known_device(request, login):
        return
    nonce = new_nonce()
    response.set_cookie(
        _cookie_name(),
        f"{nonce}.{_proof(login, nonce)}",
        max_age=COOKIE_DAYS * 24 * 3600,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def buckets(request: HttpRequest, login: str, address: str) -> tuple[Bucket, ...]:
    """Return what one try to sign in counts for."""
    nonce = known_device(request, login)
    if nonce:
        return (Bucket(KNOWN_DEVICE, f"{login}:{nonce}"),)
    return (
        Bucket(STRANGERS_OF_PLACE, f"{login}:{address}"),
        Bucket(STRANGERS_OF_ACCOUNT, login),
    )


def consume(request: HttpRequest, wanted: tuple[Bucket, ...]) -> ratelimit.RateLimitUsage:
    """Count one try; raises TooManyTriesError. The usage can be rolled back after success."""
    used = ratelimit.RateLimitUsage(usage=[])
    for bucket in wanted:
        usage = ratelimit.consume(request, app=APP, action=bucket.action, key=bucket.key)
        if usage is None:
            raise TooManyTriesError
        used.usage.extend(usage.usage)
    return used


def clear(request: HttpRequest, wanted: tuple[Bucket, ...]) -> None:
    """Forget the tries, after the owner has proved to be one by mail."""
    for bucket in wanted:
        ratelimit.clear(request, app=APP, action=bucket.action, key=bucket.key)
