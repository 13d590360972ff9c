"""Reads what a form or an address gives as the id of a row."""

LONGEST = 18


def read_id(text: str) -> int | None:
    """Return the number, or None for what no row can have: words, other scripts, too many digits.

    ``str.isdigit`` alone takes "²", which is no number, and no database takes 30 digits.
    """
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST:
        return None
    return int(text)
