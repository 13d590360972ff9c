"""What proves that a mail is ours: its Message-ID and its loop mark."""

from functools import cache

from django.conf import settings

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches, mint_message_id, read_message_id
from helpdesk.outbox.headers import wire_address

LOOP_HEADER = "X-Anliegen-Loop"
NO_SCOPE = "n"


@cache
def _key(label: str) -> bytes:
    return derive_key(settings.MASTER_KEY, label)


def new_message_id(*, scope: str, address: str) -> str:
    """Return a new Message-ID in the domain of ``address`` that proves ``scope``."""
    domain = wire_address(address).rpartition("@")[2]
    return mint_message_id(_key("message-id"), scope=scope or NO_SCOPE, domain=domain)


def thread_root(*, scope: str, address: str) -> str:
    """Return the one Message-ID to which all mails of a scope refer, though no mail has it.

    Mail programs put what has a common ancestor into one thread (RFC 5256), whichever of
    the mails they know. It can't be guessed and proves nothing.
    """
    domain = wire_address(address).rpartition("@")[2]
    return f"<an-thread.{scope}.{mac(_key('thread'), scope)}@{domain}>"


def scope_of(message_id: str) -> str | None:
    """Return the scope that a Message-ID of ours proves, or None for any other."""
    return read_message_id(_key("message-id"), message_id)


def loop_mark(authority_id: int) -> str:
    """Return the loop header's value, by which we know our own mail when it comes back."""
    return f"{authority_id}.{mac(_key('loop'), str(authority_id))}"


def is_own_loop_mark(value: str) -> bool:
    """Tell whether a loop header's value was written by this installation."""
    number, _, given = value.strip().partition(".")
    return number.isdigit() and matches(mac(_key("loop"), number), given)
