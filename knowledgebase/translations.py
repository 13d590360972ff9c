"""Whether a translation still says what the main text says, and what has changed since.

A translation keeps the words it was made from. As long as the main text is the same, it is up
to date; what differs is shown beside it, paragraph by paragraph.
"""

from dataclasses import dataclass

from knowledgebase.diff import Line, compare
from knowledgebase.marks import to_marks
from knowledgebase.models import AnswerText

FIELDS = ("title", "summary", "body", "cost", "duration", "documents", "online_label", "online_url")


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the main text beside its translation, with what changed since."""

    field: str
    text: str
    lines: list[Line]

    @property
    def changes(self) -> int:
        """Return how many paragraphs have changed."""
        return sum(line.is_changed for line in self.lines)


def snapshot(main: AnswerText) -> dict[str, str]:
    """Return the words of the main text as a translation keeps them."""
    return {field: _value(main, field) for field in FIELDS}


def parts_of(main: AnswerText, translated: AnswerText | None) -> list[Part]:
    """Return the fields of the main text, each with what changed since it was translated."""
    kept: dict[str, str] = translated.source if translated else {}
    now = snapshot(main)
    return [
        Part(field, now[field], compare(kept[field], now[field]) if field in kept else [])
        for field in FIELDS
    ]


def changes_since(main: AnswerText | None, translated: AnswerText) -> int:
    """Return how many paragraphs of the main text have changed since it was translated."""
    if main is None or not translated.source or translated.source == snapshot(main):
        return 0
    return sum(part.changes for part in parts_of(main, translated)) or 1


def _value(text: AnswerText, field: str) -> str:
    value = str(getattr(text, field))
    return to_marks(value) if field == "body" else value
