"""Lists and the page of a long request, as a signed-in agent asks for them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from bench.counting import statements
from bench.proc import median_of, spent
from helpdesk.agents.domain.tokens import TokenDetails, make_personal_token
from helpdesk.agents.models import User
from helpdesk.agents.scopes import SCOPES
from helpdesk.desk.shell import forget_counts
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible_to
from helpdesk.tickets.rules import readable_teams

WARM_UP = 5
LISTS = ("all", "unassigned", "due", "mine", "team-tiefbau", "done")


def addresses(agent: User) -> dict[str, str]:
    """Return the pages by name; the ticket is the visible one with the most articles."""
    lists = {f"list {slug}": reverse("desk:list", args=[slug]) for slug in LISTS}
    newest = visible_to(agent).order_by("-id")[:2000].values("pk")
    longest = (
        Ticket.objects.filter(pk__in=newest)
        .annotate(length=Count("articles"))
        .order_by("-length", "-id")[0]
    )
    return {**lists, "ticket": reverse("desk:ticket", args=[longest.number])}


@dataclass(frozen=True)
class Visit:
    """A signed-in agent at one address."""

    client: Client
    address: str
    agent: User
    database_pid: int | None

    def once(self) -> int:
        """Ask for the page and return its size."""
        response = self.client.get(self.address)
        assert response.status_code == 200, f"{self.address}: {response.status_code}"
        return len(response.content)

    def repeat(self, rounds: int, count: int, *, is_cold: bool) -> dict[str, float]:
        """Return the median round's milliseconds for one page."""
        return median_of([self._round(count, is_cold=is_cold) for _ in range(rounds)])

    def _round(self, count: int, *, is_cold: bool) -> dict[str, float]:
        began = spent(parser_pid=None, database_pid=self.database_pid)
        for _ in range(count):
            if is_cold:
                forget_counts(self.agent)
            self.once()
        return (spent(parser_pid=None, database_pid=self.database_pid) - began).per(count)


@dataclass(frozen=True)
class Creation(Visit):
    """A program that opens a ticket each time."""

    def once(self) -> int:
        """Open one and return the size of the answer."""
        body = {
            "title": "Laterne dunkel",
            "text": "Vor Haus 12 ist es nachts stockfinster.",
            "team": readable_teams(self.agent)[0].pk,
            "person": {"name": "Clara Muster", "email": "clara@buergerin.example"},
        }
        response = self.client.post(self.address, body, content_type="application/json")
        assert response.status_code == 201, response.content
        return len(response.content)


def programs(agent: User, database_pid: int | None) -> dict[str, Visit]:
    """Return what a program with a token of ``agent`` asks for."""
    details = TokenDetails("bench", tuple(SCOPES), 30)
    _, secret = make_personal_token(user=agent, details=details)
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
    where = reverse("api:tickets")
    unfinished = f"{where}?state=unfinished&order=due_at"
    return {
        "interface, list": Visit(client, where, agent, database_pid),
        "interface, unfinished": Visit(client, unfinished, agent, database_pid),
        "interface, create": Creation(client, where, agent, database_pid),
    }


def measure(*, rounds: int, count: int, database_pid: int | None) -> dict[str, Any]:
    """Ask for each page and return processor time and statements for one.

    "cold" has the navigation's counts read anew each time, as for somebody who
    looks at a page every few seconds; "warm" finds them in the cache.
    """
    assert not settings.DEBUG
    # The bench asks more often in a minute than any program may.
    settings.API_RATES = {"read": 10**9, "write": 10**9}
    # The first agent works in every team: the most there is to see.
    agent = User.objects.get(email="agent1@stadt.example")
    client = Client(SERVER_NAME="localhost")
    client.force_login(agent)
    visits: dict[str, Visit] = {
        name: Visit(client, address, agent, database_pid)
        for name, address in addresses(agent).items()
    }
    found: dict[str, Any] = {}
    for name, visit in (visits | programs(agent, database_pid)).items():
        for _ in range(WARM_UP):
            size = visit.once()
        forget_counts(agent)
        with statements() as sent:
            visit.once()
        found[name] = {
            "statements": sent.total(),
            "bytes": size,
            "sql": [sql[:400] for sql in sent],
            "cold": visit.repeat(rounds, count, is_cold=True),
            "warm": visit.repeat(rounds, count, is_cold=False),
        }
    return found
