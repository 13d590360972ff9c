"""An installation at work, as the one process that people run or as several."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.proc import children, memory, tree_seconds
from tests.servers.anliegen import ROOT, anliegen, environment
from tests.servers.base import served
from tests.servers.redis import private_redis

CELERY = ("-m", "celery", "-A", "helpdesk.project.celery")
PARTS = {
    "fetch": (str(ROOT / "manage.py"), "fetch"),
    "worker": (*CELERY, "worker", "-P", "threads", "-c", "6"),
    "clock": (*CELERY, "beat"),
}
START_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Running:
    """The processes of an installation by what they do; ``fetching`` is the one that takes in."""

    pids: Mapping[str, int]
    fetching: str

    def seconds(self) -> dict[str, float]:
        """Return the processor time of each so far, its children included."""
        return {name: tree_seconds(pid) for name, pid in self.pids.items()}

    def held(self) -> float:
        """Return what the process that takes in mail holds, in MiB."""
        return memory(self.pids[self.fetching]).rss_mib

    def held_beside(self) -> float:
        """Return what the children of that process hold: the parser."""
        own = self.pids[self.fetching]
        return sum(memory(one).rss_mib for one in children(own) if one != own)


@contextmanager
def one_process(data: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """Run all in one process."""
    with anliegen(data, demo=False, given=settings) as program:
        yield Running({"program": program.process.pid}, "program")


@contextmanager
def several_processes(data: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """Run what takes in mail, what follows from it and the clock apart, with a Redis of theirs."""
    with ExitStack() as stack:
        redis = stack.enter_context(private_redis())
        given = environment(
            {
                "ANLIEGEN_DATA": str(data),
                "ANLIEGEN_REDIS_URL": redis.url,
                "ANLIEGEN_SMTP_LISTEN": "",
                "PYTHONPATH": str(ROOT),
            }
            | dict(settings)
        )
        pids: dict[str, int] = {}
        for name, command in PARTS.items():
            log = data.with_name(f"{data.name}.{name}.log")
            started = served((sys.executable, *command), ready=_at_once, log=log, env=given)
            pids[name] = stack.enter_context(started).pid
        time.sleep(START_SECONDS)
        yield Running(pids | {"redis": redis.pid}, "fetch")


def _at_once() -> bool:
    """Tell that a part need not say when it is ready."""
    return True
