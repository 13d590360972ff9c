"""The table at the end of ``make faults``: what each fault of quality.md 3.3 was put through.

A test says which faults it proves by a mark, ``proves("F1", "F13")``, and its figures by
``record_property``; whatever it does not say, its outcome and its time are there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

FIGURES = ("mails", "kills", "expected", "found", "lost", "doubled", "unsure")
# Rows of a test that went through several points: a list of mappings.
POINTS = "points"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the report of a test tell which faults it was about."""
    for item in items:
        numbers = [number for mark in item.iter_markers("proves") for number in mark.args]
        item.user_properties += [("proves", number) for number in numbers]


def numbers_of(report: pytest.TestReport) -> list[str]:
    return [str(value) for name, value in report.user_properties if name == "proves"]


def tabulate(rows: Iterable[Mapping[str, object]], names: Iterable[str]) -> list[str]:
    """Return lines of a table with aligned columns; what a row does not know is a dot."""
    names = list(names)
    cells = [names, *([str(row.get(name, "·")) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def summary(reports: Iterable[pytest.TestReport]) -> list[dict[str, Any]]:
    """Return a row for each fault: cases by outcome, figures added up, time."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        for number in numbers_of(report):
            row = found[number]
            row["cases"] += 1
            row[report.outcome] += 1
            row["seconds"] += round(report.duration)
            for name, value in report.user_properties:
                if name in FIGURES:
                    row[name] += int(str(value))
    order = sorted(found, key=lambda number: int(number.removeprefix("F")))
    return [{"fault": number, "passed": 0, "failed": 0, **found[number]} for number in order]


def points(reports: Iterable[pytest.TestReport]) -> list[dict[str, Any]]:
    return [
        row
        for report in reports
        for name, value in report.user_properties
        if name == POINTS and isinstance(value, list)
        for row in value
    ]


def of_terminal(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    found = [each for key in ("passed", "failed") for each in reporter.stats.get(key, ())]
    return [each for each in found if getattr(each, "when", "") == "call" and numbers_of(each)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = of_terminal(terminalreporter)
    kinds = {
        "what each point of the served process was put through (F1, F13)": (
            points(reports),
            ("engine", "point", "passing", "exit", *FIGURES[:-1], "healed"),
        ),
        "what each fault was put through (quality.md 3.3)": (
            summary(reports),
            ("fault", "cases", "passed", "failed", *FIGURES, "seconds"),
        ),
    }
    for title, (rows, names) in kinds.items():
        if rows:
            terminalreporter.section(title)
            for line in tabulate(rows, names):
                terminalreporter.write_line(line)
