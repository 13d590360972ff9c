"""Prepared installations on either engine, and a seed that can be given again."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.intake import Installation, Maker, postgres_maker, sqlite_maker
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import postgres

USER = "kill"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def maker(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    dovecot_server: Dovecot,
) -> Iterator[Maker]:
    """Make installations quickly: tables and mailbox are prepared once for each engine."""
    template = tmp_path_factory.mktemp("template") / "data"
    template.mkdir()

    def prepare(made: Installation) -> None:
        done = made.call("setup", str(dovecot_server.port), USER)
        assert done.returncode == 0, done.stderr[-3000:]

    if request.param == "sqlite":
        yield sqlite_maker(template, prepare)
        return
    with postgres(durable=True) as server:
        yield postgres_maker(server, template, prepare)


@pytest.fixture
def made(maker: Maker, tmp_path: Path) -> Installation:
    """Return an installation of this test's own."""
    return maker(tmp_path)


@pytest.fixture
def seed() -> int:
    """Return what makes a case repeatable; ``FAULT_SEED`` gives it again."""
    return int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**6))
