"""Pytest fixtures over the private servers, and what is said about them at the end.

A server starts when the first test asks for it. A missing program skips the test and
is named at the end with its Debian package; with ``CI=true`` it fails the test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

import pytest
from django.conf import settings
from playwright.sync_api import Browser
from pytest_django import Settings

from tests.fakes.clock import Clock, clock_at
from tests.fakes.imap import FakeImap, fake_imap
from tests.fakes.smtp import SmtpSink, smtp_sink
from tests.fakes.tokens import FakeTokens, fake_tokens
from tests.servers.base import MissingProgramError, find_library
from tests.servers.certificate import make_certificate
from tests.servers.chromium import chromium
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.exim import Exim, exim
from tests.servers.exim import Protocol as MailProtocol
from tests.servers.postgres import Postgres, postgres
from tests.servers.prepared import kept_folder, prepare_cluster, prepare_tables
from tests.servers.redis import Redis, private_redis

Server = TypeVar("Server")
IN_CI = os.environ.get("CI", "").lower() == "true"
VERSIONS = pytest.StashKey[set[str]]()
MISSING = pytest.StashKey[set[str]]()


class _Versioned(Protocol):
    def version(self) -> str: ...


def noted(config: pytest.Config, key: pytest.StashKey[set[str]]) -> set[str]:
    """Versions or missing packages noted so far."""
    return config.stash[key]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[VERSIONS] = set()
    config.stash[MISSING] = set()


def _enter(
    config: pytest.Config, stack: ExitStack, server: AbstractContextManager[Server]
) -> Server:
    """Start ``server`` for as long as ``stack`` lives; skip or fail where it is missing."""
    try:
        return stack.enter_context(server)
    except MissingProgramError as missing:
        _do_without(config, missing)


def _do_without(config: pytest.Config, missing: MissingProgramError) -> NoReturn:
    config.stash[MISSING].add(missing.package)
    if IN_CI:
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))


def _note(config: pytest.Config, server: _Versioned) -> None:
    config.stash[VERSIONS].add(server.version())


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Path | None:
    """What the cluster begins with, if the suite's own database is in it."""
    if not settings.ON_POSTGRES:
        return None
    try:
        return prepare_cluster(request.getfixturevalue("prepared"))
    except MissingProgramError as missing:
        _do_without(request.config, missing)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config, cluster: Path | None) -> Iterator[Postgres]:
    """A PostgreSQL cluster; use ``create_database`` for a database of your own."""
    folder = settings.POSTGRES_FOLDER if settings.ON_POSTGRES else None
    with ExitStack() as stack:
        server = _enter(pytestconfig, stack, postgres(socket_folder=folder, copied=cluster))
        _note(pytestconfig, server)
        yield server


@pytest.fixture(scope="session")
def redis_server(pytestconfig: pytest.Config) -> Iterator[Redis]:
    """A Redis that keeps nothing."""
    with ExitStack() as stack:
        server = _enter(pytestconfig, stack, private_redis())
        _note(pytestconfig, server)
        yield server


@pytest.fixture(scope="session")
def dovecot_server(pytestconfig: pytest.Config) -> Iterator[Dovecot]:
    """A Dovecot; use a user name of your own and its maildirs are empty."""
    with ExitStack() as stack:
        server = _enter(pytestconfig, stack, dovecot())
        _note(pytestconfig, server)
        yield server


@pytest.fixture
def exim_to(pytestconfig: pytest.Config) -> Iterator[Callable[[int, MailProtocol], Exim]]:
    """Start an Exim that hands all mail on to a port of this machine, by SMTP or LMTP."""
    with ExitStack() as stack:

        def start(onward: int, protocol: MailProtocol = "smtp") -> Exim:
            server = _enter(pytestconfig, stack, exim(onward=onward, protocol=protocol))
            _note(pytestconfig, server)
            return server

        yield start


@pytest.fixture
def faketime(pytestconfig: pytest.Config) -> Path:
    """The library that shows a program another time, to be preloaded."""
    try:
        return find_library("libfaketimeMT.so.1", package="libfaketime")
    except MissingProgramError as missing:
        _do_without(pytestconfig, missing)


@pytest.fixture(scope="session")
def _smtp_server(pytestconfig: pytest.Config) -> Iterator[SmtpSink]:
    with smtp_sink() as server:
        _note(pytestconfig, server)
        yield server


@pytest.fixture
def smtp_server(_smtp_server: SmtpSink) -> SmtpSink:
    """An SMTP sink without mails and without a script."""
    _smtp_server.clear()
    return _smtp_server


@pytest.fixture
def token_server(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> Iterator[FakeTokens]:
    """A token service whose certificate is trusted, on a network that may be asked."""
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    settings.PRIVATE_NETWORKS = (ip_network("127.0.0.0/8"),)
    with fake_tokens(certificate) as server:
        yield server


@pytest.fixture
def imap_server() -> Iterator[FakeImap]:
    """A mailbox that misbehaves on demand."""
    with fake_imap() as server:
        yield server


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands at a Wednesday noon."""
    with clock_at() as standing:
        yield standing


@contextmanager
def opened_browser(config: pytest.Config) -> Iterator[Browser]:
    """Launch Chromium; skip or fail where it is missing."""
    with ExitStack() as stack:
        opened = _enter(config, stack, chromium())
        config.stash[VERSIONS].add(f"Chromium {opened.version}")
        yield opened


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """A Chromium without a page.

    A module long, not a session: playwright keeps an event loop running in this thread,
    in which no asynchronous test could start.
    """
    with opened_browser(pytestconfig) as opened:
        yield opened


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where what many tests begin with is made once: for this run alone in CI, else for good."""
    run = tmp_path_factory.getbasetemp()
    run = run if worker_id == "master" else run.parent
    return run / "prepared" if IN_CI else kept_folder()


@pytest.fixture(scope="session")
def tables(prepared: Path) -> Path:
    """A database file with every table, to be copied into a data folder."""
    return prepare_tables(prepared)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Take a database that is there, and find every migration in it."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Have a database, or a cluster for it, where the settings point to."""
    if settings.ON_POSTGRES:
        request.getfixturevalue("postgres_server")
    else:
        shutil.copy(
            request.getfixturevalue("tables"), settings.DATABASES["default"]["TEST"]["NAME"]
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["versions"] = sorted(noted(session.config, VERSIONS))
        output["missing"] = sorted(noted(session.config, MISSING))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ANN401 - xdist has no types
    """Take over what a worker of a parallel run has noted."""
    del error
    output: dict[str, list[str]] = getattr(node, "workeroutput", {})
    node.config.stash[VERSIONS].update(output.get("versions", []))
    node.config.stash[MISSING].update(output.get("missing", []))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which real servers answered, and which packages would have run more tests."""
    lines: Callable[[str], None] = terminalreporter.write_line
    if config.stash[VERSIONS]:
        terminalreporter.section("real servers, as they name themselves")
        for version in sorted(noted(config, VERSIONS)):
            lines(version)
    if config.stash[MISSING]:
        terminalreporter.section("tests skipped for want of Debian packages")
        lines(" ".join(sorted(noted(config, MISSING))))
