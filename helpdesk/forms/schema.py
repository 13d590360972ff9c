"""What a question is: its kinds, its words in the product's languages, when it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DEFAULT_LANGUAGE = "de"


class Kind(TextChoices):
    """How a question is answered."""

    TEXT = "text", _("short text")
    LONG_TEXT = "long_text", _("long text")
    NUMBER = "number", _("number")
    DATE = "date", _("date")
    CHOICE = "choice", _("one of several answers")
    CHOICES = "choices", _("several answers")
    FILE = "file", _("file")
    CONSENT = "consent", _("consent")


class Days(StrEnum):
    """Which days a date may be."""

    ANY = ""
    PAST = "past"
    FUTURE = "future"


WITH_OPTIONS = frozenset({Kind.CHOICE, Kind.CHOICES})
# What may decide whether a later question is asked.
DECIDING = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.CONSENT})
LONGEST = {Kind.TEXT: 200, Kind.LONG_TEXT: 5000}
# The one answer that a consent can give.
GIVEN = "yes"

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from; ``value`` is what is stored and stays."""

    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Condition:
    """Ask only if an earlier question was answered with one of these values."""

    question: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; asked when all its conditions hold."""

    key: str
    kind: Kind
    label: Words
    hint: Words = field(default_factory=dict)
    required: bool = True
    options: tuple[Option, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    days: Days = Days.ANY
    only_if: tuple[Condition, ...] = ()

    def text(self, language: str) -> str:
        """Return the question in a language, else in the first one."""
        return in_language(self.label, language)

    def explanation(self, language: str) -> str:
        """Return the hint in a language, else in the first one."""
        return in_language(self.hint, language)

    def option_text(self, value: str, language: str) -> str:
        """Return the words of an answer; a value that no longer exists stands for itself."""
        found = next((option for option in self.options if option.value == value), None)
        return in_language(found.label, language) if found else value

    @property
    def longest(self) -> int:
        """Return how many characters a text may have."""
        return self.maximum or LONGEST.get(self.kind, LONGEST[Kind.TEXT])

    @property
    def values(self) -> tuple[str, ...]:
        """Return the values an answer may be chosen from."""
        return (GIVEN,) if self.kind == Kind.CONSENT else tuple(one.value for one in self.options)


def in_language(words: Words, language: str) -> str:
    """Return the words in a language, else in German, else in whatever there is."""
    return (
        words.get(language[:2])
        or words.get(DEFAULT_LANGUAGE)
        or next((text for text in words.values() if text), "")
    )


def read_schema(stored: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Return the questions that an edition holds."""
    return tuple(_read_question(one) for one in stored)


def write_schema(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the questions as an edition holds them."""
    return [_write_question(one) for one in questions]


def _read_question(stored: Mapping[str, Any]) -> Question:
    return Question(
        key=stored["key"],
        kind=Kind(stored["kind"]),
        label=stored["label"],
        hint=stored.get("hint", {}),
        required=stored.get("required", True),
        options=tuple(Option(one["value"], one["label"]) for one in stored.get("options", ())),
        minimum=stored.get("minimum"),
        maximum=stored.get("maximum"),
        days=Days(stored.get("days", "")),
        only_if=tuple(
            Condition(one["question"], tuple(one["any_of"])) for one in stored.get("only_if", ())
        ),
    )


def _write_question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "kind": question.kind.value,
        "label": dict(question.label),
        "hint": dict(question.hint),
        "required": question.required,
        "options": [{"value": one.value, "label": dict(one.label)} for one in question.options],
        "minimum": question.minimum,
        "maximum": question.maximum,
        "days": question.days.value,
        "only_if": [
            {"question": one.question, "any_of": list(one.any_of)} for one in question.only_if
        ],
    }
