"""The kinds of facts that tickets record, and the one function that records them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from helpdesk.agents.models import User, UserKind
from helpdesk.events.models import Event, EventPayload
from helpdesk.events.publish import Actor, Fact, publish, publish_all
from helpdesk.tickets.models import Ticket

CREATED: Final = "ticket.created"
MESSAGE_RECEIVED: Final = "ticket.message_received"
ANSWERED: Final = "ticket.answered"
ANSWER_WITHDRAWN: Final = "ticket.answer_withdrawn"
NOTICE_SENT: Final = "ticket.notice_sent"
FORWARDED: Final = "ticket.forwarded"
FORWARD_WITHDRAWN: Final = "ticket.forward_withdrawn"
NOTE_ADDED: Final = "ticket.note_added"
CALL_NOTED: Final = "ticket.call_noted"
CALL_TAKEN_BACK: Final = "ticket.call_taken_back"
STATUS_CHANGED: Final = "ticket.status_changed"
REMINDED: Final = "ticket.reminded"
ASSIGNED: Final = "ticket.assigned"
MOVED: Final = "ticket.moved"
PRIORITY_CHANGED: Final = "ticket.priority_changed"
CATEGORY_CHANGED: Final = "ticket.category_changed"
RENAMED: Final = "ticket.renamed"
TAGGED: Final = "ticket.tagged"
LINKED: Final = "ticket.linked"
FILTERED: Final = "ticket.filtered"
REPLY_BOUNCED: Final = "ticket.reply_bounced"
UNLINKED: Final = "ticket.unlinked"
MERGED: Final = "ticket.merged"
MERGED_IN: Final = "ticket.merged_in"
REFERRED: Final = "ticket.referred"
TRASHED: Final = "ticket.trashed"
RESTORED: Final = "ticket.restored"
PURGED: Final = "ticket.purged"
UNMERGED: Final = "ticket.unmerged"
SPLIT_OFF: Final = "ticket.split_off"
SPLIT_FROM: Final = "ticket.split_from"
REQUESTER_CHANGED: Final = "ticket.requester_changed"
LOOP_STOPPED: Final = "ticket.loop_stopped"
RECEIPT_NOTED: Final = "ticket.receipt_noted"
ADDRESS_CLEARED: Final = "ticket.address_cleared"
LINK_REVOKED: Final = "ticket.link_revoked"
LINK_SENT: Final = "ticket.link_sent"
CODE_ISSUED: Final = "ticket.code_issued"
FILE_HELD: Final = "ticket.file_held"
RATED: Final = "ticket.rated"
FOLLOWED: Final = "ticket.followed"
FOLLOWERS_TOLD: Final = "ticket.followers_told"
DEADLINE_NEAR: Final = "ticket.deadline_near"
DEADLINE_MISSED: Final = "ticket.deadline_missed"
DEADLINE_EXTENDED: Final = "ticket.deadline_extended"
DELIVERY_SETTLED: Final = "ticket.delivery_settled"
SET_ASIDE: Final = "ticket.suggestion_set_aside"

SUBJECT: Final = "ticket"


def by_user(user: User) -> Actor:
    """Return the actor for an agent, or the token by which an agent or a service acts."""
    if user.via_token is None:
        return Actor("user", user.pk)
    return Actor("service" if user.kind == UserKind.SERVICE else "token", user.via_token)


def by_citizen(ticket: Ticket) -> Actor:
    """Return the actor for whoever holds the secret link of ``ticket``."""
    if ticket.citizen_id is None:
        return Actor("external", None)
    return Actor("citizen", ticket.citizen_id)


def record(
    *,
    ticket: Ticket,
    kind: str,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> Event:
    """Write one fact about ``ticket``; team and version are always part of it.

    ``personal`` holds values that erasure must be able to delete; ``data``
    must hold nothing of that kind. Runs inside the writing transaction.
    """
    return publish(fact=_fact(ticket, kind, data, personal), actor=actor)


def record_all(
    *, tickets: Iterable[Ticket], kind: str, actor: Actor, data: Mapping[str, Any]
) -> None:
    """Write the same fact about each of ``tickets``, by a few statements."""
    publish_all(facts=[_fact(ticket, kind, data) for ticket in tickets], actor=actor)


def _fact(
    ticket: Ticket,
    kind: str,
    data: Mapping[str, Any] | None,
    personal: Mapping[str, Any] | None = None,
) -> Fact:
    return Fact(
        kind=kind,
        subject_kind=SUBJECT,
        subject_id=ticket.pk,
        authority_id=ticket.authority_id,
        data={"team_id": ticket.team_id, "version": ticket.version, **(data or {})},
        personal=personal,
    )


def data_of(*, ticket: Ticket, kind: str, article_id: int) -> dict[str, Any]:
    """Return the data of the newest fact of ``kind`` about one article of ``ticket``."""
    events = Event.objects.filter(subject_kind=SUBJECT, subject_id=ticket.pk, kind=kind).order_by(
        "-id"
    )
    return next((e.data for e in events if e.data.get("article_id") == article_id), {})


def personal_of(*, ticket: Ticket, kind: str, article_id: int) -> dict[str, Any]:
    """Return the personal values of that fact; none where there were any or they are erased."""
    payloads = (
        EventPayload.objects.filter(
            event__subject_kind=SUBJECT, event__subject_id=ticket.pk, event__kind=kind
        )
        .select_related("event")
        .order_by("-event_id")
    )
    return next((p.data for p in payloads if p.event.data.get("article_id") == article_id), {})


def has_happened(*, ticket: Ticket, kind: str) -> bool:
    """Tell whether a fact of this kind was recorded about ``ticket``."""
    events = Event.objects.filter(subject_kind=SUBJECT, subject_id=ticket.pk, kind=kind)
    return events.exists()
