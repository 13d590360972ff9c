"""What follows an answer: the status it leaves behind, and where its writer goes."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from helpdesk.agents.models import AfterSend, User
from helpdesk.desk.later import DAYS, read_moment
from helpdesk.desk.walk import Place, way_back
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.models import Ticket

# what the send button says → the status after the answer
THEN = {
    "resolve": Status.RESOLVED,
    "wait": Status.WAITING_CITIZEN,
    "open": None,
    "later": Status.WAITING_DATE,
}
# What sends the writer away: the request is off the table.
LEAVES_THE_TABLE = frozenset({"resolve", "later", "wait"})
# What the menu offers for "show again" beside a day of one's own.
AGAIN = ("tomorrow", "week", "fortnight")
ON_A_DAY = "day"


@dataclass(frozen=True, slots=True)
class Following:
    """What was chosen beside the send button: "resolve:declined", "later:week", "later:day"."""

    what: str
    outcome: str = ""
    until: datetime | None = None
    said: str = ""

    @property
    def status(self) -> Status | None:
        """Return the status after the answer; None leaves it."""
        return THEN[self.what]

    @property
    def leaves(self) -> bool:
        """Tell whether the request is off its writer's table."""
        return self.what in LEAVES_THE_TABLE


def read_following(request: HttpRequest) -> Following:
    """Return what follows the answer of a form; raises NoMomentError.

    What no button says is taken for the button that changes nothing.
    """
    said = request.POST.get("then", "")
    what, _, detail = said.partition(":")
    if what == "resolve":
        return Following(what, outcome=detail or Outcome.ANSWERED, said=said)
    if what == "later":
        return Following(what, until=_until(detail, request.POST.get("until", "")), said=said)
    return Following(what if what in THEN else "open", said=said)


def _until(detail: str, day: str) -> datetime:
    """Return when the request comes back; what no line of the menu says is taken for its last."""
    if detail == ON_A_DAY:
        return read_moment("", day)
    return read_moment(detail if detail in DAYS else AGAIN[-1])


def page_after(
    user: User, ticket: Ticket, following: Following, view: str, place: Place | None
) -> str:
    """Return the address to which the writer of an answer goes, by profile.

    ``place`` is where the ticket stood in the list of ``view`` before it was answered.
    """
    stays = not following.leaves or user.after_send == AfterSend.STAY
    number = ticket.number if stays else ""
    if user.after_send == AfterSend.NEXT and not stays:
        number = place.next if place else ""
    if number:
        address = reverse("desk:ticket", args=[number])
        return f"{address}?view={view}" if view else address
    return way_back(user, view or "unassigned")
