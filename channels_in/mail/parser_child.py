"""The child's side: read a mail, parse it within limits, answer, until the parent is gone."""

import os
import resource
import select
import sys
import time

from channels_in.mail.parse import parse
from channels_in.mail.parser_process import FRAME, OUT_OF_MEMORY
from channels_in.mail.wire import pack

MEMORY_BYTES = 256 * 1024 * 1024
_IDLE_SECONDS = 5.0
_CHUNK = 1 << 20
# Long enough to load the model of languages, which belongs to the warm size.
_WARM_UP = (
    b"From: a@example.org\nSubject: warm\nContent-Type: text/html\n\n"
    b"<p>Guten Tag, wir haben eine Frage zur Abholung der gelben Tonnen in unserer Strasse.</p>\n"
)


def serve(requests: int, answers: int, *, parent: int, cpu_seconds: int) -> None:
    """Say that it is ready, then answer until pipe or parent is gone, or one mail failed."""
    _write(answers, FRAME.pack(0, 0))
    while _wait_for_request(requests, parent):
        head = _read(requests, FRAME.size)
        if head is None:
            return
        raw = _read(requests, FRAME.unpack(head)[1])
        if raw is None:
            return
        _limit_cpu(cpu_seconds)
        mail = parse(raw)
        if (mail.error or "").startswith("MemoryError"):
            sys.exit(OUT_OF_MEMORY)
        header, blocks = pack(mail)
        _write(answers, FRAME.pack(len(header), sum(map(len, blocks))) + header)
        for block in blocks:
            _write(answers, block)
        if mail.error is not None:
            # Whatever it was may have left its mark: the next mail gets a fresh child.
            return


def _wait_for_request(requests: int, parent: int) -> bool:
    """Wait for bytes; False when the parent is gone though somebody holds its pipe open."""
    while not select.select([requests], [], [], _IDLE_SECONDS)[0]:
        if os.getppid() != parent:
            return False
    return True


def _read(source: int, size: int) -> bytes | None:
    found = bytearray()
    while len(found) < size:
        chunk = os.read(source, min(size - len(found), _CHUNK))
        if not chunk:
            return None
        found += chunk
    return bytes(found)


def _write(target: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(target, view[:_CHUNK]) :]


def _limit_cpu(seconds: int) -> None:
    """Allow some more seconds from now; the kernel ends a process that takes more."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(time.process_time()) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _limit_memory() -> None:
    """Allow 256 MB beyond what the warm interpreter has mapped."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - one read of a number
        pages = int(statm.read().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> None:
    """Run the child; stray prints of foreign code must not end up between the frames."""
    answers = os.dup(1)
    os.dup2(2, 1)
    parse(_WARM_UP)
    if sys.platform == "linux":
        _limit_memory()
    try:
        serve(0, answers, parent=int(sys.argv[1]), cpu_seconds=int(sys.argv[2]))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
