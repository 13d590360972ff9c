"""What every test gets: private servers, a clean cache, no surprises from outside."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.core.cache import cache
from django.utils import translation

HERE = Path(__file__).parent
# What is tried is the same each time: chance may fail a change that has nothing to do with it.
hypothesis.settings.load_profile("ci")

# What takes longest begins first, so that no worker is left alone with it in the end. The one
# without a database comes before all: meanwhile the others wait for its tables.
FIRST = (
    "channels_in/mail/test_parse.py",
    "e2e/test_screens.py",
    "e2e",
    "attack",
    "servers",
    "helpdesk/api/test_examples.py",
    "helpdesk/project",
)

pytest_plugins = ["tests.servers.plugin", "tests.guards_plugin", "tests.faults.table"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files for workers that take one after the other; inside of a file nothing moves."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    tests = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        path = item.path.relative_to(HERE).as_posix()
        rank = next((at for at, name in enumerate(FIRST) if path.startswith(name)), len(FIRST))
        return rank, -tests[item.path], path

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _clean_process_state() -> Iterator[None]:
    """Throttles live in the cache, the language in the thread, counts in memory; none outlives."""
    yield
    cache.clear()
    translation.deactivate()
    # lazy: models can be imported only when Django is ready
    from knowledgebase import viewcount  # noqa: PLC0415 - lazy, see above

    for pending in (
        viewcount.views,
        viewcount.led_on,
        viewcount.misses,
        viewcount.uses,
        viewcount.openings,
    ):
        pending.forget()
