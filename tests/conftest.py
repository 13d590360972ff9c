"""What every test gets: private servers, a clean cache, no surprises from outside."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation

from tools.catalogs import compile_all

# Tests read the catalogues as they are now, whoever started them and however.
compile_all()

pytest_plugins = ["tests.servers.plugin", "tests.guards_plugin", "tests.faults.table"]


@pytest.fixture(autouse=True)
def _clean_process_state() -> Iterator[None]:
    """Throttles live in the cache and the language in the thread; neither outlives a test."""
    yield
    cache.clear()
    translation.deactivate()
