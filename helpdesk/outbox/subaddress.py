"""Signed tags behind the plus of an address of ours: where replies and bounces go (mail.md 61, 85).

``amt+rt17…@town`` proves that somebody was given the reply address of ticket 17;
``amt+b5x…@town`` ties a bounce to one message of the outbox, whatever of it the
report returns (VERP). Letters and digits only and no case, since mail programs
and servers change both; never longer than a local part may be (RFC 5321 4.5.3.1.1).
Whether a server delivers such addresses (RFC 5233) each sender says for itself.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from django.conf import settings

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches
from helpdesk.outbox.headers import MAXIMUM_ADDRESS, MAXIMUM_LOCAL

# 80 bits: a guess costs a mail, and nothing tells whether it was right.
MAC_SIGNS = 16
_TAG = re.compile(rf"\+([rb])([a-z0-9]{{1,24}})([a-z2-7]{{{MAC_SIGNS}}})@", re.IGNORECASE)
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Purpose(StrEnum):
    """What mail to a tagged address is: an answer, or the return of what we sent."""

    REPLY = "r"
    BOUNCE = "b"


@cache
def _key() -> bytes:
    return derive_key(settings.MASTER_KEY, "subaddress")


def _mac(purpose: Purpose, scope: str) -> str:
    return mac(_key(), purpose, scope)[:MAC_SIGNS]


def reply_address(address: str, scope: str) -> str:
    """Return ``address`` with the tag that proves ``scope``, such as "t17" for ticket 17.

    An address that would become too long, or has a tag already, is returned as it is.
    """
    return _tagged(address, Purpose.REPLY, scope)


def bounce_address(address: str, message_id: int) -> str:
    """Return ``address`` with the tag that names one outgoing message by its row's id.

    An address that would become too long, or has a tag already, is returned as it is.
    """
    return _tagged(address, Purpose.BOUNCE, _to_base36(message_id))


def read_reply_scope(addresses: Iterable[str]) -> str | None:
    """Return the scope that the first genuine reply tag among ``addresses`` proves."""
    return _first(addresses, Purpose.REPLY)


def read_bounced_message(addresses: Iterable[str]) -> int | None:
    """Return the id of the outgoing message that the first genuine bounce tag names."""
    found = _first(addresses, Purpose.BOUNCE)
    return None if found is None else int(found, 36)


def without_tag(address: str) -> str:
    """Return ``local+tag@domain`` without its tag (RFC 5233), whoever wrote that."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def _tagged(address: str, purpose: Purpose, scope: str) -> str:
    local, at, domain = address.rpartition("@")
    tagged = f"{local}+{purpose}{scope}{_mac(purpose, scope)}"
    if not at or "+" in local or local.startswith('"') or len(tagged.encode()) > MAXIMUM_LOCAL:
        return address
    whole = f"{tagged}@{domain}"
    return whole if len(whole.encode()) <= MAXIMUM_ADDRESS else address


def _first(addresses: Iterable[str], purpose: Purpose) -> str | None:
    for address in addresses:
        tag = _TAG.search(address[-MAXIMUM_ADDRESS:])
        if tag is None:
            continue
        kind, scope, given = (part.lower() for part in tag.groups())
        if kind == purpose and matches(_mac(purpose, scope), given):
            return scope
    return None


def _to_base36(number: int) -> str:
    signs = ""
    while number:
        number, rest = divmod(number, len(_SIGNS))
        signs = _SIGNS[rest] + signs
    return signs or _SIGNS[0]
