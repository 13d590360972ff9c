"""The same Idempotency-Key twice is one deed: the first answer is kept and replayed.

The row with the key is committed before the deed, so that a second request at the
same moment is told so. Deed and answer are committed together: a process that is
killed leaves either both or only the row, which may be taken over after a while.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.agents.models import ApiToken
from helpdesk.api.models import KeptAnswer
from helpdesk.api.problems import CONTENT_TYPE, Problem, respond
from helpdesk.lib.tokens import new_nonce

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEEP = timedelta(hours=24)
# A request takes seconds; after this its process is taken for dead.
LEASE = timedelta(seconds=60)
KEPT_HEADERS = ("ETag", "Location")
TRIES = 5

Act = Callable[[], Response]


class _ClaimLostError(Exception):
    """Somebody else has taken the key over; what was done here must not happen."""


def run_once(request: Request, act: Act, *, fingerprint: bytes) -> HttpResponse:
    """Run ``act`` in one transaction, or replay what the same key brought before.

    Refusals that ``act`` raises are kept as well; ``fingerprint`` tells whether
    the same thing is asked. Without a key it is just run.
    """
    key = _read_key(request)
    if key is None:
        with transaction.atomic():
            return act()
    assert isinstance(request.auth, ApiToken)  # noqa: S101 - demanded by every endpoint
    kept = _claim(request.auth, key, _digest(request, fingerprint))
    return _replay(kept) if kept.status else _act_and_keep(request, act, kept)


def _act_and_keep(request: Request, act: Act, kept: KeptAnswer) -> HttpResponse:
    try:
        with transaction.atomic():
            response = act()
            _keep(kept, response)
    except _ClaimLostError as error:
        raise _in_flight() from error
    except Exception as error:  # noqa: BLE001 - every outcome is kept, also a failure of ours
        response = respond(error, request.parser_context or {})
        if response.status_code == Problem("unavailable").status_code:
            KeptAnswer.objects.filter(pk=kept.pk, claim=kept.claim, status=0).delete()
        else:
            _keep_refusal(kept, response)
    return response


def _keep_refusal(kept: KeptAnswer, response: Response) -> None:
    try:
        _keep(kept, response)
    except _ClaimLostError as error:
        raise _in_flight() from error


def _read_key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem("invalid_key", f"A key has 1 to {LONGEST_KEY} printable characters.")
    return key


def _digest(request: Request, fingerprint: bytes) -> str:
    asked = f"{request.method} {request.path}\n".encode()
    return hashlib.sha256(asked + fingerprint).hexdigest()


def _claim(token: ApiToken, key: str, fingerprint: str) -> KeptAnswer:
    """Return our own claim (status 0), or the answer that is kept; raise while in flight."""
    for _ in range(TRIES):
        row = _insert(token, key, fingerprint)
        if row is not None:
            return row
        row = KeptAnswer.objects.filter(token=token, key=key).first()
        if row is None:
            continue
        now = timezone.now()
        if row.created_at < now - KEEP and (row.status or row.claimed_at < now - LEASE):
            KeptAnswer.objects.filter(pk=row.pk, claim=row.claim).delete()
            continue
        if row.fingerprint != fingerprint:
            raise Problem("key_reused", "Use a new key for a new request.")
        if row.status:
            return row
        if row.claimed_at < now - LEASE and _take_over(row):
            return row
        break
    raise _in_flight()


def _insert(token: ApiToken, key: str, fingerprint: str) -> KeptAnswer | None:
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(
                token=token,
                key=key,
                fingerprint=fingerprint,
                claim=new_nonce(),
                claimed_at=timezone.now(),
            )
    except IntegrityError:
        return None


def _take_over(row: KeptAnswer) -> bool:
    mine, now = new_nonce(), timezone.now()
    stale = KeptAnswer.objects.filter(pk=row.pk, claim=row.claim, status=0)
    if not stale.update(claim=mine, claimed_at=now):
        return False
    row.claim = mine
    return True


def _keep(kept: KeptAnswer, response: Response) -> None:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    mine = KeptAnswer.objects.filter(pk=kept.pk, claim=kept.claim, status=0)
    changed = mine.update(
        status=response.status_code,
        headers=headers,
        body=JSONRenderer().render(response.data).decode(),
    )
    if not changed:
        raise _ClaimLostError


def _replay(kept: KeptAnswer) -> HttpResponse:
    is_problem = kept.status >= 400
    response = HttpResponse(
        kept.body.encode(),
        status=kept.status,
        content_type=CONTENT_TYPE if is_problem else JSONRenderer.media_type,
        headers=kept.headers,
    )
    response["Idempotency-Replayed"] = "true"
    return response


def _in_flight() -> Problem:
    return Problem("in_flight", "Try again in a moment.", headers={"Retry-After": "1"})
