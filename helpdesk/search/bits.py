"""Sets of documents as whole numbers: bit n stands for document n.

To unite, to cut and to take away are then one operation of the processor for sixty documents,
which is what makes a search among a hundred thousand quick.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import compress, count
from operator import or_

# Below this many it is cheaper to shift each of them.
FEW = 16
_AS_FLAGS = bytes.maketrans(b"01", b"\x00\x01")


def bits_of(numbers: Sequence[int]) -> int:
    """Return the set of these documents."""
    if len(numbers) < FEW:
        return reduce(or_, (1 << number for number in numbers), 0)
    digits = bytearray(b"0") * (max(numbers) + 1)
    for number in numbers:
        digits[-1 - number] = 49
    return int(digits, 2)


def numbers_of(bits: int) -> Iterator[int]:
    """Yield the documents of a set, in order."""
    digits = f"{bits:b}"[::-1].encode().translate(_AS_FLAGS)
    return compress(count(), digits)


def union(sets: Iterable[int]) -> int:
    """Return what is in any of the sets."""
    return reduce(or_, sets, 0)


def at_least(need: int, sets: Sequence[int]) -> int:
    """Return what is in ``need`` or more of the sets."""
    # For each number of sets what is in so many of those looked at.
    met = [0] * need
    for one in sets:
        for already in range(need - 1, 0, -1):
            met[already] |= met[already - 1] & one
        met[0] |= one
    return met[need - 1]


def split(
    classes: dict[int, int], levels: Iterable[tuple[int, Callable[[], int]]]
) -> dict[int, int]:
    """Add to the points of each class what the first level that holds a document is worth.

    ``classes`` are sets by points, of which none overlaps another. A level is asked for its
    set only as long as documents are left that no earlier one holds.
    """
    left, found = dict(classes), dict[int, int]()
    for worth, ask in levels:
        if not left:
            break
        level = ask()
        if level:
            left = _take(left, level, worth, found)
    for points, bits in left.items():
        found[points] = found.get(points, 0) | bits
    return found


def _take(left: dict[int, int], level: int, worth: int, found: dict[int, int]) -> dict[int, int]:
    """Move what ``level`` holds from ``left`` into ``found``; return what stays."""
    stays: dict[int, int] = {}
    for points, bits in left.items():
        met = bits & level
        if met:
            found[points + worth] = found.get(points + worth, 0) | met
        if bits != met:
            stays[points] = bits ^ met
    return stays
