"""A program beside the served product: run as ``python -m tests.faults.crowd_program``.

``setup AGENTS TICKETS`` makes tables, teams of ten agents with sessions, and tickets of each
team, and prints them; ``write SECONDS RATE`` writes notes into tickets at random; ``truth AFTER``
prints what each team's agents should have heard of since. Settings come from the environment.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")
django.setup()

# The rooms can be imported only now.
from django.conf import settings  # noqa: E402 - after django.setup()
from django.core.management import call_command  # noqa: E402 - the same
from django.test import Client  # noqa: E402 - the same

from helpdesk.agents.models import Membership, Team, User  # noqa: E402 - the same
from helpdesk.events import feed  # noqa: E402 - the same
from helpdesk.events.models import Seal, Unsealed  # noqa: E402 - the same
from helpdesk.live.changes import changes_of  # noqa: E402 - the same
from helpdesk.reactions.tasks import run  # noqa: E402 - the same
from helpdesk.tickets.domain.articles import write_note  # noqa: E402 - the same
from helpdesk.tickets.models import Ticket  # noqa: E402 - the same
from tests.factories.house import make_agent, make_house, make_ticket  # noqa: E402 - the same

TEAM_SIZE = 10


def setup(agents: int, tickets: int) -> dict[str, object]:
    """Return for each team the cookies of its agents, and what they are called."""
    call_command("migrate", verbosity=0)
    house = make_house()
    teams: dict[str, list[str]] = {}
    for place in range(agents // TEAM_SIZE):
        team = Team.objects.create(
            authority=house.authority, name=f"Team {place}", slug=f"team-{place}"
        )
        names = [f"Kollege{place}x{number} Kaiser" for number in range(TEAM_SIZE)]
        people = [make_agent(house.authority, name, team) for name in names]
        for number in range(tickets):
            make_ticket(house, team_id=team.pk, message_id=f"<{place}.{number}@example.org>")
        teams[str(team.pk)] = [cookie_of(user) for user in people]
    run()
    return {"teams": teams, "head": feed.head(), "cookie": settings.SESSION_COOKIE_NAME}


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def write(seconds: float, rate: float) -> dict[str, object]:
    """Write so many notes a second into tickets at random; the served process does the rest."""
    chance = random.Random(7)  # noqa: S311 - a repeatable test, no secret
    tickets = list(
        Ticket.objects.filter(team__name__startswith="Team ").values_list("pk", "team_id")
    )
    rows = Membership.objects.filter(team__name__startswith="Team ").select_related("user")
    authors = {row.team_id: row.user for row in rows}
    end, written = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        began = time.monotonic()
        ticket_id, team_id = chance.choice(tickets)
        write_note(ticket_id=ticket_id, user=authors[team_id], text=f"Notiz {written}")
        written += 1
        time.sleep(max(0.0, 1 / rate - (time.monotonic() - began)))
    return {"written": written}


def truth(after: int) -> dict[str, object]:
    """Return for each team the numbers and tickets of all its facts since, when all are sealed."""
    while Unsealed.objects.exists():
        time.sleep(0.2)
    found: dict[str, list[tuple[int, int]]] = {}
    seals = Seal.objects.filter(seq__gt=after).select_related("event").order_by("seq")
    for change in changes_of((seal.seq, seal.event) for seal in seals):
        for team_id in change.team_ids:
            found.setdefault(str(team_id), []).append((change.seq, change.ticket_id))
    return {"facts": found, "head": feed.head()}


if __name__ == "__main__":
    tasks: dict[str, Callable[..., dict[str, object]]] = {
        "setup": lambda agents, tickets: setup(int(agents), int(tickets)),
        "write": lambda seconds, rate: write(float(seconds), float(rate)),
        "truth": lambda after: truth(int(after)),
    }
    sys.stdout.write(json.dumps(tasks[sys.argv[1]](*sys.argv[2:])) + "\n")
