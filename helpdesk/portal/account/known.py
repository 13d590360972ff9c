"""Browsers in which an address was proved before: they ask for mails on a count of their own.

A signed cookie holds one random name of the browser and a proof for each address; no address can
be read from it, and it opens nothing (docs/adr/0122).
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse_lazy

from helpdesk.lib.addresses import normalise
from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches, new_nonce
from helpdesk.notifications.portal_mails import Asker

LASTS = timedelta(days=365)
# Of several people who share a browser those who came last.
MOST_PROOFS = 8
# Read by the pages of accounts alone: all others lie in caches.
PATH = reverse_lazy("portal:account")
SIGNS = re.compile(r"[a-z2-7]{10,40}")


def _name() -> str:
    return "__Secure-known" if settings.SECURE else "known"


@cache
def _key() -> bytes:
    return derive_key(settings.MASTER_KEY, "known-browser")


def _proof(nonce: str, email: str) -> str:
    return mac(_key(), "known-browser", nonce, normalise(email))


def known_asker(request: HttpRequest, email: str) -> Asker | None:
    """Return this browser if ``email`` was proved in it before, else None."""
    nonce, *proofs = request.COOKIES.get(_name(), "").split(".")
    expected = _proof(nonce, email)
    is_known = any(matches(expected, proof) for proof in proofs[:MOST_PROOFS])
    return Asker(nonce, is_known=True) if nonce and is_known else None


def remember_browser(
    request: HttpRequest, response: HttpResponseBase, emails: Iterable[str]
) -> None:
    """Remember that whoever reads the mail of these addresses was here."""
    nonce, *before = request.COOKIES.get(_name(), "").split(".")
    nonce = nonce if SIGNS.fullmatch(nonce) else new_nonce()
    proofs = [_proof(nonce, email) for email in emails]
    others = [proof for proof in before if SIGNS.fullmatch(proof) and proof not in proofs]
    response.set_cookie(
        _name(),
        ".".join([nonce, *proofs, *others][: MOST_PROOFS + 1]),
        max_age=LASTS,
        path=str(PATH),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_browser(response: HttpResponseBase) -> None:
    """Forget all of it, for somebody who wants to have been nobody here."""
    response.delete_cookie(_name(), path=str(PATH), samesite="Lax")
