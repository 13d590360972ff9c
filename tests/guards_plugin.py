"""Takes the triggers that guard history out of the test database, so that it can be flushed."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from helpdesk.events import guards


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,  # noqa: ARG001 - pytest-django's own, which makes the database
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """See that the migrations left every trigger in place, and then remove them."""
    with django_db_blocker.unblock():
        missing = guards.missing(connection)
        guards.remove(connection)
    if missing:
        pytest.fail(f"the migrations lost the triggers {', '.join(missing)}", pytrace=False)


@pytest.fixture
def history_guards(transactional_db: None) -> Iterator[None]:  # noqa: ARG001 - DDL outside of a test's transaction
    """Install the triggers for one test, as in the product."""
    guards.install(connection)
    yield
    guards.remove(connection)
