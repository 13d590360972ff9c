"""Where a ticket stands in the list from which it was opened: "3 of 7", and its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from helpdesk.agents.models import User

# For as long as somebody works through a list; the list itself is what renews it.
KEPT_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket's place in a list as its reader saw it; the numbers beside it may be empty."""

    position: int
    total: int
    previous: str
    next: str


def _key(user: User, slug: str) -> str:
    return f"desk-walk:{user.pk}:{slug}"


def remember_walk(user: User, slug: str, numbers: Sequence[str]) -> None:
    """Keep the order of the rows that ``user`` has before them."""
    cache.set(_key(user, slug), list(numbers), KEPT_SECONDS)


def find_place(user: User, slug: str, number: str) -> Place | None:
    """Return where ``number`` stood in the list, or None if it is not known."""
    numbers: list[str] = (cache.get(_key(user, slug)) or []) if slug else []
    if number not in numbers:
        return None
    at = numbers.index(number)
    return Place(
        position=at + 1,
        total=len(numbers),
        previous=numbers[at - 1] if at else "",
        next=numbers[at + 1] if at + 1 < len(numbers) else "",
    )
