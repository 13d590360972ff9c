"""When to try again, and when to stop: 1 minute to 4 hours, over 48 hours (mail.md 97)."""

from datetime import timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=4)
# A server that is away or refuses our login is asked often enough to be back soon,
# and seldom enough that no account is locked.
LONGEST_PAUSE = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=48)
TELL_AFTER = timedelta(hours=1)
# A try that comes so much later than it was due comes after a time in which nothing ran. What
# waits behind others, thousands whom a server puts off, has its turn sooner.
STOOD_STILL = timedelta(hours=12)
_DOUBLINGS = 10


def wait_after(attempts: int) -> timedelta:
    """Return how long a message waits after this many tries."""
    doublings = min(max(attempts - 1, 0), _DOUBLINGS)
    return min(FIRST * (1 << doublings), LONGEST)


def pause_after(failures: int) -> timedelta:
    """Return how long a sender pauses after its server failed this many times in a row."""
    return min(wait_after(failures), LONGEST_PAUSE)
