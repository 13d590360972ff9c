"""docs/mail.md holds the 111 requirements of mail, each with tests that exist or with a reason."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \|([^|]*)\| ([^|]+) \|$", re.MULTILINE)
NAME = re.compile(r"`(test_\w+)`")
REASON = re.compile(r"\*(?:Open|Decided against):\* \S.{9,}")


def rows() -> list[tuple[int, str, str, str]]:
    text = (ROOT / "docs" / "mail.md").read_text()
    return [(int(number), *cells) for number, *cells in ROW.findall(text)]


@pytest.fixture(scope="module")
def known_tests() -> set[str]:
    """Names of all test functions, and of the files that hold some."""
    names = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        names.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
    return names


def test_table_has_each_requirement_once_and_in_order() -> None:
    assert [number for number, *_ in rows()] == list(range(1, 112))


def test_each_requirement_names_tests_that_exist_or_gives_a_reason(known_tests: set[str]) -> None:
    for number, _, _, proof in rows():
        named = NAME.findall(proof)
        assert named or REASON.match(proof), number
        assert set(named) <= known_tests, (number, set(named) - known_tests)


def test_each_place_that_is_named_is_there() -> None:
    for number, _, where, proof in rows():
        places = re.findall(r"`([\w./]+)`", where)
        assert places or not NAME.search(proof), number
        for place in places:
            assert (ROOT / place).exists(), (number, place)
