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
    """Throttles live in the cache, the language in the thread, counts in memory; none outlives."""
    yield
    cache.clear()
    translation.deactivate()
    # lazy: models can be imported only when Django is ready
    from knowledgebase import viewcount  # noqa: PLC0415 - lazy, see above

    for pending in (viewcount.views, viewcount.led_on, viewcount.misses):
        pending.forget()
