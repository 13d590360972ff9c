"""The sections of a ticket's side panel: which there are, in whose order, open or folded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from helpdesk.agents.models import User


@dataclass(frozen=True, slots=True)
class Section:
    """One section; ``template`` holds its content, and is empty where there is nothing to say."""

    key: str
    title: str
    template: str
    is_open: bool = True

    @property
    def words(self) -> str:
        """Return its title in the reader's language."""
        return gettext(self.title)


def _section(key: str, title: str) -> Section:
    return Section(key, title, f"desk/sections/{key}.html")


# In the order of whoever has chosen none.
SECTIONS: Mapping[str, Section] = {
    each.key: each
    for each in (
        _section("deadline", gettext_noop("Deadline")),
        _section("citizen", gettext_noop("Citizen")),
        _section("answers", gettext_noop("From the form")),
        _section("place", gettext_noop("Place")),
        _section("properties", gettext_noop("Properties")),
        _section("tags", gettext_noop("Tags")),
        _section("similar", gettext_noop("Similar or nearby")),
        _section("knowledge", gettext_noop("Fitting answers")),
        _section("linked", gettext_noop("Linked")),
        _section("watchers", gettext_noop("Watching")),
        _section("rating", gettext_noop("Rating")),
        _section("history", gettext_noop("History")),
    )
}


def sections_for(user: User) -> list[Section]:
    """Return all sections as ``user`` has arranged them; new ones stand behind."""
    layout: dict[str, Any] = user.panel or {}
    folded = set(layout.get("folded", ()))
    order = [key for key in layout.get("order", ()) if key in SECTIONS]
    keys = [*order, *(key for key in SECTIONS if key not in order)]
    return [
        Section(key, SECTIONS[key].title, SECTIONS[key].template, key not in folded) for key in keys
    ]


def arranged(user: User, key: str, step: str) -> dict[str, Any]:
    """Return the layout after a section was folded, opened, or moved up or down."""
    now = sections_for(user)
    keys = [each.key for each in now]
    folded = {each.key for each in now if not each.is_open}
    if step == "fold":
        folded.add(key)
    elif step == "open":
        folded.discard(key)
    elif step in MOVES:
        at = keys.index(key)
        to = min(max(at + MOVES[step], 0), len(keys) - 1)
        keys.insert(to, keys.pop(at))
    return {"order": keys, "folded": sorted(folded)}


MOVES = {"up": -1, "down": 1}
STEPS = frozenset({"fold", "open", *MOVES})
