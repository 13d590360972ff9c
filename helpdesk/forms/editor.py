"""The form in which a question is written; the settings save it, the portal previews it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.forms.schema import (
    DECIDING,
    WITH_OPTIONS,
    Condition,
    Days,
    Kind,
    Option,
    Question,
    Words,
    in_language,
)

SEPARATOR = "="
MOST_OPTIONS = 40
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}


def lines(rows: int) -> forms.Textarea:
    """Return a field for one text a line."""
    return forms.Textarea(attrs={"rows": rows})


class QuestionForm(forms.Form):
    """A question with its words in both languages, its limits, and when it is asked."""

    label_de = forms.CharField(
        label=_("Question"),
        max_length=200,
        error_messages={"required": _("Write the question")},
    )
    label_en = forms.CharField(label=_("Question in English"), max_length=200, required=False)
    hint_de = forms.CharField(
        label=_("Hint"), max_length=300, required=False, help_text=_("Says what is meant.")
    )
    hint_en = forms.CharField(label=_("Hint in English"), max_length=300, required=False)
    kind = forms.ChoiceField(label=_("Answered by"), choices=Kind.choices)
    options_de = forms.CharField(
        label=_("Answers"), required=False, widget=lines(5), help_text=_("One a line.")
    )
    options_en = forms.CharField(
        label=_("Answers in English"),
        required=False,
        widget=lines(5),
        help_text=_("One a line, in the same order."),
    )
    minimum = forms.IntegerField(label=_("At least"), required=False)
    maximum = forms.IntegerField(label=_("At most"), required=False)
    days = forms.ChoiceField(
        label=_("Which days"),
        required=False,
        choices=[
            (Days.ANY, _("any day")),
            (Days.PAST, _("until today")),
            (Days.FUTURE, _("from today on")),
        ],
    )
    required = forms.BooleanField(label=_("An answer is needed"), required=False)
    only_if = forms.MultipleChoiceField(
        label=_("Ask only after these answers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: it is always asked."),
    )

    def __init__(self, *args: Any, earlier: Sequence[Question], **kwargs: Any) -> None:
        """Offer the answers of earlier questions as conditions."""
        super().__init__(*args, **kwargs)
        field = self.fields["only_if"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the declared field
        field.choices = [
            (f"{one.key}{SEPARATOR}{value}", f"{one.text('')}: {_option(one, value)}")
            for one in earlier
            if one.kind in DECIDING
            for value in one.values
        ]

    def clean(self) -> dict[str, Any]:
        """Demand answers where one chooses, and limits that leave room."""
        values = super().clean() or {}
        german = _lines(values.get("options_de", ""))
        english = _lines(values.get("options_en", ""))
        if values.get("kind") in WITH_OPTIONS:
            self._check_options(german, english)
        low, high = values.get("minimum"), values.get("maximum")
        if low is not None and high is not None and low > high:
            self.add_error("maximum", gettext("The largest value is smaller than the smallest."))
        return values

    def _check_options(self, german: list[str], english: list[str]) -> None:
        if len(german) < 2:
            self.add_error("options_de", gettext("Write at least two answers, one a line."))
        elif len(german) > MOST_OPTIONS:
            self.add_error(
                "options_de",
                gettext("At most %(limit)s answers; make two questions of it.")
                % {"limit": MOST_OPTIONS},
            )
        elif len(set(german)) < len(german):
            self.add_error("options_de", gettext("Two answers are the same."))
        if english and len(english) != len(german):
            self.add_error(
                "options_en",
                gettext("As many lines as answers, or none (now %(count)s of %(wanted)s).")
                % {"count": len(english), "wanted": len(german)},
            )

    def question(self, before: Question | None) -> Question:
        """Return the question that was filled in; one that existed keeps key and values."""
        given = self.cleaned_data
        kind = Kind(given["kind"])
        has_limits = kind in {Kind.NUMBER, Kind.TEXT, Kind.LONG_TEXT}
        return Question(
            key=before.key if before else "",
            kind=kind,
            label=_words(given["label_de"], given["label_en"]),
            hint=_words(given["hint_de"], given["hint_en"]),
            required=given["required"],
            options=_options(given, before) if kind in WITH_OPTIONS else (),
            minimum=given["minimum"] if has_limits else None,
            maximum=given["maximum"] if has_limits else None,
            days=Days(given["days"]) if kind == Kind.DATE else Days.ANY,
            only_if=_conditions(given["only_if"]),
        )


def initial_of(question: Question) -> dict[str, Any]:
    """Return what the form shows of a question."""
    return {
        "label_de": question.label.get("de", ""),
        "label_en": question.label.get("en", ""),
        "hint_de": question.hint.get("de", ""),
        "hint_en": question.hint.get("en", ""),
        "kind": question.kind,
        "options_de": "\n".join(one.label.get("de", "") for one in question.options),
        "options_en": "\n".join(filter(None, (o.label.get("en", "") for o in question.options))),
        "minimum": question.minimum,
        "maximum": question.maximum,
        "days": question.days,
        "required": question.required,
        "only_if": [
            f"{one.question}{SEPARATOR}{value}" for one in question.only_if for value in one.any_of
        ],
    }


def _option(question: Question, value: str) -> str:
    if question.kind == Kind.CONSENT:
        return gettext("agreed")
    return question.option_text(value, "")


def _words(german: str, english: str) -> Words:
    return {code: text for code, text in (("de", german), ("en", english)) if text}


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _options(given: Mapping[str, Any], before: Question | None) -> tuple[Option, ...]:
    """Return the answers; one whose words changed in its place keeps its value."""
    german, english = _lines(given["options_de"]), _lines(given["options_en"])
    old = {in_language(one.label, "de"): one.value for one in (before.options if before else ())}
    by_place = list(before.options) if before and len(before.options) == len(german) else []
    taken = {old[text] for text in german if text in old}
    made = []
    for place, text in enumerate(german):
        value = old.get(text, "")
        if not value and by_place and by_place[place].value not in taken:
            value = by_place[place].value
        value = value or _new_value(text, taken)
        taken.add(value)
        made.append(Option(value, _words(text, english[place] if english else "")))
    return tuple(made)


def _new_value(text: str, taken: set[str]) -> str:
    stem = slugify(text.casefold().translate(_UMLAUTS))
    stem, number = stem[:40] or "antwort", 2
    value = stem
    while value in taken:
        value, number = f"{stem}-{number}", number + 1
    return value


def _conditions(chosen: Sequence[str]) -> tuple[Condition, ...]:
    values: dict[str, list[str]] = {}
    for one in chosen:
        key, _separator, value = one.partition(SEPARATOR)
        values.setdefault(key, []).append(value)
    return tuple(Condition(key, tuple(found)) for key, found in values.items())
