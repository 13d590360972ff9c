"""What a scripted server does instead of the proper thing, and how often."""

import threading
from dataclasses import dataclass

FOREVER = 1_000_000


@dataclass
class Step:
    """One deviation: wait, answer with ``reply`` (nothing when empty), then maybe close."""

    stage: str
    reply: str = ""
    times: int = 1
    close: bool = False
    delay: float = 0.0
    match: str = ""

    def fits(self, stage: str, argument: str) -> bool:
        """Whether this step still has something to say here."""
        return self.times > 0 and self.stage == stage and self.match in argument


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
