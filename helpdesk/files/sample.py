"""A quick look whether stored files are still there and whole, for the health page."""

from helpdesk.files.models import StoredFile
from helpdesk.files.store import find_damage

NEWEST = 20


def damaged_among_newest(count: int = NEWEST) -> int:
    """Return how many of the newest files are missing, cut short or changed."""
    newest = StoredFile.objects.order_by("-id")[:count]
    return sum(1 for stored in newest if find_damage(stored))
