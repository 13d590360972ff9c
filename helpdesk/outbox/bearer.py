"""How a token is shown to a mail server: OAUTHBEARER (RFC 7628) and the older XOAUTH2."""

import base64
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """A SASL mechanism: its name, what is sent, and what ends a refused exchange."""

    name: str
    words: Callable[[str, str], str]
    after_refusal: str


def _bearer(user: str, token: str) -> str:
    escaped = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={escaped},\x01auth=Bearer {token}\x01\x01"


def _xoauth2(user: str, token: str) -> str:
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


# The standard first; Microsoft knows only the other.
WAYS = (Way("OAUTHBEARER", _bearer, "\x01"), Way("XOAUTH2", _xoauth2, ""))


def choose_way(offered: Collection[str]) -> Way | None:
    """Return the first of our ways that a server offers, or None."""
    return next((way for way in WAYS if way.name in offered), None)


def without_token(text: str, user: str, token: str) -> str:
    """Cut out what a talkative server repeats of the token."""
    forms = [token, *(way.words(user, token) for way in WAYS)]
    for each in (*forms, *(base64.b64encode(form.encode()).decode() for form in forms)):
        text = text.replace(each, "***")
    return text
