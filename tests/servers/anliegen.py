"""The product itself, served as people serve it: one process on a data folder of its own."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.base import LOOPBACK, free_port, served

ROOT = Path(__file__).resolve().parents[2]
# The first start migrates, collects static files and fills the demonstration.
START_SECONDS = float(os.environ.get("FAULT_START_SECONDS") or 150)
RUNNING = "Anliegen is running"
DATABASE = "anliegen.sqlite3"
OPEN_WORK = (
    "SELECT (SELECT count(*) FROM events_unsealed)"
    " + (SELECT count(*) FROM reactions_reaction WHERE state = 'pending')"
)


@dataclass(frozen=True)
class Anliegen:
    """A served installation."""

    port: int
    smtp_port: int
    data: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Address without a slash at its end, as the program itself writes it into links."""
        return f"http://localhost:{self.port}"

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return self.log.read_text(errors="replace")

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Read its database without its help."""
        path = f"file:{self.data / DATABASE}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=60)) as database:
            return database.execute(statement).fetchall()

    def rests(self) -> bool:
        """Tell whether everything that followed from what has happened is done."""
        return self.ask(OPEN_WORK) == [(0,)]

    def cpu_seconds(self) -> float:
        """Processor time of the process so far, its ended children included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        # proc(5): utime, stime, cutime and cstime are fields 14 to 17, the split starts at 3.
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def terminate(self, *, seconds: float = 60.0) -> int:
        """Ask it to end, as a service manager does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it without a chance to put anything away."""
        self.process.kill()
        self.process.wait()


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the surroundings of a program of ours: nothing of ``ANLIEGEN_`` but ``given``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANLIEGEN_")}
    own["DJANGO_SETTINGS_MODULE"] = "helpdesk.project.settings"
    own["PYTHONUNBUFFERED"] = "1"
    return own | dict(given or {})


def manage(
    data: Path, *command: str, given: Mapping[str, str] | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a management command on a data folder and return whatever came of it."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        cwd=ROOT,
        env=environment({"ANLIEGEN_DATA": str(data)} | dict(given or {})),
        input=stdin,
        capture_output=True,
        check=False,
    )


def begin_with(tables: Path, data: Path) -> None:
    """Lay a database with all its tables into an empty data folder."""
    data.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(tables, data / DATABASE)


@contextmanager
def anliegen(
    data: Path,
    *,
    demo: bool = True,
    given: Mapping[str, str] | None = None,
    tables: Path | None = None,
    port: int | None = None,
    smtp_port: int | None = None,
) -> Iterator[Anliegen]:
    """Serve ``data`` until the block ends, or until a test or an armed fault ends it.

    ``given`` are settings, such as ANLIEGEN_DATABASE_URL or ANLIEGEN_FAULT. With ``tables``
    an empty folder begins with a copy of this database, and the start is a quick one. What is
    printed goes to a file beside the folder. May be entered again on the same folder.
    """
    port, smtp_port = port or free_port(), smtp_port or free_port()
    data.parent.mkdir(parents=True, exist_ok=True)
    if tables is not None:
        begin_with(tables, data)
    log = data.with_name(f"{data.name}.{port}.log")
    command = [
        *(sys.executable, ROOT / "manage.py", "serve", "--host", LOOPBACK),
        *("--port", str(port), "--smtp-port", str(smtp_port), "--data", str(data)),
        *("--demo", "1" if demo else "0"),
    ]
    with served(
        command,
        ready=lambda: RUNNING in log.read_text(errors="replace"),
        log=log,
        env=environment(given),
        seconds=START_SECONDS,
    ) as process:
        yield Anliegen(port, smtp_port, data, log, process)
