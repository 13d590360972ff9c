"""Tells whether what stands in a form, an address or a setting is a whole number."""

# No database takes more digits than these as the key of a row.
LONGEST = 18


def is_figure(text: str, longest: int = LONGEST) -> bool:
    """Tell whether ``int`` and every database understand it: a few plain digits, nothing else.

    ``str.isdigit`` alone takes "²", which is no number, and digits without end.
    """
    return text.isascii() and text.isdigit() and len(text) <= longest
