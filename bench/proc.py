"""Processor time and memory of processes, read from /proc."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


def children(pid: int) -> list[int]:
    """Return the process and everything it has started that still runs."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = task.read_text().split()
        except OSError:
            continue
        for child in direct:
            found += children(int(child))
    return found


def tree_seconds(pid: int) -> float:
    """Return user and system time of a process tree, with that of children who have ended."""
    total = 0
    for each in children(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # proc(5): utime, stime, cutime, cstime are fields 14 to 17; the split starts at 3.
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def wait_until_idle(pid: int, *, longest: float = 60.0) -> None:
    """Wait until a process tree has done with what it does after its start, or has had its time.

    Idle is who uses less than a tenth of a processor for a second.
    """
    ends = time.monotonic() + longest
    before = tree_seconds(pid)
    while time.monotonic() < ends:
        time.sleep(1)
        now = tree_seconds(pid)
        if now - before < 0.1:
            return
        before = now


@dataclass(frozen=True)
class Memory:
    """Resident memory of one process, and its fair share where the kernel tells."""

    rss_mib: float
    pss_mib: float | None


def memory(pid: int) -> Memory:
    """Return what a process holds in memory now."""
    status = Path(f"/proc/{pid}/status").read_text()
    rss = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        pss = None
    else:
        line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        pss = int(line.split()[1]) / 1024
    return Memory(int(rss.split()[1]) / 1024, pss)


@dataclass(frozen=True)
class Spent:
    """Processor time in seconds: our process, the parser's child, the database's processes."""

    program: float
    parser: float
    database: float

    def __sub__(self, before: "Spent") -> "Spent":
        return Spent(
            self.program - before.program,
            self.parser - before.parser,
            self.database - before.database,
        )

    def per(self, count: int) -> dict[str, float]:
        """Return milliseconds for each of ``count`` pieces of work, and their sum."""
        parts = {name: 1000 * getattr(self, name) / count for name in self.__dataclass_fields__}
        return parts | {"sum": sum(parts.values())}


def spent(*, parser_pid: int | None, database_pid: int | None) -> Spent:
    """Return what this process and those two trees have used so far."""
    return Spent(
        time.process_time(),
        tree_seconds(parser_pid) if parser_pid else 0.0,
        tree_seconds(database_pid) if database_pid else 0.0,
    )


@contextmanager
def measured(
    figures: dict[str, float],
    count: int,
    *,
    parser_pid: int | None = None,
    database_pid: int | None,
) -> Iterator[None]:
    """Put what the block used for each of ``count`` pieces of work into ``figures``.

    Under "reference" stands the reference loop, the mean of just before and just after.
    """
    reference = reference_loop()
    began = spent(parser_pid=parser_pid, database_pid=database_pid)
    yield
    used = spent(parser_pid=parser_pid, database_pid=database_pid) - began
    figures |= used.per(count) | {"reference": (reference + reference_loop()) / 2}


def median_of(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the round whose sum is the median; of an even number the lower one."""
    return sorted(rounds, key=lambda each: each["sum"])[(len(rounds) - 1) // 2]


def reference_loop() -> float:
    """Return the milliseconds of a fixed piece of work, by which machines and hours compare."""
    began = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number * number
    return 1000 * (time.process_time() - began)
