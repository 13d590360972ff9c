"""What happens to visible tickets, by number; for programs that follow."""

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.api import params
from helpdesk.api.base import Endpoint, token_of, user_of
from helpdesk.api.paging import next_url, read_cursor, scope_of, write_cursor
from helpdesk.api.params import LIMIT
from helpdesk.api.schema import operation
from helpdesk.api.serializers.shapes import FeedShape
from helpdesk.events.feed import head
from helpdesk.events.models import Event, EventPayload, Seal
from helpdesk.tickets import facts
from helpdesk.tickets.queries import events_visible_to

# So many numbers are looked at for one answer, however few of them are visible.
WINDOW = 2000
_ARTICLE = ("article_id", "channel", "is_automatic")
_CHANGE = ("from", "to")
# Kind → what of its data goes out; of a kind that is not here only team and version.
DATA: Mapping[str, tuple[str, ...]] = {
    facts.CREATED: ("number", *_ARTICLE),
    facts.MESSAGE_RECEIVED: _ARTICLE,
    facts.ANSWERED: ("article_id",),
    facts.ANSWER_WITHDRAWN: ("article_id",),
    facts.NOTE_ADDED: ("article_id",),
    facts.FORWARDED: ("article_id",),
    facts.FORWARD_WITHDRAWN: ("article_id",),
    facts.STATUS_CHANGED: (*_CHANGE, "outcome"),
    facts.ASSIGNED: _CHANGE,
    facts.MOVED: _CHANGE,
    facts.PRIORITY_CHANGED: _CHANGE,
    facts.CATEGORY_CHANGED: _CHANGE,
    facts.DEADLINE_NEAR: ("clock", "due_at"),
    facts.DEADLINE_MISSED: ("clock", "due_at"),
}
_ALWAYS = ("team_id", "version")
# Kind → the permission that reading its personal part needs beside events:read.
PERSONAL: Mapping[str, str] = {
    facts.RENAMED: "tickets:read",
    facts.CALL_NOTED: "citizens:read",
}
STARTS = ("beginning", "now")
LIST = (
    *params.PAGING,
    params.choice("start", STARTS, "Where to begin without a cursor; the beginning without it."),
    params.identifier("ticket", "Only events of this ticket."),
)


class Events(Endpoint):
    """The feed."""

    scopes = {"GET": "events:read"}

    @operation("list_events", "Follow what happens", response=FeedShape, params=LIST)
    def get(self, request: Request) -> Response:
        """Return events after the cursor, and the cursor to go on with."""
        given = params.read_params(request, LIST)
        scope, newest = scope_of(request, "seq"), head()
        after = _position(given, scope, newest)
        upto, limit = min(newest, after + WINDOW), given.get("limit", LIMIT)
        found = events_visible_to(
            user_of(request), after=after, upto=upto, limit=limit, ticket_id=given.get("ticket")
        )
        reached = found[-1].seq if len(found) == limit else max(upto, after)
        follow = next_url(request, write_cursor([reached], scope))
        shown = {
            "results": [_shape(seal, token_of(request).scopes) for seal in found],
            "next": follow,
            "has_more": reached < newest,
        }
        headers = {"Link": f'<{follow}>; rel="next"'}
        return Response(FeedShape(shown).data, headers=headers)


def _position(given: Mapping[str, Any], scope: str, newest: int) -> int:
    if "cursor" in given:
        return int(read_cursor(given["cursor"], scope)[0])
    return newest if given.get("start") == "now" else 0


def _shape(seal: Seal, scopes: Collection[str]) -> dict[str, Any]:
    event = seal.event
    names = (*_ALWAYS, *DATA.get(event.kind, ()))
    return {
        "seq": seal.seq,
        "kind": event.kind,
        "ticket": event.subject_id,
        "actor": {"kind": event.actor_kind, "id": event.actor_id},
        "at": event.created_at,
        "data": {name: event.data[name] for name in names if name in event.data},
        "personal": _personal(event, scopes),
    }


def _personal(event: Event, scopes: Collection[str]) -> dict[str, Any] | None:
    """Return what erasure may delete, to a token that may read it at its place as well."""
    if PERSONAL.get(event.kind) not in scopes:
        return None
    try:
        payload: dict[str, Any] = event.payload.data
    except EventPayload.DoesNotExist:
        return None
    return payload
