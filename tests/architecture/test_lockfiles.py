"""Lock files pin everything by hash and name no host."""

import json
import re

import pytest

from tests.architecture.contracts import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
NAME = re.compile(r"^([A-Za-z0-9_.-]+)")


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(file: str) -> list[str]:
    """Return each requirement of a lock file with its hashes, as one line."""
    text = (ROOT / file).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if NAME.match(line)]


@pytest.mark.parametrize("file", LOCKS)
def test_lock_file_names_no_host(file: str) -> None:
    assert "://" not in (ROOT / file).read_text()


@pytest.mark.parametrize("file", LOCKS)
def test_lock_file_pins_by_version_and_hash(file: str) -> None:
    loose = [
        line.split()[0]
        for line in _requirements(file)
        if "==" not in line.split()[0] or "--hash=sha256:" not in line
    ]

    assert loose == []


@pytest.mark.parametrize("file", LOCKS)
def test_lock_file_holds_all_that_is_asked_for(file: str) -> None:
    wanted = {
        _canonical(match.group(1))
        for line in (ROOT / file.replace(".txt", ".in")).read_text().splitlines()
        if (match := NAME.match(line)) and not line.startswith("-")
    }
    pinned = {_canonical(line.split("==")[0]) for line in _requirements(file)}

    assert wanted - pinned == set()


def test_lock_files_agree_where_they_overlap() -> None:
    runtime, dev = (
        dict(line.split()[0].split("==") for line in _requirements(file)) for file in LOCKS
    )

    assert {name: dev[name] for name in dev.keys() & runtime.keys()} == {
        name: runtime[name] for name in dev.keys() & runtime.keys()
    }


def test_vendor_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "tools/vendor/package-lock.json").read_text())

    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
