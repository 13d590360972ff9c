"""Whom a note can name: people and teams for the list that an @ opens."""

from django.utils.translation import gettext

from helpdesk.desk.modules import fold
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.watching import TEAM, Named, mentionable

SHOWN = 5


def suggest_people(ticket: Ticket, typed: str) -> list[dict[str, str]]:
    """Return at most five who read the ticket, those first whose name begins with ``typed``.

    What is inserted is the form that the note's door understands: @ and the name.
    """
    wanted = fold(typed)
    ranked = [
        (rank, each.kind == TEAM, fold(each.name), each)
        for each in mentionable(ticket)
        if (rank := _rank(each, wanted)) is not None
    ]
    ranked.sort(key=lambda entry: entry[:3])
    return [_entry(each) for *_, each in ranked[:SHOWN]]


def _rank(named: Named, wanted: str) -> int | None:
    name = fold(named.name)
    if name.startswith(wanted):
        return 0
    return 1 if any(word.startswith(wanted) for word in name.split()) else None


def _entry(named: Named) -> dict[str, str]:
    excerpt = gettext("Team") if named.kind == TEAM else ""
    return {"title": named.name, "excerpt": excerpt, "body": f"@{named.name} "}
