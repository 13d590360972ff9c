"""Functions of at most 50 lines, files of at most 500, unless a reason is written beside.

A breach carries ``# size: reason``: on the line of the ``def``, or in the file's first
ten lines.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.contracts import ROOM_PACKAGES, ROOT

FUNCTION_LINES = 50
FILE_LINES = 500
HEAD_LINES = 10
REASON = re.compile(r"#\s*size:\s*\w.{4,}")
FOLDERS = (*ROOM_PACKAGES, "tests", "tools", "bench")
EXCLUDED = {"migrations", "node_modules"}


def _sources() -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not EXCLUDED & set(path.parts):
                yield path.relative_to(ROOT), path.read_text()


def test_files_are_short_enough_to_be_read() -> None:
    too_long = [
        f"{path}: {text.count(chr(10))} lines"
        for path, text in _sources()
        if text.count("\n") > FILE_LINES
        and not any(REASON.search(line) for line in text.splitlines()[:HEAD_LINES])
    ]

    assert too_long == []


def _long_functions(path: Path, text: str) -> Iterator[str]:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES and not REASON.search(lines[node.lineno - 1]):
            yield f"{path}:{node.lineno} {node.name}: {length} lines"


def test_functions_are_short_enough_to_be_understood() -> None:
    too_long = [line for path, text in _sources() for line in _long_functions(path, text)]

    assert too_long == []
