"""The import contracts hold, cover everything, and do fail on what they forbid."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.contracts import ROOM_PACKAGES, ROOT, contract, floors, root_packages

# What is to stay free of frameworks as soon as it exists.
PURE = (
    "helpdesk.lib.worktime",
    "helpdesk.lib.conditions",
    "helpdesk.tickets.inbound",
    "channels_in.mail.parse",
    "channels_in.mail.parsed",
    "channels_in.mail.headers",
    "channels_in.mail.body",
    "channels_in.mail.attachments",
)


def _path_of(module: str) -> Path:
    return ROOT.joinpath(*module.split("."))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code, in which a test may plant what must not be."""
    for package in root_packages():
        ignore = shutil.ignore_patterns("static", "__pycache__", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-logo", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def _plant(copy: Path, module: str, line: str) -> None:
    path = copy.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(line + "\n")


def test_contracts_hold(copy: Path) -> None:
    result = _lint(copy)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "module,line,broken",
    [
        ("helpdesk.utils.text", "", "Every room has a floor"),
        ("helpdesk.lib.planted", "import helpdesk.tickets.enums", "Imports only go down"),
        ("helpdesk.tickets.planted", "import channels_in.models", "Imports only go down"),
        ("helpdesk.portal.planted", "import helpdesk.desk.apps", "Imports only go down"),
        ("helpdesk.tickets.enums", "import helpdesk.tickets.models", "Floors inside tickets"),
        ("channels_in.web.planted", "import channels_in.mail", "Channels do not know each other"),
        ("helpdesk.tickets.inbound", "import django", "Pure code knows no framework"),
        ("helpdesk.tickets.planted", "import imapclient", "Each engine is named in one place"),
    ],
)
def test_contracts_fail_on_a_planted_breach(
    copy: Path, module: str, line: str, broken: str
) -> None:
    _plant(copy, module, line)

    result = _lint(copy)

    assert result.returncode == 1
    assert f"{broken} BROKEN" in result.stdout


def test_root_packages_are_all_that_exist() -> None:
    existing = {name for name in ROOM_PACKAGES if (ROOT / name / "__init__.py").exists()}

    assert set(root_packages()) == existing


def test_every_room_of_the_house_is_placed() -> None:
    house = {name.removeprefix("helpdesk.") for name in floors()} - {
        "channels_in",
        "knowledgebase",
    }
    placed = {room.strip(" ()") for row in contract("placed")["layers"] for room in row.split("|")}

    assert placed == house


def test_pure_modules_that_exist_are_under_contract() -> None:
    existing = {
        name
        for name in PURE
        if _path_of(name).with_suffix(".py").exists() or _path_of(name).is_dir()
    }

    assert existing <= set(contract("purity")["source_modules"])
