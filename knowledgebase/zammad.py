"""Reads answers as Zammad's interface hands them out; knows Zammad's tables and nothing of ours.

Zammad has no export of its knowledge base; its interface answers ``GET
/api/v1/knowledge_bases/…/answers/…?full=1&include_contents=…`` with everything about one answer
below ``assets``, by table and key (Zammad API documentation, "Knowledge Base", "Answers"). One such
reply, a list of several, or their tables put together are read. Whatever is not as it should be
is as if it were not there.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Row = Mapping[str, object]
Tables = Mapping[str, Mapping[str, Row]]
ANSWER = "KnowledgeBaseAnswer"
TRANSLATION = f"{ANSWER}Translation"
CONTENT = f"{TRANSLATION}Content"
SECTION_TRANSLATION = "KnowledgeBaseCategoryTranslation"
LOCALE = "KnowledgeBaseLocale"
SYSTEM_LOCALE = "Locale"
# Words that stand in every text of one language and in none of the other.
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|nicht|Sie|Ihre?n?|für|mit)\b", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(?:the|and|is|not|you|your|for|with|of|to)\b", re.IGNORECASE)


class NotZammadError(ValueError):
    """What was read is nothing that Zammad's interface hands out."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of Zammad in one language; ``language`` is ours, "" where it is neither of both."""

    key: str
    title: str
    body: str
    section: str
    language: str
    is_public: bool
    is_internal: bool
    is_archived: bool
    has_files: bool


def answers_in(content: str) -> Iterator[Found]:
    """Yield the answers, one a language, in the order of their keys; raises NotZammadError."""
    tables = _tables(content)
    answers, contents = tables.get(ANSWER, {}), dict(tables.get(CONTENT, {}))
    for key, row in sorted(
        tables.get(TRANSLATION, {}).items(), key=lambda one: (len(one[0]), one[0])
    ):
        # Each text has words of its own: naming some often makes no large file of a small one.
        content_row = contents.pop(_key(row, "content_id"), {})
        answer = answers.get(_key(row, "answer_id"), {})
        body = _text(content_row, "body")
        yield Found(
            key=_whole(key),
            title=_text(row, "title"),
            body=body,
            section=_section(tables, _key(answer, "category_id"), _key(row, "kb_locale_id")),
            language=_language(tables, row, body),
            is_public=bool(answer.get("published_at")),
            is_internal=bool(answer.get("internal_at")),
            is_archived=bool(answer.get("archived_at")),
            has_files=bool(answer.get("attachments") or content_row.get("attachments")),
        )


def _tables(content: str) -> Tables:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotZammadError from error
    tables: dict[str, dict[str, Row]] = defaultdict(dict)
    for reply in found if isinstance(found, list) else [found]:
        assets = reply.get("assets", reply) if isinstance(reply, dict) else None
        for name, rows in assets.items() if isinstance(assets, dict) else ():
            if isinstance(rows, dict):
                tables[name] |= {key: row for key, row in rows.items() if isinstance(row, dict)}
    if not tables.get(TRANSLATION):
        raise NotZammadError
    return tables


def _key(row: Row, column: str) -> str:
    value = row.get(column)
    return str(value) if isinstance(value, int | str) else ""


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return _whole(value).strip() if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """Return a text without what no database takes: JSON may write NUL and half a pair (UTF-16)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _section(tables: Tables, category: str, locale: str) -> str:
    """Return what a category is called, in the language of the answer if it has a name there."""
    rows = [
        row
        for row in tables.get(SECTION_TRANSLATION, {}).values()
        if category and _key(row, "category_id") == category
    ]
    rows.sort(key=lambda row: _key(row, "kb_locale_id") != locale)
    return _text(rows[0], "title") if rows else ""


def _language(tables: Tables, row: Row, body: str) -> str:
    """Return "de" or "en": by the locale where the reply names it, else by the words."""
    locale = tables.get(LOCALE, {}).get(_key(row, "kb_locale_id"), {})
    system = tables.get(SYSTEM_LOCALE, {}).get(_key(locale, "system_locale_id"), {})
    named = _text(system, "locale")[:2].lower()
    if named:
        return named if named in {"de", "en"} else ""
    words = f"{_text(row, 'title')} {body}"
    german, english = (len(pattern.findall(words)) for pattern in (_GERMAN, _ENGLISH))
    return "en" if english > german else "de"
