"""Proof that code is linear: ten times the input may cost at most fifteen times the CPU."""

import time
from collections.abc import Callable

MEGABYTE = 1_000_000
# A shared machine adds noise; quadratic code costs seconds and more at this size.
_NOISE_SECONDS = 0.1
_TRIES = 3


def assert_linear(work: Callable[[str], object], piece: str, *, size: int = 200_000) -> None:
    """Run ``work`` on ``size`` characters of ``piece`` repeated and on a tenth of it."""
    small, large = (piece * (length // len(piece)) for length in (size // 10, size))
    short = min(_cpu_seconds(work, small) for _ in range(_TRIES))
    allowed = 15 * short + _NOISE_SECONDS
    long = allowed + 1.0
    for _ in range(_TRIES):
        long = min(long, _cpu_seconds(work, large))
        if long <= allowed:
            break

    assert long <= allowed, f"{short:.4f} s became {long:.4f} s"


def _cpu_seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start
