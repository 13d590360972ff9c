"""Words within a marked text that are no marks, whatever stands in them: a citizen's name, a title.

They are enclosed in two characters that no text can hold: Unicode keeps them for programs'
inner use (noncharacters, Unicode 16 23.7). Whoever reads marks takes the words out before, one sign
for each, and puts them back after.
"""

import re
from collections.abc import Mapping
from typing import Final

BEGIN, END = "\ufdd0", "\ufdd1"
# One for each different value; there are far fewer placeholders.
_SIGNS: Final = tuple(map(chr, range(0xFDD2, 0xFDF0)))
_ANY: Final = re.compile("[\ufdd0-\ufdef]")
_LITERAL: Final = re.compile(f"{BEGIN}([^{BEGIN}{END}]*){END}")


def literal(value: str) -> str:
    """Return a value as it stands in a text whose marks are still to be read."""
    return f"{BEGIN}{bare(value)}{END}" if value else ""


def bare(text: str) -> str:
    """Return a text without what encloses its literal words."""
    return _ANY.sub("", text)


def taken_out(text: str) -> tuple[str, Mapping[str, str]]:
    """Return a text with a sign in the place of each literal value, and the values by sign.

    Where there are more values than signs, the others stay as they are.
    """
    pieces = _LITERAL.split(text)
    signs = dict(zip(dict.fromkeys(pieces[1::2]), _SIGNS, strict=False))
    # What else looks like a sign was typed by somebody who plays.
    pieces[::2] = map(bare, pieces[::2])
    pieces[1::2] = [signs.get(value, value) for value in pieces[1::2]]
    return "".join(pieces), {sign: value for value, sign in signs.items()}


def put_back(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the values in the place of their signs."""
    return _ANY.sub(lambda match: values.get(match[0], ""), text) if values else text
