"""The test database without the triggers that guard history, so that it can be emptied."""

from collections.abc import Iterator

import pytest
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from helpdesk.events import guards

# What migrations write and no test changes: it takes longer to make anew than most tests last.
STAYS = {"django_content_type", "auth_permission"}


def empty_tables() -> None:
    """Take every row of work out of the database."""
    there = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [name for name in there if name not in STAYS]
    if connection.vendor == "postgresql":
        _delete_from(names)
    else:
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), names))


def _delete_from(tables: list[str]) -> None:
    """Delete what there is: to truncate them all makes hundreds of files anew."""
    quoted = [connection.ops.quote_name(name) for name in tables]
    looks = [f"SELECT {at} WHERE EXISTS (SELECT FROM {name})" for at, name in enumerate(quoted)]  # noqa: S608 - names of our own tables
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        filled = [quoted[at] for (at,) in cursor.fetchall()]
        # Everything goes, so nobody has to look whether something still points to it.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - the same


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,  # noqa: ARG001 - pytest-django's own, which makes the database
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """See that the migrations left every trigger in place, and then remove them."""
    with django_db_blocker.unblock():
        missing = guards.missing(connection)
        guards.remove(connection)
    if missing:
        pytest.fail(f"the migrations lost the triggers {', '.join(missing)}", pytrace=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_tables())
        yield


@pytest.fixture
def history_guards(transactional_db: None) -> Iterator[None]:  # noqa: ARG001 - DDL outside of a test's transaction
    """Install the triggers for one test, as in the product."""
    guards.install(connection)
    yield
    guards.remove(connection)
