"""Notes: what somebody said on the phone, at the counter, or wrote in a letter."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.agents.models import User
from helpdesk.api import intake, params
from helpdesk.api.base import Endpoint, token_of, user_of
from helpdesk.api.etags import etag
from helpdesk.api.idempotency import run_once
from helpdesk.api.parsers import json_of
from helpdesk.api.problems import invalid
from helpdesk.api.refusals import refusals
from helpdesk.api.schema import operation
from helpdesk.api.serializers.base import read_body
from helpdesk.api.serializers.bodies import NewNoteBody
from helpdesk.api.serializers.shapes import NotedShape
from helpdesk.api.views.tickets import shaped, with_shape
from helpdesk.events.publish import canonical
from helpdesk.tickets.domain.call_notes import Decision, take_note
from helpdesk.tickets.enums import Outcome, Result
from helpdesk.tickets.inbound import Receipt
from helpdesk.tickets.queries import visible_to

# Result → the members that only this result takes.
ONLY_WITH: Mapping[str, tuple[str, ...]] = {
    Result.DONE: ("outcome",),
    Result.CALLBACK: ("callback_at", "callback_phone"),
}


class Notes(Endpoint):
    """Notes of calls, visits and letters."""

    scopes = {"POST": "tickets:write"}

    @operation(
        "create_note",
        "Note a call, a visit or a letter",
        body=NewNoteBody,
        response=NotedShape,
        status=201,
        returns_etag=True,
        tag="tickets",
    )
    def post(self, request: Request) -> HttpResponse:
        """Open a ticket with a note, or add the note to one, and bring it into its state."""
        params.read_params(request, ())
        sent = json_of(request)
        body = read_body(NewNoteBody, sent)
        _check(body)
        user, token = user_of(request), token_of(request)

        def act() -> Response:
            inbound = intake.note_to_inbound(body, user=user, token=token)
            with refusals():
                receipt = take_note(inbound=inbound, decision=_decision(body), user=user)
            return _noted(user, receipt)

        return run_once(request, act, fingerprint=canonical(sent))


def _check(body: Mapping[str, Any]) -> None:
    """Refuse what does not go with the result, or is missing for it."""
    for result, names in ONLY_WITH.items():
        for name in names:
            if name in body and body["result"] != result:
                raise invalid(f"/{name}", f"Only the result {result} takes this.")
    if body["result"] == Result.CALLBACK:
        for name in ONLY_WITH[Result.CALLBACK]:
            if not body.get(name):
                raise invalid(f"/{name}", "The result callback needs this.")


def _decision(body: Mapping[str, Any]) -> Decision:
    is_done = body["result"] == Result.DONE
    return Decision(
        result=Result(body["result"]),
        outcome=body.get("outcome", Outcome.ANSWERED) if is_done else "",
        until=body.get("callback_at"),
        phone=body.get("callback_phone", ""),
    )


def _noted(user: User, receipt: Receipt) -> Response:
    """Return the ticket as it stands now, and the note in it."""
    ticket = with_shape(visible_to(user), {}).filter(pk=receipt.ticket_id).get()
    shown = {"article": receipt.article_id, "ticket": shaped([ticket], {})[0]}
    headers = {"Location": f"/api/v1/tickets/{ticket.pk}", "ETag": etag(ticket.version)}
    return Response(shown, status=201, headers=headers)
