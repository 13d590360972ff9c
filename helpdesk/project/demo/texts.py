"""The text modules of the town, with their placeholders."""

import tomllib
from dataclasses import dataclass
from functools import cache

from helpdesk.project.demo.story import FOLDER


@dataclass(frozen=True, slots=True)
class DemoText:
    """A text module; without a team it is for everybody."""

    title: str
    keywords: str
    german: str
    english: str = ""
    team: str = ""


@cache
def texts() -> tuple[DemoText, ...]:
    """Return all text modules of the town."""
    content = tomllib.loads((FOLDER / "texts.toml").read_text(encoding="utf-8"))
    return tuple(DemoText(**row) for row in content["text"])
