"""What mail programs of many languages put before the subject of a mail that is passed on."""

import re

FORWARD_PREFIXES = (
    "wg", "fwd", "fw", "tr", "rv", "vs", "enc", "i", "doorst", "fs", "vb", "pd", "ilt", "i̇lt",
    "πρθ", "trs", "továbbítás", "prosl", "转发", "轉寄", "전달", "вс", "пд", "hl", "itt", "fyi",
)  # fmt: skip
_WORDS = "|".join(map(re.escape, FORWARD_PREFIXES))
_FORWARDED = re.compile(
    rf"\s*(?:{_WORDS})(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s?[:\uff1a]", re.IGNORECASE
)


def is_forwarded(subject: str) -> bool:
    """Tell whether a subject begins as that of a mail passed on does."""
    return bool(_FORWARDED.match(subject))
