"""The suite's two runs talk to the database they say they do."""

import os

import pytest
from django.conf import settings
from django.db import connection

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]


def test_connection_is_of_the_engine_that_was_asked_for() -> None:
    asked = os.environ.get("TEST_DATABASE", "sqlite")

    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[asked]


def test_sqlite_lies_in_a_file_with_a_write_ahead_log() -> None:
    if connection.vendor != "sqlite":
        assert settings.DATABASES["default"]["HOST"] == str(settings.POSTGRES_FOLDER)
        return
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()

    assert mode == ("wal",)
