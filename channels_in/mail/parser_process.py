"""The bounded child in which every mail is parsed, and its face for the parent."""

import atexit
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from channels_in.mail.parse import salvage
from channels_in.mail.parsed import ParsedMail
from channels_in.mail.wire import unpack

WALL_SECONDS = 30.0
START_SECONDS = 60.0
CPU_SECONDS = 10
# Exit code of a child for whom the memory limit was too tight.
OUT_OF_MEMORY = 70
# A frame: length of the JSON header and of the raw blocks; a request has no header.
FRAME = struct.Struct("!QQ")
_CHUNK = 1 << 20
_ROOT = Path(__file__).resolve().parents[2]
_CHILD_MODULE = "channels_in.mail.parser_child"


class ParserError(Exception):
    """The child died, hung or answered nonsense; the text says which."""


class OutOfTimeError(ParserError):
    """The mail took more time than it may; another attempt would as well."""


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]
    owner: int
    served: int = 0


class ParserProcess:
    """One warm child that parses one mail at a time; replaced when it exceeds its limits.

    Thread-safe. After a fork the new process starts a child of its own.
    """

    def __init__(
        self, *, wall_seconds: float = WALL_SECONDS, cpu_seconds: int = CPU_SECONDS
    ) -> None:
        self.wall_seconds = wall_seconds
        self.cpu_seconds = cpu_seconds
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def parse(self, raw: bytes) -> ParsedMail:
        """Parse within bounds of CPU, memory and time. A mail that breaks them has ``error``."""
        with self._lock:
            try:
                return self._parse(raw)
            except ParserError as problem:
                return salvage(raw, str(problem))

    def close(self) -> None:
        """End the child, if there is one; the next mail starts a new one."""
        with self._lock:
            self._discard()

    def after_fork(self) -> None:
        """Forget the parent's child and lock, which are not ours."""
        self._lock = threading.Lock()
        self._child = None

    @property
    def pid(self) -> int | None:
        """Process id of the warm child, None if none runs."""
        return self._child.process.pid if self._child else None

    def _parse(self, raw: bytes) -> ParsedMail:
        child = self._running()
        was_fresh = child.served == 0
        try:
            return self._exchange(child, raw)
        except OutOfTimeError:
            raise
        except ParserError:
            if was_fresh:
                raise
        # The warm child may have died of something else: a fresh one judges.
        return self._exchange(self._running(), raw)

    def _exchange(self, child: _Child, raw: bytes) -> ParsedMail:
        deadline = time.monotonic() + self.wall_seconds
        try:
            _send(child, raw, deadline)
            head, blocks = _receive(child, deadline)
            mail = unpack(head, blocks)
        except (ParserError, OSError, ValueError, KeyError, TypeError) as problem:
            raise self._cause(problem) from problem
        except BaseException:
            # Interrupted half-way: the answer still to come must never meet another mail.
            self._discard()
            raise
        child.served += 1
        return mail

    def _running(self) -> _Child:
        child = self._child
        if child and child.owner == os.getpid() and child.process.poll() is None:
            return child
        self._discard()
        self._child = _start(self.cpu_seconds)
        return self._child

    def _cause(self, problem: Exception) -> ParserError:
        """End the child that failed and say in words why it did."""
        child, self._child = self._child, None
        late = isinstance(problem, OutOfTimeError)
        code: int | None = None
        if child:
            with suppress(subprocess.TimeoutExpired):
                code = child.process.wait(timeout=0 if late else 0.5)
            _end(child)
        if late:
            return OutOfTimeError(f"parsing took longer than {self.wall_seconds:g} s")
        if code == -signal.SIGXCPU:
            return OutOfTimeError(f"parsing took more than {self.cpu_seconds} s of processor time")
        if code == OUT_OF_MEMORY:
            return ParserError("parsing needed more memory than allowed")
        return ParserError(f"the parser broke off (exit code {code}): {problem}")

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child and child.owner == os.getpid():
            _end(child)


def _start(cpu_seconds: int) -> _Child:
    """Start a child with a bare environment: it needs no secrets and knows no Django."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    try:
        process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
            [sys.executable, "-m", _CHILD_MODULE, str(os.getpid()), str(cpu_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=environment,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as problem:
        raise ParserError(f"the parser can't be started: {problem}") from problem
    if process.stdin is None or process.stdout is None:
        raise ParserError("the parser has no pipes")
    for pipe in (process.stdin, process.stdout):
        os.set_blocking(pipe.fileno(), False)
    child = _Child(process, process.stdin, process.stdout, os.getpid())
    try:
        _receive(child, time.monotonic() + START_SECONDS)
    except (ParserError, OSError) as problem:
        _end(child)
        raise ParserError(f"the parser does not start: {problem}") from problem
    return child


def _end(child: _Child) -> None:
    for pipe in (child.requests, child.answers):
        with suppress(OSError):
            pipe.close()
    if child.process.poll() is None:
        child.process.kill()
    child.process.wait()


def _send(child: _Child, raw: bytes, deadline: float) -> None:
    waiting = memoryview(FRAME.pack(0, len(raw)) + raw[:_CHUNK])
    rest = memoryview(raw)[_CHUNK:]
    fd = child.requests.fileno()
    for view in (waiting, rest):
        at = 0
        while at < len(view):
            try:
                at += os.write(fd, view[at : at + _CHUNK])
            except BlockingIOError:
                _wait(fd, selectors.EVENT_WRITE, deadline)


def _receive(child: _Child, deadline: float) -> tuple[bytes, memoryview]:
    head_size, block_size = FRAME.unpack(_read(child, FRAME.size, deadline))
    whole = memoryview(_read(child, head_size + block_size, deadline))
    return bytes(whole[:head_size]), whole[head_size:]


def _read(child: _Child, size: int, deadline: float) -> bytearray:
    fd = child.answers.fileno()
    found = bytearray()
    while len(found) < size:
        try:
            chunk = os.read(fd, min(size - len(found), _CHUNK))
        except BlockingIOError:
            _wait(fd, selectors.EVENT_READ, deadline)
            continue
        if not chunk:
            raise ParserError("no answer")
        found += chunk
    return found


def _wait(fd: int, event: int, deadline: float) -> None:
    remaining = deadline - time.monotonic()
    with selectors.PollSelector() as selector:
        selector.register(fd, event)
        if remaining <= 0 or not selector.select(remaining):
            raise OutOfTimeError("time is up")


_SHARED = ParserProcess()


class _Queue:
    """One thread that feeds the shared child, so that others may go on meanwhile."""

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Begin anew: a parent's lock and thread did not come along."""
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None

    def ask(self, raw: bytes) -> Future[ParsedMail]:
        with self._lock:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="parsing")
            return self._thread.submit(parse_bounded, raw)


_AHEAD = _Queue()
os.register_at_fork(after_in_child=_SHARED.after_fork)
os.register_at_fork(after_in_child=_AHEAD.after_fork)
atexit.register(_SHARED.close)


def parse_bounded(raw: bytes) -> ParsedMail:
    """Parse a mail in this process's one shared child; never raises, never hangs."""
    return _SHARED.parse(raw)


def parse_ahead(raw: bytes) -> Future[ParsedMail]:
    """Begin what :func:`parse_bounded` does, in the order of asking; who lost interest cancels."""
    return _AHEAD.ask(raw)
