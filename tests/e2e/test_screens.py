"""Every page in every state, by theme, language and width: axe, titles, width, policy, strangers.

The whole matrix is `make e2e-all`. A change is tested with a sample that keeps within some minutes:
each page as it opens and every second of its other states, themes and languages taking turns.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.gallery import THEMES, Gallery
from tests.e2e.screens import (
    LANGUAGES,
    NO_PAGE,
    RIGHTS,
    TABLE,
    TOWNS,
    Screen,
    all_routes,
    public_screens,
    screens_of,
)

CSS = Path(__file__).parents[2] / "helpdesk" / "ui" / "static"
# What is declared where the theme is asked for, by the reader's system or by a choice.
OF_A_THEME = re.compile(r"(?:prefers-color-scheme[^{]*\{[^{]*|\[data-theme=dark\][^{,]*)\{([^}]*)")
# One browser looks at so many screens before the next test begins.
BATCH = 40
HOW = "give it a row in tests/e2e/screens.yaml (its head says how)"


def sample_of(town: str) -> list[tuple[Screen, str, str]]:
    """Return screens with theme and language: each pair of these occurs, each page once."""
    rows = [row for row in screens_of(town) if not row.long]
    first = [row for row in rows if row.state == next(iter(TABLE[row.route]))]
    others = [row for row in rows if row not in first]
    return [
        (row, THEMES[at % 2], LANGUAGES[at // 2 % 2])
        for at, row in enumerate([*first, *others[::2]])
    ]


def batches() -> list[tuple[str, int]]:
    return [(town, start) for town in TOWNS for start in range(0, len(sample_of(town)), BATCH)]


def test_every_route_has_a_row_of_screens_and_every_row_a_route() -> None:
    named = {name for name, states in TABLE.items() if not _has_only_paths(states)}

    missing, unknown = all_routes() - named, named - all_routes()

    assert (missing, unknown) == (set(), set()), HOW


def _has_only_paths(states: dict[str, dict[str, str]]) -> bool:
    return NO_PAGE not in states and all("path" in state for state in states.values())


def test_a_theme_changes_colours_and_nothing_else() -> None:
    """What needs no eye for colours is looked at in one theme of the two."""
    sheets = {path.name: path.read_text() for path in CSS.rglob("*.css")}
    rules = [rule for text in sheets.values() for rule in OF_A_THEME.findall(text)]
    names = {line.split(":")[0].strip() for rule in rules for line in rule.split(";")}

    others = {name for name in names if not name.startswith("--")} - {"", "color-scheme"}

    assert (len(rules) >= 4, others) == (True, set())


def test_every_page_that_is_asked_for_says_what_it_is() -> None:
    """A row either has states or says why it is no page; a route for POST alone is no page."""
    both = [name for name, states in TABLE.items() if NO_PAGE in states and len(states) > 1]
    posted = [
        name
        for name, states in TABLE.items()
        if NO_PAGE not in states and RIGHTS.get(name, {}).get("method") == "POST"
    ]

    assert (both, posted) == ([], [])


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("town,start", batches())
def test_each_page_is_sound_in_one_theme_and_language(
    gallery: Callable[[str], Gallery], town: str, start: int
) -> None:
    shown = gallery(town)

    found = {
        screen.name: faults
        for screen, theme, language in sample_of(town)[start : start + BATCH]
        if (faults := shown.look(screen, language, (theme,)))
    }

    assert found == {}


# As a citizen meets them: entrance, the form with its errors, a request, an answer.
RIGHT_TO_LEFT = ("portal:home", "portal:report", "portal:report_contact", "portal:status")


def test_citizens_pages_are_sound_from_right_to_left(
    gallery: Callable[[str], Gallery],
) -> None:
    shown = gallery("filled")
    rows = [row for row in public_screens("filled") if row.route in RIGHT_TO_LEFT]

    found = {
        screen.name: faults
        for at, screen in enumerate(rows)
        if (faults := shown.look(screen, "ar", (THEMES[at % 2],)))
    }

    assert (found, len(rows) >= len(RIGHT_TO_LEFT)) == ({}, True)
