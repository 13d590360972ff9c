"""Tickets: list, read, create, change."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.agents.models import ApiToken, User
from helpdesk.api import changes, intake, params
from helpdesk.api.base import Endpoint, token_of, user_of
from helpdesk.api.etags import demand_match, etag
from helpdesk.api.idempotency import run_once
from helpdesk.api.paging import BY_ID, Order, page_response, paginate
from helpdesk.api.parsers import json_of
from helpdesk.api.problems import Problem
from helpdesk.api.refusals import refusals
from helpdesk.api.schema import operation
from helpdesk.api.serializers.base import read_body
from helpdesk.api.serializers.bodies import NewTicketBody, TicketChangeBody
from helpdesk.api.serializers.shapes import (
    PRIORITIES,
    ExpandedTicketShape,
    TicketShape,
    keep_fields,
)
from helpdesk.events.publish import canonical
from helpdesk.tickets.domain.identity import recognise
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.enums import Channel, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ended, unfinished, visible_to

FIELDS = tuple(TicketShape().fields)
ORDERS = {
    order.name: order
    for order in (
        BY_ID,
        Order("-id", "id", is_descending=True),
        Order("due_at", "due_sort"),
        Order("-active_at", "active_at", is_descending=True),
    )
}
# The others walk an index that holds only those tickets.
STATE_OF_ORDER = {"due_at": "unfinished", "-active_at": "finished"}
STATES = {"unfinished": unfinished, "finished": ended}
SHAPING = (
    params.choices("fields", FIELDS, "Members to return, separated by commas; all without it."),
    params.choices(
        "expand", ("citizen",), "`citizen` writes the citizen out; needs citizens:read."
    ),
)


def _read_owner(text: str) -> str | int:
    return text if text in {"me", "none"} else params.to_id(text)


FILTERS = (
    params.choice("state", STATES, "Whether somebody still has to work on it."),
    params.choices("status", Status.values, "One or several statuses."),
    params.identifier("team", "The team's id."),
    params.Param("owner", _read_owner, "An agent's id, `me` or `none`."),
    params.identifier("category", "The category's id."),
    params.choices("priority", PRIORITIES, "One or several priorities."),
    params.choice("channel", Channel.values, "The way it came in."),
    params.identifier("citizen", "The citizen's id."),
    params.text("number", "The staff's number.", longest=20),
    params.text("reference", "The citizen's reference.", longest=20),
)
ORDER = params.choice(
    "order",
    ORDERS,
    "The newest first without it. `due_at` needs state=unfinished, `-active_at` state=finished.",
)
LIST = (*params.PAGING, *SHAPING, *FILTERS, ORDER)


class Tickets(Endpoint):
    """All tickets the token may read."""

    scopes = {"GET": "tickets:read", "POST": "tickets:write"}

    @operation(
        "list_tickets",
        "List tickets",
        response=ExpandedTicketShape(many=True),
        params=LIST,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        """Return one page of tickets."""
        given = params.read_params(request, LIST)
        demand_expandable(token_of(request), given)
        order = _order(given)
        found = _filtered(user_of(request), given)
        page = paginate(request, with_shape(found, given), given, ORDERS[order])
        return page_response(page, shaped(page.rows, given))

    @operation(
        "create_ticket",
        "Open a ticket for a citizen",
        body=NewTicketBody,
        response=TicketShape,
        status=201,
        returns_etag=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """Hand in a request."""
        params.read_params(request, ())
        sent = json_of(request)
        body = read_body(NewTicketBody, sent)
        user, token = user_of(request), token_of(request)

        def act() -> Response:
            inbound = intake.to_inbound(body, user=user, token=token)
            receipt = accept(recognise(inbound=inbound, user=user))
            return one_ticket(user, receipt.ticket_id, status=201)

        return run_once(request, act, fingerprint=canonical(sent))


class OneTicket(Endpoint):
    """One ticket."""

    scopes = {"GET": "tickets:read", "PATCH": "tickets:write"}

    @operation(
        "get_ticket",
        "Read a ticket",
        response=ExpandedTicketShape,
        params=SHAPING,
        returns_etag=True,
    )
    def get(self, request: Request, ticket_id: int) -> Response:
        """Return the ticket with its version as ETag."""
        given = params.read_params(request, SHAPING)
        demand_expandable(token_of(request), given)
        return one_ticket(user_of(request), ticket_id, given)

    @operation(
        "change_ticket",
        "Change a ticket",
        body=TicketChangeBody,
        response=TicketShape,
        needs_match=True,
        returns_etag=True,
        may_vanish=True,
    )
    def patch(self, request: Request, ticket_id: int) -> HttpResponse:
        """Change what is named; all of it or nothing."""
        params.read_params(request, ())
        user = user_of(request)
        find_ticket(user, ticket_id)
        sent = json_of(request)
        body = read_body(TicketChangeBody, sent)

        def act() -> Response:
            with refusals():
                ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
                demand_match(request, ticket.version)
                changes.change_ticket(ticket=ticket, user=user, body=body)
            if not visible_to(user).filter(pk=ticket_id).exists():
                # It went to a team that this token can't see into.
                return Response(status=204)
            return one_ticket(user, ticket_id)

        return run_once(request, act, fingerprint=canonical(sent))


def find_ticket(user: User, ticket_id: int) -> Ticket:
    """Return a visible ticket; any other is not there."""
    ticket = visible_to(user).filter(pk=ticket_id).first()
    if ticket is None:
        raise Problem("not_found")
    return ticket


def one_ticket(
    user: User, ticket_id: int, given: Mapping[str, Any] | None = None, *, status: int = 200
) -> Response:
    """Return a visible ticket as the answer."""
    given = given or {}
    ticket = with_shape(visible_to(user), given).filter(pk=ticket_id).first()
    if ticket is None:
        raise Problem("not_found")
    headers = {"ETag": etag(ticket.version)}
    if status == 201:
        headers["Location"] = f"/api/v1/tickets/{ticket.pk}"
    return Response(shaped([ticket], given)[0], status=status, headers=headers)


def with_shape(tickets: QuerySet[Ticket], given: Mapping[str, Any]) -> QuerySet[Ticket]:
    """Join what is shown of a ticket."""
    rows = tickets.select_related("team", "owner", "category", "citizen")
    return rows.prefetch_related("citizen__contact_points") if given.get("expand") else rows


def shaped(tickets: Iterable[Ticket], given: Mapping[str, Any]) -> list[Any]:
    """Return tickets as they go out."""
    shape = ExpandedTicketShape if given.get("expand") else TicketShape
    return keep_fields(shape(tickets, many=True).data, given.get("fields"))


def demand_expandable(token: ApiToken, given: Mapping[str, Any]) -> None:
    """Contact details are the business of a scope of their own."""
    if given.get("expand") and "citizens:read" not in token.scopes:
        raise Problem(
            "missing_scope",
            "Writing out the citizen needs the permission citizens:read.",
            more={"required_scope": "citizens:read"},
        )


def _order(given: Mapping[str, Any]) -> str:
    order: str = given.get("order", "-id")
    wanted = STATE_OF_ORDER.get(order)
    if wanted and given.get("state") != wanted:
        raise Problem(
            "invalid_parameter",
            f"The order {order} needs state={wanted}.",
            more={"parameter": "order"},
        )
    return order


def _filtered(user: User, given: Mapping[str, Any]) -> QuerySet[Ticket]:
    tickets = visible_to(user)
    if "state" in given:
        tickets = STATES[given["state"]](tickets)
    equal = {"team": "team_id", "category": "category_id", "citizen": "citizen_id"}
    for name in ("team", "category", "citizen", "channel", "number", "reference"):
        if name in given:
            tickets = tickets.filter(**{equal.get(name, name): given[name]})
    if "status" in given:
        tickets = tickets.filter(status__in=given["status"])
    else:
        # What is in the bin has to be asked for.
        tickets = tickets.exclude(status=Status.DELETED)
    if "priority" in given:
        wanted = [int(PRIORITIES[name]) for name in given["priority"]]
        tickets = tickets.filter(priority__in=wanted)
    if "owner" in given:
        owner = {"me": user.pk, "none": None}.get(given["owner"], given["owner"])
        tickets = tickets.filter(owner_id=owner)
    return tickets
