"""Refuse a switched-off check that names no code or gives no reason beside it."""

import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("helpdesk", "channels_in", "knowledgebase", "tests", "tools", "bench")
EXCLUDED = ("node_modules",)

NOQA = re.compile(r"#\s*(?:ruff:\s*|flake8:\s*)?noqa\b", re.IGNORECASE)
# As in: noqa: CODE1, CODE2 - reason; for a file: ruff: noqa: CODE1 - reason.
NOQA_WITH_REASON = re.compile(
    r"#\s*(?:ruff:\s*)?noqa:\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*\s+-\s+\w.{4,}", re.IGNORECASE
)
IGNORE = re.compile(r"#\s*type:\s*ignore")
# As in: type: ignore[code]  # reason.
IGNORE_WITH_REASON = re.compile(r"#\s*type:\s*ignore\[[\w, -]+\]\s*#\s*\w.{4,}")
# No file is exempt from type checks as a whole.
WHOLE_FILE = re.compile(r"#\s*mypy:\s*ignore-errors")


def fault_of(comment: str) -> str | None:
    """Return what is wrong with one comment, if anything."""
    if WHOLE_FILE.search(comment):
        return "a whole file is exempt"
    if NOQA.search(comment) and not NOQA_WITH_REASON.search(comment):
        return "write it as noqa: CODE - reason"
    if IGNORE.search(comment) and not IGNORE_WITH_REASON.search(comment):
        return "write it as type: ignore[code]  # reason"
    return None


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line number and text of each comment; strings that look like one don't count."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def check(root: Path = ROOT) -> list[str]:
    """Return one line a fault."""
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if any(part in EXCLUDED for part in path.parts):
                continue
            for line, comment in comments(path):
                fault = fault_of(comment)
                if fault:
                    found.append(f"{path.relative_to(root)}:{line}: {fault}")
    return found


def main() -> None:
    found = check()
    print("\n".join(found) if found else "every exemption has its reason")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
