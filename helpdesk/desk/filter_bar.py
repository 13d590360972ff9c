"""The filters of a list in words: as chips that are there, and as values one can still take."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from helpdesk.agents.models import User
from helpdesk.desk.call_topics import ARROW
from helpdesk.desk.listing import TEXT, Listing
from helpdesk.lib.conditions import fold
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.tags import tags_visible_to
from helpdesk.tickets.rules import readable_teams
from helpdesk.worklists.filters import FIELDS, LONGEST_TEXT, Filters, read_day
from helpdesk.worklists.queries import MOST_CHOICES, colleagues, topics_of

MOST_SUGGESTED = 12
CENTURY = 100
_TYPED_DAY = re.compile(r"([0-9]{1,2})[./]\s*([0-9]{1,2})[./]?\s*([0-9]{4}|[0-9]{2})?")
# Fields that have a button of their own in the bar.
QUICK = ("status", "team", "topic", "due")
SEARCH_QUICK = ("status", "team", "owner", "topic", "channel", "since", "until", "files")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in effect: its field and values in words, and the list without it."""

    name: str
    label: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a field on the page of all filters."""

    value: str
    word: str
    is_chosen: bool


def bar_of(listing: Listing) -> dict[str, Any]:
    """Return what the bar of filters shows."""
    saved, taken = listing.view.saved, listing.filters.values
    quick = SEARCH_QUICK if listing.view.is_search else QUICK
    return {
        "view": listing.view,
        "listing": listing,
        "chips": chips_of(listing) if taken else (),
        "quick": [(name, FIELDS[name].label) for name in quick if name not in taken],
        "may_change_view": saved is not None and can(listing.user, "change_view", saved),
    }


def chips_of(listing: Listing) -> list[Chip]:
    """Return the filters in effect in words."""
    return [
        Chip(
            name,
            str(FIELDS[name].label),
            ", ".join(_words(listing.user, name, values)),
            listing.address_of(listing.filters.without(name)),
        )
        for name, values in listing.filters.values.items()
        # The words of a search stand in its own field.
        if not (name == TEXT and listing.view.is_search)
    ]


def words_of(user: User, filters: Filters) -> str:
    """Return filters as one sentence: "Status: New, Open; Team: Roads"."""
    parts = (
        f"{FIELDS[name].label}: {', '.join(_words(user, name, values))}"
        for name, values in filters.values.items()
    )
    return "; ".join(parts)


def _words(user: User, name: str, values: tuple[str, ...]) -> list[str]:
    if name == TEXT:
        return [f"„{value}“" for value in values]
    if FIELDS[name].takes_date:
        return [_day_word(value) for value in values]
    known = values_of(user, name)
    return [known.get(value) or gettext("not there") for value in values]


def _day_word(value: str) -> str:
    day = read_day(value)
    return date_format(day, "SHORT_DATE_FORMAT") if day else value


def day_typed(text: str) -> str:
    """Return the day that somebody typed as an address has it: 3.11., 3.11.2026, 2026-11-03."""
    today = timezone.localdate()
    match = _TYPED_DAY.fullmatch(text.strip())
    if match is None:
        return text if read_day(text) else ""
    day, month, year = match.groups()
    wanted = int(year or today.year)
    try:
        return date(wanted + 2000 if wanted < CENTURY else wanted, int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _days_offered() -> list[str]:
    """Return days that somebody may mean before they type one: today, and what began lately."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    days = (today, monday, today.replace(day=1), today.replace(month=1, day=1))
    return list(dict.fromkeys(day.isoformat() for day in days))


def values_of(user: User, name: str) -> Mapping[str, str]:
    """Return what a field can be filtered by, in words; of rows only what ``user`` may know."""
    fixed = {value: str(word) for value, word in FIELDS[name].choices.items()}
    return fixed | (_rows(user, name) if FIELDS[name].has_rows else {})


def _rows(user: User, name: str) -> dict[str, str]:
    if name == "team":
        return {str(team.pk): team.name for team in readable_teams(user)}
    if name == "owner":
        return {str(key): word for key, word in colleagues(user)}
    if name == "tag":
        return {str(tag.pk): tag.name for tag in tags_visible_to(user)[:MOST_CHOICES]}
    language = get_language() or ""
    return {
        str(topic.pk): f"{topic.parent.name_in(language)} {ARROW} {topic.name_in(language)}"
        if topic.parent
        else topic.name_in(language)
        for topic in topics_of(user)
    }


def fields_of(listing: Listing) -> list[dict[str, Any]]:
    """Return all fields with all their values, for the page of all filters."""
    chosen = listing.filters.values
    return [
        {
            "name": name,
            "label": str(known.label),
            "is_single": known.is_single,
            "takes_text": known.takes_text,
            "takes_date": known.takes_date,
            "text": "".join(chosen.get(name, ())) if known.takes_text or known.takes_date else "",
            "choices": [
                Choice(value, word, value in chosen.get(name, ()))
                for value, word in values_of(listing.user, name).items()
            ],
            "is_any": name not in chosen,
        }
        for name, known in FIELDS.items()
    ]


def suggest(listing: Listing, typed: str) -> list[dict[str, str]]:
    """Return what could be filtered by after these letters: fields, values, words."""
    typed = " ".join(typed.replace("\0", "").split())[:LONGEST_TEXT]
    field, colon, rest = typed.partition(":")
    name = next((key for key in FIELDS if fold(str(FIELDS[key].label)) == fold(field)), "")
    if colon and name and name != TEXT:
        return [_offer(listing, name, *one) for one in _fitting(listing, name, rest.strip())]
    if not typed:
        return [_field(key) for key in FIELDS if key != TEXT]
    fields = [_field(key) for key in FIELDS if key != TEXT and _fits(str(FIELDS[key].label), typed)]
    values = [
        _offer(listing, key, *one)
        for key in FIELDS
        if key != TEXT
        for one in _fitting(listing, key, typed)
    ]
    # A search has a field of its own for words.
    words = [] if listing.view.is_search else [_words_offer(listing, typed)]
    return [*values[: MOST_SUGGESTED - len(fields)], *fields, *words]


def _fitting(listing: Listing, name: str, typed: str) -> Iterator[tuple[str, str]]:
    taken = listing.filters.values.get(name, ())
    if FIELDS[name].takes_date:
        for day in [day_typed(typed)] if typed else _days_offered():
            if day and day not in taken:
                yield day, _day_word(day)
    for value, word in values_of(listing.user, name).items():
        if value not in taken and _fits(word, typed):
            yield value, word


def _fits(word: str, typed: str) -> bool:
    """Tell whether one of the words begins with what was typed."""
    wanted = fold(typed)
    folded = fold(word)
    return folded.startswith(wanted) or f" {wanted}" in folded


def _field(name: str) -> dict[str, str]:
    label = str(FIELDS[name].label)
    return {"title": f"{label} …", "fill": f"{label}: "}


def _offer(listing: Listing, name: str, value: str, word: str) -> dict[str, str]:
    url = listing.address_of(listing.filters.with_value(name, value))
    return {"title": word, "note": str(FIELDS[name].label), "url": url}


def _words_offer(listing: Listing, typed: str) -> dict[str, str]:
    url = listing.address_of(listing.filters.with_value(TEXT, typed))
    return {"title": f"„{typed}“", "note": str(FIELDS[TEXT].label), "url": url}
