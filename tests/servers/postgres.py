"""A private PostgreSQL cluster on a unix socket."""

import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psycopg

from tests.servers.base import find_program, private_folder, run_as, served

PACKAGE = "postgresql"
OWNER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """A running cluster; ``socket_folder`` is what libpq calls the host."""

    socket_folder: Path
    pid: int

    @property
    def url(self) -> str:
        """Address of the maintenance database, as ANLIEGEN_DATABASE_URL takes it."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Address of one database of this cluster."""
        host = str(self.socket_folder).replace("/", "%2F")
        return f"postgresql://{OWNER}@{host}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Make a database, empty or the copy of another, and return its address."""
        statement = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.format(_identifier(name), _identifier(template)))
        return self.url_of(name)

    def has_database(self, name: str) -> bool:
        """Tell whether there is a database of this name."""
        with psycopg.connect(self.url) as connection:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(asked, [name]).fetchone() is not None

    def version(self) -> str:
        """Ask the server who it is."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT version()").fetchone()
        assert row is not None
        return str(row[0]).partition(" on ")[0]


def _identifier(name: str) -> psycopg.sql.Identifier:
    return psycopg.sql.Identifier(name)


def program(name: str) -> Path:
    """Find a PostgreSQL program, the newest installed release first."""
    releases = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name),
        reverse=True,
    )
    return find_program(name, package=PACKAGE, folders=releases)


def _initialise(data: Path, *, user: str | None) -> None:
    command = [
        *(str(program("initdb")), "--pgdata", str(data), "--username", OWNER),
        *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    ]
    # initdb refuses root, and so does the server.
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        cwd=data.parent,
        user=user,
        extra_groups=None if user is None else [],
    )


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user=OWNER, dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def postgres(
    *,
    socket_folder: Path | None = None,
    durable: bool = False,
    kept: Path | None = None,
    copied: Path | None = None,
    tuned: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Postgres]:
    """Serve an empty cluster; ``durable`` keeps fsync on, as measuring and killing need it.

    ``tuned`` are settings of PostgreSQL in place of the small ones of tests. The socket lies
    in ``socket_folder`` (made when absent) or beside the data. A cluster in ``kept`` stays
    there, and is served again as it was; one in ``copied`` is begun with.
    """
    server = program("postgres")
    owner = run_as(OWNER)
    with private_folder("pg", owner=owner) as folder:
        sockets = socket_folder or folder
        sockets.mkdir(parents=True, exist_ok=True)
        if owner is not None:
            shutil.chown(sockets, owner)
        data = kept or folder / "data"
        if copied is not None:
            subprocess.run(["cp", "-a", copied, data], check=True)
        if not (data / "PG_VERSION").exists():
            if kept is not None:
                kept.mkdir(parents=True)
                if owner is not None:
                    shutil.chown(kept, owner)
            _initialise(data, user=owner)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "max_connections": "150",
            "shared_buffers": "64MB",
            # Of many small tests none shall see rows moved behind its back.
            **({"autovacuum": "off"} if copied else {}),
            **({} if durable else {"fsync": "off", "synchronous_commit": "off"}),
            **tuned,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with served(
            [server, "-D", data, *options],
            ready=lambda: _answers(sockets),
            log=folder / "server.log",
            user=owner,
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
            stop_signal=signal.SIGINT,
        ) as process:
            yield Postgres(socket_folder=sockets, pid=process.pid)
