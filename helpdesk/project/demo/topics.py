"""The town's topics: who sees to them, what the portal says of them and what it asks."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from helpdesk.forms.schema import Question, read_schema
from helpdesk.project.demo.story import FOLDER
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models.category import PlaceNeed


@dataclass(frozen=True, slots=True)
class DemoTopic:
    """A topic of the second level below ``group``, with the questions of its form."""

    group: str
    name: str
    team: str
    hint: str
    keywords: str
    priority: str = "normal"
    place: str = PlaceNeed.NONE
    photos: bool = True
    anonymous: bool = True
    nearby: bool = False
    questions: tuple[Question, ...] = ()
    name_en: str = ""
    hint_en: str = ""

    @property
    def urgency(self) -> Priority:
        """Return the priority that requests of this topic begin with."""
        return Priority[self.priority.upper()]


@cache
def groups_in_english() -> dict[str, str]:
    """Return the English name of each group."""
    content = tomllib.loads((FOLDER / "topics.toml").read_text(encoding="utf-8"))
    return dict(content["groups_en"])


@cache
def topics() -> tuple[DemoTopic, ...]:
    """Return all topics of the town."""
    content = tomllib.loads((FOLDER / "topics.toml").read_text(encoding="utf-8"))
    return tuple(_topic(row) for row in content["topic"])


def _topic(row: dict[str, Any]) -> DemoTopic:
    questions = read_schema(row.pop("question", ()))
    return DemoTopic(**row, questions=questions)
