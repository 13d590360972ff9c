"""Log lines without secrets: what is in an address or an error must not lie in a log."""

import logging
import re

# The token of a status page, also where it stands inside a query; the keys of other links.
_SECRET = re.compile(
    r"((?:/|%2F)s(?:/|%2F))[^\s/%'\"?&,)]+|((?:einladung|passwort/neu)/)[^\s/'\"?&,)]+",
    re.IGNORECASE,
)
_TOKEN_VALUE = re.compile(r"('(?:token|key)': ')[^']*'")


def without_secrets(text: str) -> str:
    """Return ``text`` with dots where a secret link stood."""
    text = _SECRET.sub(lambda found: f"{found.group(1) or found.group(2)}…", text)
    return _TOKEN_VALUE.sub(r"\1…'", text)


class Formatter(logging.Formatter):
    """Writes a line, its traceback included, without secret links."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return without_secrets(super().format(record))
