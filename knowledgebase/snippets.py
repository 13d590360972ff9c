"""Shared texts in answers: ``{{ gebuehr-pass }}`` stands for words that are kept in one place.

Body, cost, duration and documents may name them; title, summary and the internal block do not.
What is put in passes the one sanitiser again with the body around it, and is not read for further
names: there is no recursion.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from html import escape

from helpdesk.lib.html import html_to_text, sanitise_knowledge
from knowledgebase.body import words_of
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.models import AnswerText, AnswerVersion, SnippetText

PLAIN_FIELDS = ("cost", "duration", "documents")
FIELDS = ("body", *PLAIN_FIELDS)
NAME = r"[a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,9}"
_REFERENCE = re.compile(rf"\{{\{{[ \u00a0]?({NAME})[ \u00a0]?\}}\}}")
_ALONE = re.compile(rf"<p>\s*{_REFERENCE.pattern}\s*</p>")
_TAG = re.compile(r"(<[^>]*>)")
_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)
# Name → HTML, in one language.
Pieces = Mapping[str, str]


def names_in(text: AnswerText) -> frozenset[str]:
    """Return the names that a text names."""
    return frozenset().union(*(names_of(getattr(text, field)) for field in FIELDS))


def names_of(words: str) -> frozenset[str]:
    """Return the names in a piece of text or HTML."""
    if "{{" not in words:
        return frozenset()
    return frozenset(match[1] for match in _REFERENCE.finditer(_TAG.sub("\0", words)))


def is_inline(html: str) -> bool:
    """Tell whether a shared text is one paragraph, so that it can stand within a sentence."""
    return _PARAGRAPH.fullmatch(html.strip()) is not None


def named_in_sentences(html: str) -> frozenset[str]:
    """Return the names that do not have a paragraph of their own."""
    return names_of(_ALONE.sub("", html))


def filled(text: AnswerText, authority_id: int) -> AnswerText:
    """Return a copy of a text with its shared texts in their places; itself if it names none."""
    return filled_all([text], authority_id)[0]


def filled_all(texts: Sequence[AnswerText], authority_id: int) -> list[AnswerText]:
    """Return copies of one town's texts with the shared texts of today; one query at most."""
    named = {name for text in texts for name in names_in(text)}
    if not named:
        return list(texts)
    pieces = pieces_of(authority_id, named)
    return [fill(text, pieces[text.language]) for text in texts]


def filled_bodies(bodies: Sequence[tuple[str, str]], authority_id: int) -> list[str]:
    """Return one town's bodies (language, HTML) with the shared texts of today in them.

    One query at most, none where no body names any.
    """
    named = {name for _language, html in bodies for name in names_of(html)}
    if not named:
        return [html for _language, html in bodies]
    pieces = pieces_of(authority_id, named)
    return [
        _in_html(html, pieces[language]) if names_of(html) else html for language, html in bodies
    ]


def filled_as_published(text: AnswerText, version: AnswerVersion) -> AnswerText:
    """Return a copy of a text of a version with the shared texts as they were then, cleaned."""
    made = fill(text, version.snippets.get(text.language, {}))
    if made is not text:
        made.body = sanitise_knowledge(made.body)
    return made


def pieces_of(authority_id: int, names: Collection[str]) -> Mapping[str, dict[str, str]]:
    """Return language → name → HTML; plain German takes the German where it has none."""
    rows = SnippetText.objects.filter(
        snippet__authority_id=authority_id, snippet__name__in=names
    ).exclude(body="")
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for language, name, body in rows.values_list("language", "snippet__name", "body"):
        found[language][name] = body
    german = found[KnowledgeLanguage.GERMAN]
    found[KnowledgeLanguage.SIMPLE] = german | found[KnowledgeLanguage.SIMPLE]
    return found


def fill(text: AnswerText, pieces: Pieces) -> AnswerText:
    """Return a copy of ``text`` with what ``pieces`` has; the rest stays as it is written."""
    if not names_in(text):
        return text
    made = copy(text)
    made.body = _in_html(text.body, pieces)
    for field in PLAIN_FIELDS:
        between = "\n" if field == "documents" else " "
        setattr(made, field, _in_words(getattr(text, field), pieces, between))
    return made


def _in_html(html: str, pieces: Pieces) -> str:
    """Put pieces into a kept body: alone in a paragraph as they are, else within the sentence."""
    blocks = _ALONE.sub(lambda match: pieces.get(match[1], match[0]), html)
    # Never within a tag: in an address nothing is put in.
    parts = _TAG.split(blocks) if "{{" in blocks else [blocks]
    return "".join(
        part if part.startswith("<") else _REFERENCE.sub(_sentence(pieces), part) for part in parts
    )


def _sentence(pieces: Pieces) -> Callable[[re.Match[str]], str]:
    def within(match: re.Match[str]) -> str:
        piece = pieces.get(match[1])
        if piece is None:
            return match[0]
        one = _PARAGRAPH.fullmatch(piece.strip())
        return one[1] if one else escape(words_of(piece), quote=False)

    return within


def _in_words(words: str, pieces: Pieces, between: str) -> str:
    def plain(match: re.Match[str]) -> str:
        piece = pieces.get(match[1])
        if piece is None:
            return match[0]
        lines = (line.removeprefix("- ").strip() for line in html_to_text(piece).splitlines())
        return between.join(line for line in lines if line)

    return _REFERENCE.sub(plain, words)
