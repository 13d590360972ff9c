"""The list beside a request, where the screen is wide and its reader wants it (adr/0119)."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, QueryDict
from django.utils.http import urlencode

from helpdesk.agents.models import User
from helpdesk.desk.columns import USUAL
from helpdesk.desk.listing import SEARCH, Listing, read_listing
from helpdesk.desk.walk import walked
from helpdesk.tickets.queries import Row, rows_of, visible_to

# Of this device, as the width of the navigation is: another screen is not as wide.
COOKIE, WIDE = "split", "1"
BEFORE, AFTER = 20, 30
# As on the phone: the others are told by the request itself.
# In the address of a row: beside which request it stands.
OPEN = "beside"
COLUMNS = tuple(name for name in USUAL if name in {"status", "title", "citizen", "due"})


@dataclass(frozen=True, slots=True)
class Beside:
    """The rows around a request in the list from which it was opened, in the order of then."""

    listing: Listing
    rows: list[Row]
    number: str
    columns: tuple[str, ...] = COLUMNS

    @property
    def row_address(self) -> str:
        """Return the address of one of its rows as it stands here, the open one known as such."""
        return f"{self.listing.row_address}&{urlencode({OPEN: self.number})}"


def is_split(request: HttpRequest) -> bool:
    """Tell whether the reader wants the list beside a request on this device."""
    return request.COOKIES.get(COOKIE) == WIDE


def list_beside(request: HttpRequest, user: User, slug: str, number: str) -> Beside | None:
    """Return what stands beside a request; None where it is not wanted or no list is known."""
    if not is_split(request) or not slug or slug == SEARCH:
        return None
    numbers, query = walked(user, slug)
    if number not in numbers:
        return None
    at = numbers.index(number)
    near = numbers[max(0, at - BEFORE) : at + AFTER]
    try:
        listing = read_listing(user, slug, QueryDict(query))
    except Http404:
        return None
    if listing.view.is_search:
        # A saved search has hits, and its rows are none of a table.
        return None
    found = {row.number: row for row in rows_of(user, visible_to(user).filter(number__in=near))}
    return Beside(listing, [found[one] for one in near if one in found], number)
