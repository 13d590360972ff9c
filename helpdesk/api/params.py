"""Parameters of addresses: each endpoint lists what it takes and refuses the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from helpdesk.api.problems import Problem
from helpdesk.lib.figures import is_figure

LIMIT = 50
MOST = 200
LONGEST_LIST = 50
LONGEST_TEXT = 200
Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: how it is read (ValueError: refused), and what the description says."""

    name: str
    read: Read
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})

    def described(self) -> OpenApiParameter:
        """Return it for the description."""
        return OpenApiParameter(
            self.name,
            dict(self.schema),
            OpenApiParameter.QUERY,
            description=self.description,
        )


def read_params(request: Request, allowed: Iterable[Param]) -> dict[str, Any]:
    """Return the values that are given; refuse unknown names, repeated names and bad values."""
    known = {param.name: param for param in allowed}
    values: dict[str, Any] = {}
    for name, given in request.query_params.lists():
        if name not in known:
            raise _refusal(name, "This parameter is not known.", sorted(known))
        if len(given) != 1:
            raise _refusal(name, "Give it once; lists are separated by commas.", [])
        try:
            values[name] = known[name].read(given[0])
        except ValueError as error:
            raise _refusal(name, str(error), []) from error
    return values


def _refusal(name: str, detail: str, allowed: list[str]) -> Problem:
    more: dict[str, object] = {"parameter": name[:LONGEST_TEXT]}
    return Problem(
        "invalid_parameter", detail, more=more | ({"allowed": allowed} if allowed else {})
    )


def to_id(text: str) -> int:
    """Read an id; raises ValueError."""
    if not is_figure(text):
        raise ValueError("Give a number.")
    return int(text)


def identifier(name: str, description: str) -> Param:
    """Return a parameter that takes an id."""
    return Param(name, to_id, description, {"type": "integer", "format": "int64", "minimum": 0})


def choice(name: str, allowed: Iterable[str], description: str) -> Param:
    """Return a parameter that takes one of a few words."""
    words = list(allowed)

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"Allowed: {', '.join(words)}.")
        return text

    return Param(name, read, description, {"type": "string", "enum": words})


def choices(name: str, allowed: Iterable[str], description: str) -> Param:
    """Return a parameter that takes some of a few words, separated by commas."""
    words = list(allowed)

    def read(text: str) -> tuple[str, ...]:
        given = text.split(",")
        if len(given) > LONGEST_LIST or not set(given) <= set(words):
            raise ValueError(f"Allowed, separated by commas: {', '.join(words)}.")
        return tuple(given)

    return Param(name, read, description, {"type": "string", "examples": words[:2]})


def text(name: str, description: str, *, longest: int = LONGEST_TEXT) -> Param:
    """Return a parameter that takes a short text."""

    def read(given: str) -> str:
        if not 0 < len(given) <= longest or not given.isprintable():
            raise ValueError(f"Give 1 to {longest} printable characters.")
        return given

    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return Param(name, read, description, schema)


def _read_limit(given: str) -> int:
    number = to_id(given)
    if not 1 <= number <= MOST:
        raise ValueError(f"Give a number from 1 to {MOST}.")
    return number


PAGING = (
    Param(
        "limit",
        _read_limit,
        "Rows of a page.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
    ),
    text("cursor", "Where to go on, from the link to the next page.", longest=1000),
)
