"""Migrations are complete and named by hand."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture.contracts import ROOM_PACKAGES, ROOT

NAME = re.compile(r"^\d{4}_[a-z][a-z0-9_]*$")


def _migrations() -> list[Path]:
    return [
        path
        for package in ROOM_PACKAGES
        for path in sorted((ROOT / package).rglob("migrations/*.py"))
        if path.stem != "__init__"
    ]


def test_migrations_are_named_by_hand() -> None:
    badly_named = [
        path.name for path in _migrations() if "_auto_" in path.name or not NAME.match(path.stem)
    ]

    assert badly_named == []


def test_migrations_are_numbered_without_clash() -> None:
    numbers = [(path.parent, path.stem[:4]) for path in _migrations()]

    assert len(numbers) == len(set(numbers))


@pytest.mark.django_db
def test_migrations_follow_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)
