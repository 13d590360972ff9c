"""What the tests of the desk's pages share: a signed-in client, tickets that differ, addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from helpdesk.agents.models import User
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_ticket

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

# What the test client returns: a response that knows its context.
Page: TypeAlias = "_MonkeyPatchedWSGIResponse"
FETCH = {"X-Requested-With": "fetch"}
# With the navigation's counts read anew.
LIST_QUERIES = 6
TICKET_QUERIES = 12
SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "BEGIN")


def signed_in(user: User) -> Client:
    """Return a client of ``user`` with a session."""
    client = Client()
    client.force_login(user)
    return client


def without_second_factor(house: House) -> House:
    """Let administrators work without a second factor, which tests of their own prove."""
    house.authority.require_second_factor = False
    house.authority.save()
    return house


def make_tickets(house: House, count: int) -> list[Ticket]:
    """Return tickets of different citizens in the roads team."""
    return [
        make_ticket(
            house,
            person=Person(f"Citizen {number}", f"citizen{number}@example.org"),
            subject=f"Request {number}",
            message_id=f"<m{number}@example.org>",
        )
        for number in range(1, count + 1)
    ]


def page_of(ticket: Ticket) -> str:
    """Return the address of the ticket's page."""
    return reverse("desk:ticket", args=[ticket.number])


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Collect the statements of a block, without the savepoints of the test's own transaction."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    found += [
        query["sql"]
        for query in context.captured_queries
        if not query["sql"].startswith(SAVEPOINTS)
    ]
