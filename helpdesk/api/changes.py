"""What a PATCH of a ticket calls: the doors of the desk, one after the other."""

from collections.abc import Mapping
from typing import Any

from helpdesk.agents.models import User
from helpdesk.api.problems import Problem, invalid
from helpdesk.api.serializers.shapes import PRIORITIES
from helpdesk.tickets.domain import assign as doors
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket


def change_ticket(*, ticket: Ticket, user: User, body: Mapping[str, Any]) -> None:
    """Change what ``body`` names on a locked ticket; raises what the doors raise.

    Team and owner come last: afterwards the user may see it no longer.
    """
    if "title" in body:
        _rename(ticket, user, body["title"])
    if "category" in body:
        _categorise(ticket, user, body["category"])
    if "priority" in body:
        doors.set_priority(ticket_id=ticket.pk, user=user, priority=PRIORITIES[body["priority"]])
    _set_status(ticket, user, body)
    if "team" in body or "owner" in body:
        _assign(ticket, user, body)


def _rename(ticket: Ticket, user: User, title: str) -> None:
    try:
        doors.rename(ticket_id=ticket.pk, user=user, title=title)
    except ValueError as error:
        raise invalid("/title", "A ticket needs a title.") from error


def _categorise(ticket: Ticket, user: User, category_id: int | None) -> None:
    try:
        doors.set_category(ticket_id=ticket.pk, user=user, category_id=category_id)
    except TicketNotThereError as error:
        raise invalid("/category", "There is no such category.") from error


def _set_status(ticket: Ticket, user: User, body: Mapping[str, Any]) -> None:
    if "status" in body:
        change_status(
            ticket_id=ticket.pk,
            user=user,
            to=Status(body["status"]),
            outcome=body.get("outcome", ""),
            until=body.get("waiting_until"),
        )
        return
    for name in ("outcome", "waiting_until"):
        if name in body:
            raise invalid(f"/{name}", "Name the status it belongs to as well.")


def _assign(ticket: Ticket, user: User, body: Mapping[str, Any]) -> None:
    owner_id = body.get("owner", ticket.owner_id)
    try:
        doors.assign(ticket_id=ticket.pk, user=user, owner_id=owner_id, team_id=body.get("team"))
    except doors.CannotWorkOnItError as error:
        where = "/owner" if body.get("owner") is not None else "/team"
        raise _nobody(where) from error


def _nobody(where: str) -> Problem:
    return invalid(where, "There is no such team, or nobody of that id who can work in it.")
