"""The table of figures with their goals."""

from dataclasses import dataclass, field
from typing import Any

FILING, REACTIONS, PAGE_CPU, PAGE_STATEMENTS, START_MEMORY, START_SECONDS, IDLE = (
    *(5.5, 6.0, 20.0, 12.0, 170.0, 3.0, 3.0),
)
FORM_PAGE, FORM_FILING, PARSE = 10.0, 12.0, 2.5
# Seconds by which a steady stream may be ahead, and what the program holds after any number.
BACKLOG, MEMORY = 5.0, 200.0

# Milliseconds; those of requests hold at 100,000.
ANSWERS_P95, TICKETS_MEDIAN = 25.0, 60.0
# Seconds in which the index has taken up what was changed.
INDEX_BEHIND = 2.0


@dataclass(frozen=True)
class Figure:
    """One measured value; ``goal`` is the most it may be, None where nothing was promised."""

    where: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Return whether the goal is met."""
        if self.goal is None:
            return ""
        return "met" if self.value <= self.goal else "missed"


@dataclass
class Table:
    """Figures in the order in which they were measured."""

    figures: list[Figure] = field(default_factory=list)

    def add(self, where: str, name: str, value: float, unit: str, **more: Any) -> None:
        """Add one figure and print it at once: a run takes long."""
        figure = Figure(where, name, value, unit, **more)
        self.figures.append(figure)
        print(_line(figure), flush=True)

    def as_json(self) -> list[dict[str, Any]]:
        """Return all figures with their verdicts."""
        return [vars(figure) | {"verdict": figure.verdict} for figure in self.figures]

    def __str__(self) -> str:
        missed = [figure for figure in self.figures if figure.verdict == "missed"]
        goals = [figure for figure in self.figures if figure.goal is not None]
        head = f"{len(goals) - len(missed)} of {len(goals)} goals met"
        lines = [_line(figure) for figure in self.figures]
        return "\n".join(["", *lines, "", head, *(f"missed: {_line(each)}" for each in missed)])


def _line(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"<= {figure.goal:g}"
    return (
        f"{figure.where:<16} {figure.name:<34} {figure.value:>9.1f} {figure.unit:<9} "
        f"{goal:<8} {figure.verdict:<7} {figure.note}"
    ).rstrip()
