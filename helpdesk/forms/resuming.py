"""Keys of browsers that go on by a mailed link: they prove that its button was pressed in time.

The link itself opens nothing once its report was sent. A browser that pressed the button before
has typed along, and is shown what became of it, as the one in which the report was begun.
"""

from django.conf import settings

from helpdesk.lib.keys import derive_key
from helpdesk.lib.tokens import mac, matches

PURPOSE = "resumed-draft"


def key_of(token: str) -> str:
    """Return the key that a browser keeps when it goes on by the link with this token."""
    return f"{token}.{_proof(token)}"


def token_in(key: str) -> str:
    """Return the token of the link by which the browser with this key went on, else ""."""
    token, _, proof = key.partition(".")
    return token if proof and matches(_proof(token), proof) else ""


def _proof(token: str) -> str:
    return mac(derive_key(settings.MASTER_KEY, PURPOSE), PURPOSE, token)
