"""Undoing a change of properties: what it was before, as long as nobody has changed it since."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.kept import find_change, keep_change, take_change
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket, lock_tickets
from helpdesk.tickets.domain.tags import put_tags, record_tags
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import RIGHTS, team_ids

PLAIN = ("team_id", "owner_id", "priority", "category_id", "title", "tag_line")
# What a change of status changes together, and what only goes along with it.
STATE = ("status", "outcome", "waiting_until")
ALONG = ("resolved_at", "reopened", "callback_phone", "waiting_note")
DATES = frozenset({"waiting_until", "resolved_at"})
# A message that came since is not seen by whoever takes back a status.
SEEN = "last_public_id"
KINDS = {
    "team_id": facts.MOVED,
    "owner_id": facts.ASSIGNED,
    "priority": facts.PRIORITY_CHANGED,
    "category_id": facts.CATEGORY_CHANGED,
}


KEPT_AS = "change"


class OverError(Exception):
    """There is nothing kept by this key: it is over, was taken back, or never was this user's."""


class ChangedSinceError(Exception):
    """Somebody has changed the same since, or a message has come: there is nothing to undo."""


def snapshot(ticket: Ticket) -> dict[str, Any]:
    """Return, fit for JSON, all that a change of properties may change."""
    values = {name: getattr(ticket, name) for name in (*PLAIN, *STATE, *ALONG, SEEN)}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


@transaction.atomic
def keep_what_changes(*, ticket_id: int, user: User, change: Callable[[Ticket], object]) -> str:
    """Run a change of a ticket and keep what takes it back; return its key, "" if all is as it was.

    The row is locked before it is looked at: what others change in the same moment is no part of
    it. Raises TicketNotThereError, and what ``change`` raises.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="read_ticket")
    before = snapshot(ticket)
    change(ticket)
    after = snapshot(Ticket.objects.get(pk=ticket_id))
    if after == before:
        return ""
    data = {"ticket": ticket_id, "before": before, "after": after}
    return keep_change(user=user, what=KEPT_AS, data=data)


@transaction.atomic
def take_back_kept(*, number: str, user: User, key: str) -> Ticket:
    """Bring back what the change of ``user`` that is kept by this key changed, once.

    Raises OverError, and what `take_back` raises; then it is still kept.
    """
    named = find_change(user=user, what=KEPT_AS, key=key)
    if named is None or not Ticket.objects.filter(pk=named["ticket"], number=number).exists():
        raise OverError
    # As the change itself did: the request first, then what was kept of it.
    lock_tickets(ticket_ids=(named["ticket"],))
    kept = take_change(user=user, what=KEPT_AS, key=key)
    if kept is None:
        raise OverError
    return take_back(
        ticket_id=kept["ticket"], user=user, before=kept["before"], after=kept["after"]
    )


@transaction.atomic
def take_back(
    *, ticket_id: int, user: User, before: dict[str, Any], after: dict[str, Any]
) -> Ticket:
    """Bring back what a change of ``user`` changed; what others changed since stays.

    Whoever moved a ticket to a team they can't read may take that back where they hold
    the right in the team it came from. Raises TicketNotThereError, ChangedSinceError.
    """
    ticket = _locked(ticket_id, user, before, after)
    now = snapshot(ticket)
    # What was remembered before an update of the program lacks what came with it.
    changed = {name for name in PLAIN if before.get(name) != after.get(name) == now[name]}
    if any(before.get(name) != after.get(name) for name in STATE) and _is_untouched(now, after):
        changed |= {*STATE, *ALONG}
    if not changed:
        raise ChangedSinceError
    for name in changed:
        if name in before:
            setattr(ticket, name, _value(name, before[name]))
    if "tag_line" in changed:
        put_tags(ticket, filter(None, before["tag_line"].split(",")))
    ticket.version += 1
    ticket.save()
    _record(ticket, user, changed, before, after)
    return ticket


def _locked(ticket_id: int, user: User, before: dict[str, Any], after: dict[str, Any]) -> Ticket:
    mine = team_ids(user, RIGHTS["change_ticket"])
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("authority", "team")
        .filter(pk=ticket_id, authority_id=user.authority_id)
        .first()
    )
    if ticket is None or before["team_id"] not in mine:
        raise TicketNotThereError
    if ticket.team_id not in mine and ticket.team_id != after["team_id"]:
        raise TicketNotThereError
    return ticket


def _is_untouched(now: dict[str, Any], after: dict[str, Any]) -> bool:
    return all(now[name] == after[name] for name in (*STATE, SEEN))


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - a column's value
    return datetime.fromisoformat(value) if value and name in DATES else value


def _record(
    ticket: Ticket,
    user: User,
    changed: set[str],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    actor = facts.by_user(user)
    for name, kind in KINDS.items():
        if name in changed:
            data = {"from": after[name], "to": before[name], "undo": True}
            facts.record(ticket=ticket, kind=kind, actor=actor, data=data)
    if "title" in changed:
        titles = {"from": after["title"], "to": before["title"]}
        facts.record(
            ticket=ticket, kind=facts.RENAMED, actor=actor, data={"undo": True}, personal=titles
        )
    if "tag_line" in changed:
        record_tags(ticket, user, after["tag_line"], undo=True)
    if "status" in changed:
        data = {
            "from": after["status"],
            "to": before["status"],
            "outcome": before["outcome"],
            "undo": True,
        }
        facts.record(ticket=ticket, kind=facts.STATUS_CHANGED, actor=actor, data=data)
