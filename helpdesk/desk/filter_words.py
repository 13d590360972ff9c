"""Filters in words: what one looks at, and what it does."""

from collections.abc import Iterable
from typing import Protocol

from django.utils.translation import gettext

from channels_in.filters.fields import FIELDS
from channels_in.filters.screening import ACTIONS
from channels_in.models import MailFilter
from helpdesk.desk.forms.filters import OPERATOR_WORDS
from helpdesk.lib.conditions import NUMBER, OPERATORS


class Row(Protocol):
    """A condition, stored or compiled."""

    @property
    def field(self) -> str:
        """Return the name of the field."""

    @property
    def header(self) -> str:
        """Return the header's name, if the field is one."""

    @property
    def operator(self) -> str:
        """Return the name of the operator."""

    @property
    def value(self) -> str:
        """Return what is compared with."""


def row_words(row: Row) -> str:
    """Return a condition as a person says it: Subject contains “…”."""
    field = FIELDS.get(row.field)
    label = str(field.label) if field else row.field
    if row.field == "header":
        label = f"{label} {row.header}"
    operator = OPERATOR_WORDS.get(row.operator, row.operator)
    if row.operator in OPERATORS and not OPERATORS[row.operator].takes_value:
        return f"{label} {operator}"
    return f"{label} {operator} {_value_words(row)}"


def _value_words(row: Row) -> str:
    field = FIELDS.get(row.field)
    chosen = dict(field.choices).get(row.value) if field else None
    if chosen:
        return str(chosen)
    return row.value if row.operator in NUMBER else gettext("“%(value)s”") % {"value": row.value}


def condition_words(rows: Iterable[Row]) -> list[str]:
    """Return the conditions of a filter in words."""
    return [row_words(row) for row in rows]


def action_words(stored: MailFilter) -> list[str]:
    """Return what a filter does, in words."""
    words = {
        "team": lambda: gettext("to team %(name)s") % {"name": stored.team},
        "category": lambda: gettext("topic %(name)s") % {"name": stored.category},
        "priority": lambda: gettext("priority %(name)s") % {"name": stored.get_priority_display()},
        "tags": lambda: gettext("tags %(names)s") % {"names": stored.tags.replace(",", ", ")},
        "requester": lambda: gettext("citizen from Reply-To"),
        "no_receipt": lambda: gettext("no receipt"),
        "spam": stored.get_verdict_display,
        "wanted": stored.get_verdict_display,
        "drop": stored.get_verdict_display,
    }
    return [str(words[name]()) for name, has in ACTIONS.items() if has(stored)]
