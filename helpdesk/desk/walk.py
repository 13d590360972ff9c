"""Where a ticket stands in the list from which it was opened: "3 of 7", and its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.urls import reverse

from helpdesk.agents.models import User

# For as long as somebody works through a list; the list itself is what renews it.
KEPT_SECONDS = 30 * 60
# Who reads on for longer than that is led through the last rows.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket's place in a list as its reader saw it; the numbers beside it may be empty.

    ``back`` is the address of that list, with its filters, and ``title`` what it is called.
    """

    position: int
    total: int
    previous: str
    next: str
    back: str
    title: str = ""


def _key(user: User, slug: str) -> str:
    return f"desk-walk-2:{user.pk}:{slug}"


def remember_walk(
    user: User,
    slug: str,
    numbers: Sequence[str],
    *,
    query: str = "",
    before: int = 0,
    title: str = "",
) -> None:
    """Keep the order of the rows that ``user`` has before them, and filters and name of the list.

    ``before`` rows of the same list were shown already: these follow them.
    """
    known = cache.get(_key(user, slug)) or {}
    shown = known.get("numbers", []) if before and known.get("query") == query else []
    rows = [*shown[:before], *numbers] if len(shown) >= before else list(numbers)
    kept = {"numbers": rows[-MOST:], "query": query, "title": title}
    cache.set(_key(user, slug), kept, KEPT_SECONDS)


def find_place(user: User, slug: str, number: str) -> Place | None:
    """Return where ``number`` stood in the list, or None if it is not known."""
    kept = _kept(user, slug) if slug else {}
    numbers: list[str] = kept.get("numbers", [])
    if number not in numbers:
        return None
    at = numbers.index(number)
    return Place(
        position=at + 1,
        total=len(numbers),
        previous=numbers[at - 1] if at else "",
        next=numbers[at + 1] if at + 1 < len(numbers) else "",
        back=_address(slug, kept.get("query", "")),
        title=kept.get("title", ""),
    )


def walked(user: User, slug: str) -> tuple[list[str], str]:
    """Return the numbers of the list that ``user`` walks through, and its filters."""
    kept = _kept(user, slug)
    return kept.get("numbers", []), kept.get("query", "")


def way_back(user: User, slug: str) -> str:
    """Return the address of the list as ``user`` left it, with its filters."""
    return _address(slug, _kept(user, slug).get("query", ""))


def _address(slug: str, query: str) -> str:
    # Hits of the search have a page of their own.
    path = reverse("desk:search") if slug == "search" else reverse("desk:list", args=[slug])
    return f"{path}?{query}" if query else path


def _kept(user: User, slug: str) -> dict[str, Any]:
    kept: dict[str, Any] = cache.get(_key(user, slug)) or {}
    return kept
