"""Parts of a page that are drawn once, with marks where the request's own values go.

The composer of a request is two hundred lines of HTML of which a dozen words are the
request's. Here it is drawn with a mark in the place of each such word and kept; a page puts
its words where the marks stand. What is kept is drawn without any of them, so nothing that
one reader may see can come before another.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# So many ways in which a part can look: language, rights, day, who sends how.
KEPT = 256
# Private-use characters: no text of a template holds them, and nothing escapes them.
# An address is made for a number, so that of a request is stood for by a number. It is drawn by
# lot, once for a process: nothing that somebody named or wrote looks like it.
NUMBER = "ticket.number"
_SAMPLE = f"{secrets.randbelow(10**4):04}-{secrets.randbelow(10**9):09}"
_MARK = re.compile(f"(\ue000[a-z_.]+\ue001|{_SAMPLE})")


def draw_once(template: str, shape: Mapping[str, Hashable], words: Mapping[str, str]) -> SafeString:
    """Draw ``template`` with what shapes it and with this request's ``words``.

    ``shape`` is what a branch of the template hangs on, and must hold nothing of a person; the
    template may ask of a word only whether it is empty, and must not change it. A word's name
    may have a dot ("ticket.number"); a word that is SafeString is HTML.
    """
    said = tuple((name, bool(word)) for name, word in words.items())
    skeleton = _skeleton(template, get_language() or "", tuple(shape.items()), said)
    parts = [
        conditional_escape(words[part]) if at % 2 else part for at, part in enumerate(skeleton)
    ]
    return mark_safe("".join(parts))  # noqa: S308 - words are escaped, the rest is the template's


def drawn(template: str, context: Context) -> SafeString:
    """Draw a template with a context that a page has already."""
    whole: Any = get_template(template)
    html: SafeString = whole.template.render(context)
    return html


def flat(context: Context) -> dict[str, Any]:
    """Return all that a context holds, by name."""
    return {str(name): value for name, value in context.flatten().items()}


@lru_cache(maxsize=KEPT)
def _skeleton(
    template: str,
    _language: str,
    shape: tuple[tuple[str, Any], ...],
    said: tuple[tuple[str, bool], ...],
) -> tuple[str, ...]:
    """Return what stands between the marks and the words' names, in turns."""
    values: dict[str, Any] = dict(shape)
    for name, is_said in said:
        place, _, attribute = name.rpartition(".")
        into = values.setdefault(place, {}) if place else values
        into[attribute] = _mark_of(name) if is_said else ""
    pieces = _MARK.split(drawn(template, Context(values)))
    pieces[1::2] = [NUMBER if piece == _SAMPLE else piece[1:-1] for piece in pieces[1::2]]
    return tuple(pieces)


def _mark_of(name: str) -> str:
    return _SAMPLE if name == NUMBER else f"\ue000{name}\ue001"
