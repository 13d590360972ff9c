"""Every page in every state, by theme, language and width: axe, titles, width, policy, strangers.

The whole matrix is `make e2e-all`. A change is tested with a sample that keeps within some minutes:
each page as it opens and every second of its other states, themes and languages taking turns.
"""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from playwright.sync_api import ViewportSize
from pytest_django.live_server_helper import LiveServer

from helpdesk.lib.languages import FURTHER
from tests.e2e.conftest import NewPage
from tests.e2e.desk_data import WITHOUT_SOCKET
from tests.e2e.screens import (
    LANGUAGES,
    NO_PAGE,
    PHONE,
    RIGHTS,
    TABLE,
    THEMES,
    WIDE,
    Gallery,
    Screen,
    all_routes,
    make_town,
    screens,
)
from tests.e2e.support import Watch

TOWNS = ("filled", "empty")
# One browser looks at so many screens before the next test begins.
BATCH = 40
HOW = "give it a row in tests/e2e/screens.yaml (its head says how)"


@pytest.fixture
def _demonstration(transactional_db: None) -> Iterator[None]:
    """The demo mailbox is there, and administrators need no second factor."""
    del transactional_db
    with override_settings(DEMO=True):
        yield


def gallery(town: str, live_server: LiveServer, new_page: NewPage, watch: Watch) -> Gallery:
    # What comes after a page has been judged: its socket, which this server has not.
    watch.expected.extend(WITHOUT_SOCKET)
    return Gallery(make_town(town), live_server.url, new_page, watch)


def screens_of(town: str) -> list[Screen]:
    return [screen for screen in screens() if screen.town == town]


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
@pytest.mark.usefixtures("_demonstration")
@pytest.mark.parametrize("town,start", batches())
def test_each_page_is_sound_in_one_theme_and_language(
    live_server: LiveServer, new_page: NewPage, watch: Watch, town: str, start: int
) -> None:
    shown = gallery(town, live_server, new_page, watch)

    found = {
        screen.name: faults
        for screen, theme, language in sample_of(town)[start : start + BATCH]
        if (faults := shown.look(screen, theme, language))
    }

    assert found == {}


PUBLIC = ("portal:",)
DESK = ("desk:", "account_")
# As a citizen meets them: entrance, the form with its errors, a request, an answer.
RIGHT_TO_LEFT = ("portal:home", "portal:report", "portal:report_contact", "portal:status")


def public_screens(town: str, routes: tuple[str, ...] = PUBLIC) -> list[Screen]:
    """Return the screens of citizens, which speak more languages than the desk."""
    return [row for row in screens_of(town) if row.route.startswith(routes) and not row.speaks]


@pytest.mark.usefixtures("_demonstration")
def test_citizens_pages_are_sound_from_right_to_left(
    live_server: LiveServer, new_page: NewPage, watch: Watch
) -> None:
    shown = gallery("filled", live_server, new_page, watch)
    rows = [row for row in public_screens("filled") if row.route in RIGHT_TO_LEFT]

    found = {
        screen.name: faults
        for at, screen in enumerate(rows)
        if (faults := shown.look(screen, THEMES[at % 2], "ar"))
    }

    assert (found, len(rows) >= len(RIGHT_TO_LEFT)) == ({}, True)


@pytest.mark.e2e_all
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("_demonstration")
@pytest.mark.parametrize("language", [*LANGUAGES, *FURTHER])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("town", TOWNS)
def test_every_screen_of_citizens_is_sound_in_every_language(
    live_server: LiveServer, new_page: NewPage, watch: Watch, town: str, theme: str, language: str
) -> None:
    shown = gallery(town, live_server, new_page, watch)

    found = {
        screen.name: faults
        for screen in public_screens(town)
        if (faults := shown.look(screen, theme, language))
    }

    assert found == {}


@pytest.mark.e2e_all
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("_demonstration")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("town", TOWNS)
def test_every_screen_is_sound(
    live_server: LiveServer,
    new_page: NewPage,
    watch: Watch,
    town: str,
    theme: str,
    language: str,
) -> None:
    shown = gallery(town, live_server, new_page, watch)
    # What a phone shows differs by theme, but not by language.
    shown.is_thorough = language == LANGUAGES[0]

    # Those of citizens are looked at above.
    rows = [row for row in screens_of(town) if row not in public_screens(town)]

    found = {
        screen.name: faults for screen in rows if (faults := shown.look(screen, theme, language))
    }

    assert found == {}


@pytest.mark.e2e_all
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("_demonstration")
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
def test_whoever_walks_through_the_desk_by_keys_sees_where_they_are(
    live_server: LiveServer, new_page: NewPage, watch: Watch, size: ViewportSize
) -> None:
    shown = gallery("filled", live_server, new_page, watch)
    # What a refusal adds are notes above and below the same fields.
    rows = [row for row in screens_of("filled") if row.route.startswith(DESK) and not row.submit]

    found = {row.name: faults for row in rows if (faults := shown.walk(row, size))}

    assert found == {}
