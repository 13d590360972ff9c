"""How an index tells apart a word, a word of the heading, and a key that nobody can type."""

from typing import Final

from helpdesk.search.backend import Prepared

HEADING: Final = "h:"
NOTED: Final = "n:"
LANGUAGE: Final = "language:"
# No term of a text holds a sign of equation.
_KEY: Final = "="


def key_of(key: str) -> str:
    """Return the term of a key."""
    return _KEY + key


def kind_of(kind: str) -> str:
    """Return the term of a kind."""
    return f"{_KEY}kind:{kind}"


def heads_of(one: Prepared) -> set[str]:
    """Return the marked terms of the heading and of what is noted beside it."""
    heading = {HEADING + term for term in one.terms.heading}
    return heading | {NOTED + term for term in one.terms.noted}


def terms_of(one: Prepared) -> set[str]:
    """Return everything by which an index finds the document."""
    found = one.document
    keys = {key_of(key) for key in found.keys}
    keys |= {kind_of(found.kind), key_of(LANGUAGE + found.language)}
    return {*one.terms.all, *keys, key_of(f"authority:{found.authority_id}")}
