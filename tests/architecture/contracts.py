"""The import contracts as data, read from the file that import-linter reads."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOM_PACKAGES = ("helpdesk", "channels_in", "knowledgebase")


def contract(identifier: str) -> dict[str, Any]:
    """Return one contract of pyproject.toml."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts: list[dict[str, Any]] = config["tool"]["importlinter"]["contracts"]
    return next(entry for entry in contracts if entry["id"] == identifier)


def root_packages() -> list[str]:
    """Return the packages that the contracts look at."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages: list[str] = config["tool"]["importlinter"]["root_packages"]
    return packages


def floors() -> dict[str, int]:
    """Return each room's floor, 0 on top."""
    return {
        room.strip(" ()"): floor
        for floor, row in enumerate(contract("house")["layers"])
        for room in row.split("|")
    }


def room_of(module: str) -> str | None:
    """Return the room that a module stands in, None for other people's code."""
    parts = module.split(".")
    name = ".".join(parts[:2]) if parts[0] == "helpdesk" else parts[0]
    return name if name in floors() else None
