"""Access tokens: asked for ahead of time, by one process at a time, kept sealed (mail.md 16).

No request to the token service lies inside a transaction, nor does it hold a connection to the
database. A refresh token that is replaced (Microsoft does so each time) is written before the new
access token is used.
"""

import base64
import hashlib
import logging
import secrets
import time
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from helpdesk.lib.http import HttpError, post_form
from helpdesk.lib.leases import is_over
from helpdesk.lib.leaving import leave_database
from helpdesk.lib.secretbox import SecretUnreadableError, seal, unseal
from helpdesk.outbox.models import Grant

logger = logging.getLogger(__name__)

AHEAD = timedelta(minutes=5)
# A token that is still good for so long serves while nobody can be asked for another.
USABLE = timedelta(seconds=30)
LEASE = timedelta(seconds=30)
LOOK_SECONDS = 0.2
WAIT_SECONDS = 20.0
DEFAULT_LIFETIME = 3600
LONGEST_LIFETIME = 24 * 3600
MAX_ERROR = 300
VERIFIER_BYTES = 48
BAD_REQUEST = 400


class GrantError(Exception):
    """There is no token to be had; the text says why and holds no secret."""


def access_token(grant_id: int) -> str:
    """Return a token that is good for five minutes or more, asking for a new one if need be.

    Blocks for ten seconds at most when it asks itself, for twenty while another
    does. Raises GrantError.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        grant = _read(grant_id)
        if _is_good(grant, AHEAD):
            return _opened(grant.access_token)
        if _take_lease(grant_id):
            return _renewed(grant_id)
        if _is_good(grant, USABLE):
            return _opened(grant.access_token)
        if time.monotonic() > deadline:
            raise GrantError("another process asks for the token and gets none")
        leave_database()
        time.sleep(LOOK_SECONDS)


def forget_token(grant_id: int, token: str) -> None:
    """Drop a token that a mail server refused, so that the next try asks for another."""
    grant = Grant.objects.filter(pk=grant_id).first()
    if grant is not None and grant.access_token and _opened(grant.access_token) == token:
        Grant.objects.filter(pk=grant_id, access_token=grant.access_token).update(
            access_token="", access_until=None
        )


def new_verifier() -> str:
    """Return the secret half of a sign-in (PKCE, RFC 7636)."""
    return secrets.token_urlsafe(VERIFIER_BYTES)


def sign_in_url(grant: Grant, *, redirect_uri: str, state: str, verifier: str, hint: str) -> str:
    """Return where a person signs in and lets us use the mailbox; ``hint`` is its login."""
    digest = hashlib.sha256(verifier.encode()).digest()
    fields = {
        "response_type": "code",
        "client_id": grant.client_id,
        "redirect_uri": redirect_uri,
        "scope": grant.scope,
        "state": state,
        "login_hint": hint,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        # Google gives a refresh token only when asked like this, others do not mind.
        "access_type": "offline",
        "prompt": "consent",
    }
    # The address may have a query of its own, which stays (RFC 6749 3.1).
    joint = "&" if "?" in grant.authorize_url else "?"
    return f"{grant.authorize_url}{joint}{urlencode(fields)}"


def redeem_code(*, grant_id: int, code: str, verifier: str, redirect_uri: str) -> None:
    """Turn what a sign-in brought back into tokens and keep them; raises GrantError."""
    grant = _read(grant_id)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    said = _asked(grant, fields)
    if not said.get("refresh_token"):
        raise GrantError("the provider gave no token that lasts: allow offline access")
    _keep(grant, said)


def _read(grant_id: int) -> Grant:
    grant = Grant.objects.filter(pk=grant_id).first()
    if grant is None:
        raise GrantError("the way of signing in has been removed")
    return grant


def _is_good(grant: Grant, ahead: timedelta) -> bool:
    until = grant.access_until
    return bool(grant.access_token) and until is not None and until - timezone.now() > ahead


def _opened(sealed: str) -> str:
    try:
        return unseal(sealed)
    except SecretUnreadableError as error:
        raise GrantError("the stored secret can't be read with this key: enter it again") from error


def _take_lease(grant_id: int) -> bool:
    free = is_over("lease_until", LEASE)
    return bool(Grant.objects.filter(free, pk=grant_id).update(lease_until=Now() + LEASE))


def _renewed(grant_id: int) -> str:
    # Read again: between the look and the lease another may have replaced the tokens.
    grant = _read(grant_id)
    try:
        if _is_good(grant, AHEAD):
            return _opened(grant.access_token)
        # A sign-in meanwhile brought a newer token than the one we asked with.
        asked_with = Q(refresh_token=grant.refresh_token)
        return _keep(grant, _asked(grant, _fields(grant)), asked_with)
    except GrantError as error:
        _note_failure(grant_id, str(error))
        if _is_good(grant, USABLE):
            return _opened(grant.access_token)
        raise
    finally:
        Grant.objects.filter(pk=grant_id).update(lease_until=None)


def _fields(grant: Grant) -> dict[str, str]:
    if grant.flow == Grant.Flow.CLIENT:
        return {"grant_type": "client_credentials", "scope": grant.scope}
    if not grant.refresh_token:
        raise GrantError("nobody has signed in for this mailbox yet")
    return {
        "grant_type": "refresh_token",
        "refresh_token": _opened(grant.refresh_token),
        "scope": grant.scope,
    }


def _asked(grant: Grant, fields: dict[str, str]) -> dict[str, object]:
    """Ask the token service and return its answer; its refusals are quoted by their codes alone."""
    form = {"client_id": grant.client_id, **fields}
    if grant.client_secret:
        form["client_secret"] = _opened(grant.client_secret)
    leave_database()
    try:
        answer = post_form(grant.token_url, {name: value for name, value in form.items() if value})
        said = answer.json()
    except HttpError as error:
        raise GrantError(f"the token service: {error}") from error
    if answer.status >= BAD_REQUEST or not isinstance(said.get("access_token"), str):
        raise GrantError(f"the token service refuses: {_code(said)} ({answer.status})")
    return said


def _code(said: dict[str, object]) -> str:
    """Return the error code of RFC 6749 5.2, for people; a description may repeat what was sent."""
    code = str(said.get("error", "no reason given"))
    return "".join(char for char in code if char.isprintable())[:60]


def _keep(grant: Grant, said: dict[str, object], where: Q | None = None) -> str:
    token = str(said["access_token"])
    change: dict[str, object] = {
        "access_token": seal(token),
        "access_until": _until(said.get("expires_in")),
        "last_error": "",
        "failing_since": None,
    }
    replaced = said.get("refresh_token")
    if isinstance(replaced, str) and replaced:
        change["refresh_token"] = seal(replaced)
    with transaction.atomic():
        # What was entered meanwhile is newer than what we asked with.
        Grant.objects.filter(
            where or Q(), pk=grant.pk, client_id=grant.client_id, token_url=grant.token_url
        ).update(**change)
    return token


def _until(seconds: object) -> datetime:
    try:
        lifetime = min(max(int(str(seconds)), 0), LONGEST_LIFETIME)
    except ValueError:
        lifetime = DEFAULT_LIFETIME
    return timezone.now() + timedelta(seconds=lifetime)


def _note_failure(grant_id: int, error: str) -> None:
    logger.warning("grant %s: %s", grant_id, error)
    Grant.objects.filter(pk=grant_id).update(
        last_error=error[:MAX_ERROR], failing_since=Coalesce("failing_since", Now())
    )
