"""What a scripted server does instead of the proper thing, and how often."""

import threading
from dataclasses import dataclass, field

FOREVER = 1_000_000


class Held:
    """Where a server stays silent from the moment it is reached until the test lets it go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.is_over = threading.Event()

    def let_go(self) -> None:
        self.is_over.set()

    def wait(self) -> None:
        """Wait in a thread of the server's own."""
        self.reached.set()
        self.is_over.wait(60)


@dataclass
class Step:
    """One deviation: wait, answer with ``reply`` (nothing when empty), then maybe close.

    ``every`` lets it happen at each so-manieth passing only, ``new_only`` at the first passing
    of each argument (greylisting). ``drip`` is the pause between two bytes of the reply.
    """

    stage: str
    reply: str = ""
    times: int = 1
    close: bool = False
    delay: float = 0.0
    match: str = ""
    every: int = 1
    new_only: bool = False
    drip: float = 0.0
    held: Held | None = None
    passed: int = 0
    known: set[str] = field(default_factory=set)

    def fits(self, stage: str, argument: str) -> bool:
        """Whether this step still has something to say here."""
        if self.times <= 0 or self.stage != stage or self.match not in argument:
            return False
        if self.new_only and argument in self.known:
            return False
        self.known.add(argument)
        self.passed += 1
        return self.passed % self.every == 0


class Script:
    """The deviations a test has asked for, taken in order and used up; safe across threads."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._lock = threading.Lock()

    def add(self, step: Step) -> None:
        with self._lock:
            self._steps.append(step)

    def clear(self) -> None:
        with self._lock:
            self._steps.clear()

    def take(self, stage: str, argument: str = "") -> Step | None:
        """Use up and return the first step that fits, if any."""
        with self._lock:
            for step in self._steps:
                if step.fits(stage, argument):
                    step.times -= 1
                    return step
        return None
