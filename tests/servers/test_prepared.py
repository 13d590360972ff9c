"""What many tests begin with: made anew when what it is made of has changed, and not for ever."""

import ast
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import prepared
from tests.servers.anliegen import ROOT


def modules_of(path: Path) -> Iterator[Path]:
    """Yield the files of our rooms that a migration imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        for name in names:
            file = ROOT / f"{name.replace('.', '/')}.py"
            if name.startswith(prepared.ROOMS) and file.exists():
                yield file


def test_whatever_of_ours_a_migration_imports_is_part_of_the_name() -> None:
    known = set(prepared.sources())
    migrations = [path for path in known if path.parent.name == "migrations"]

    imported = {module for path in migrations for module in modules_of(path)}

    assert ROOT / "helpdesk/events/guards.py" in imported
    assert imported - known == set()


def test_what_no_run_has_used_for_days_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = prepared.kept_folder().parent
    for name, age in (("old", prepared.UNUSED_SECONDS + 60), ("new", 60)):
        (kept / name).mkdir()
        (kept / name / "lock").touch()
        os.utime(kept / name / "lock", (time.time() - age, time.time() - age))

    prepared.kept_folder()

    assert sorted(path.name for path in kept.iterdir() if path.is_dir()) == ["new"]
