"""What doors refuse with, in the words of the interface: one table."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from helpdesk.api.problems import Problem, invalid
from helpdesk.outbox.headers import InvalidAddressError
from helpdesk.tickets.domain.addressees import TooManyCopiesError
from helpdesk.tickets.domain.articles import EmptyTextError
from helpdesk.tickets.domain.assign import CannotWorkOnItError
from helpdesk.tickets.domain.call_notes import NotYourTeamError
from helpdesk.tickets.domain.letters import NoAddressError, NoSenderError
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.people import AddressTakenError, PersonNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.domain.writing import GoneError


def _conflict(reason: str, detail: str) -> Callable[[], Problem]:
    return lambda: Problem("conflict", detail, more={"reason": reason})


def _right() -> Problem:
    # Handlers have found it visible before: what is missing is the right to do this to it.
    return Problem("missing_right", "Reading it is all that your rights allow.")


REFUSALS: Mapping[type[Exception], Callable[[], Problem]] = {
    TicketNotThereError: _right,
    PersonNotThereError: _right,
    NotYourTeamError: lambda: invalid("/team", "In this team you can't end or promise anything."),
    EmptyTextError: lambda: invalid("/text", "Write something."),
    TooManyCopiesError: lambda: invalid("/cc", "Twenty copies at most, cc and bcc together."),
    InvalidAddressError: lambda: invalid("/cc", "This is no address that mail can go to."),
    CannotWorkOnItError: lambda: invalid("/owner", "Nobody of that id can work in that team."),
    NoAddressError: _conflict("no_address", "There is no mail address that can be answered."),
    NoSenderError: _conflict("no_sender", "No sender is set up for this team."),
    StatusNotAllowedError: _conflict(
        "status_not_allowed",
        "This status can't follow the present one, or it lacks outcome or date.",
    ),
    GoneError: _conflict("gone", "The ticket was merged or put into the bin."),
    AddressTakenError: _conflict(
        "address_taken", "The mail address leads to somebody else. Open their ticket with it."
    ),
}


@contextmanager
def refusals() -> Iterator[None]:
    """Translate what doors refuse with."""
    try:
        yield
    except tuple(REFUSALS) as error:
        problem = REFUSALS[type(error)]()
        raise problem from error
