"""Starting, awaiting and ending one private server process."""

import fcntl
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

# Waiting ends with what is waited for; a busy machine may need long.
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOOPBACK = "127.0.0.1"


class MissingProgramError(Exception):
    """A server's program is not installed; ``package`` is Debian's name for it."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is missing: install the package {package}")
        self.package = package


class ServerStartError(Exception):
    """A server did not come up; the message ends with what it wrote."""


def find_program(program: str, *, package: str, folders: Sequence[Path] = ()) -> Path:
    """Return the program's path from ``folders``, PATH or the system's own folders."""
    places = [*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which(program, path=os.pathsep.join(places))
    if found is None:
        raise MissingProgramError(program, package)
    return Path(found)


def find_library(name: str, *, package: str) -> Path:
    """Return the path of a shared library that Debian keeps in a folder of its package."""
    found = sorted(Path("/usr/lib").glob(f"*/*/{name}"))
    if not found:
        raise MissingProgramError(name, package)
    return found[0]


# Below those that the system gives to whoever asks for any: no client takes one of these meanwhile.
PORTS = range(15_000, 32_000)
_ours: list[int] = []


def free_port() -> int:
    """Return a TCP port of the loopback address that is no other test's until this process ends."""
    # A folder for each user: nobody can lock a file in that of another.
    locks = Path(tempfile.gettempdir()) / f"anliegen-ports-{os.getuid()}"
    locks.mkdir(mode=0o700, exist_ok=True)
    # Any will do, and each process begins elsewhere.
    for port in random.sample(PORTS, len(PORTS)):
        if _is_free(port) and _take(locks / str(port)):
            return port
    raise RuntimeError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _take(lock: Path) -> bool:
    """Lock the file until this process ends; tell whether nobody else holds it."""
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return False
    _ours.append(handle)
    return True


def wait_until(condition: Callable[[], object], *, seconds: float = START_SECONDS) -> bool:
    """Poll ``condition`` until it is truthy; False when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def run_as(user: str) -> str | None:
    """Return ``user`` when we are root and that user exists, else None: run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(user).pw_name
    except KeyError:
        return None


@contextmanager
def private_folder(name: str, *, owner: str | None = None) -> Iterator[Path]:
    """Lend a short path (unix sockets allow 107 characters) and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"anl-{name}-", dir="/tmp"))
    folder.chmod(0o755)
    if owner is not None:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(
    command: Sequence[str | Path],
    *,
    ready: Callable[[], object],
    log: Path,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    seconds: float = START_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` until the block ends; it must exit by itself or become ``ready``.

    Raises ServerStartError with the log's end when it does neither in time.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            env=None if env is None else dict(env),
            start_new_session=True,
        )
    try:
        up = wait_until(lambda: process.poll() is not None or ready(), seconds=seconds)
        if not up or process.poll() is not None:
            tail = log.read_text(errors="replace")[-2000:]
            raise ServerStartError(f"{command[0]} did not start ({process.poll()}):\n{tail}")
        yield process
    finally:
        stop(process, stop_signal)


def stop(process: subprocess.Popen[bytes], first: signal.Signals) -> None:
    """End exactly this process: politely, then for certain."""
    if process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
