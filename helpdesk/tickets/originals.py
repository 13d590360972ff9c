"""Headers of the mail that an article came by, asked of the room above that keeps the bytes."""

import re
from collections.abc import Callable, Mapping

from helpdesk.tickets.models import Article

# Given the key of a raw mail and names of headers, returns the decoded values that are there.
Reader = Callable[[int, tuple[str, ...]], Mapping[str, str]]
# What Outlook sorts conversations by; its own answer would carry them on (mail.md 99).
PASSED_ON = ("Thread-Topic", "Thread-Index")
MAXIMUM = 300
_INDEX = re.compile(r"[A-Za-z0-9+/]{4,280}={0,2}")

_readers: list[Reader] = []


def register_original_headers(reader: Reader) -> None:
    """Ask this for the headers of a raw mail."""
    _readers[:] = [reader]


def thread_headers(article: Article | None) -> dict[str, str]:
    """Return what an answer to ``article`` passes on of its mail's headers."""
    if article is None or article.raw_message_id is None or not _readers:
        return {}
    found = _readers[0](article.raw_message_id, PASSED_ON)
    values = {name: " ".join(value.split())[:MAXIMUM] for name, value in found.items()}
    index = values.get("Thread-Index", "").replace(" ", "")
    if _INDEX.fullmatch(index):
        values["Thread-Index"] = index
    else:
        values.pop("Thread-Index", None)
    return values
