"""Predicates over (viewer, object) that compose with ``&``, ``|`` and ``~``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Test = Callable[[object, object], bool]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named yes-or-no question about a viewer and an object."""

    name: str
    test: Test

    def __call__(self, viewer: object, obj: object = None) -> bool:
        """Answer for this viewer and object."""
        return self.test(viewer, obj)

    def __and__(self, other: Predicate) -> Predicate:
        """Both must hold."""
        return Predicate(
            f"({self.name} & {other.name})",
            lambda v, o: self.test(v, o) and other.test(v, o),
        )

    def __or__(self, other: Predicate) -> Predicate:
        """One must hold."""
        return Predicate(
            f"({self.name} | {other.name})",
            lambda v, o: self.test(v, o) or other.test(v, o),
        )

    def __invert__(self) -> Predicate:
        """It must not hold."""
        return Predicate(f"~{self.name}", lambda v, o: not self.test(v, o))


def predicate(test: Test) -> Predicate:
    """Turn a function of viewer and object into a predicate of its name."""
    return Predicate(getattr(test, "__name__", "predicate"), test)
