"""The table of screens: which pages there are, and in which states."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from helpdesk.lib.languages import FURTHER

HERE = Path(__file__).parent
TABLE: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "screens.yaml").read_text())
RIGHTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (HERE.parent / "attack" / "rights.yaml").read_text()
)
NO_PAGE = "no_page"
PORTAL = "portal:"
TOWNS = ("filled", "empty")
LANGUAGES = ("de", "en")
PUBLIC_LANGUAGES = (*LANGUAGES, *FURTHER)


@dataclass(frozen=True, slots=True)
class Screen:
    """One page in one state."""

    route: str
    state: str
    town: str
    persona: str
    path: str = ""
    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    submit: str = ""
    press: str = ""
    in_place: bool = False
    fill: dict[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    status: int = 200
    speaks: str = ""
    long: bool = False
    wide: bool = False

    @property
    def name(self) -> str:
        """Return how a failure names it."""
        return f"{self.route} {self.state}"

    def address(self, objects: dict[str, Any]) -> str:
        """Return the path, with the objects of the town in it."""
        kwargs = {
            name: objects[value[1:]] if str(value).startswith("$") else value
            for name, value in self.kwargs.items()
        }
        path = self.path or reverse(self.route, kwargs=kwargs)
        return f"{path}?{self.query}" if self.query else path


def screens() -> list[Screen]:
    """Return every page of the table in each of its states."""
    return [
        _screen(route, state, given)
        for route, states in TABLE.items()
        if NO_PAGE not in states
        for state, given in states.items()
    ]


def _screen(route: str, state: str, given: dict[str, Any]) -> Screen:
    rights = RIGHTS.get(route, {"class": "public"})
    own = {name: value for name, value in given.items() if name not in {"as", "town"}}
    return Screen(
        route=route,
        state=state,
        town=given.get("town", "empty" if state == "empty" else "filled"),
        persona=given.get("as", "X" if rights["class"] == "public" else "ADM"),
        **({"kwargs": rights.get("kwargs", {})} | own | {"keys": tuple(own.get("keys", ()))}),
    )


def routes(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    """Return the names of all routes."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def all_routes() -> set[str]:
    """Return the names of all routes of the product."""
    return set(routes(get_resolver().url_patterns))


def screens_of(town: str) -> list[Screen]:
    """Return the screens that one of the towns shows."""
    return [screen for screen in screens() if screen.town == town]


def public_screens(town: str) -> list[Screen]:
    """Return the screens of citizens, which speak more languages than the desk."""
    return [row for row in screens_of(town) if row.route.startswith(PORTAL) and not row.speaks]


def staff_screens(town: str) -> list[Screen]:
    """Return the screens that speak the languages of the desk alone."""
    public = public_screens(town)
    return [row for row in screens_of(town) if row not in public]
