"""Reads what a form or an address gives as the id of a row."""

from helpdesk.lib.figures import is_figure


def read_id(text: str) -> int | None:
    """Return the number, or None for what no row can have: words, "²", too many digits."""
    return int(text) if is_figure(text) else None
