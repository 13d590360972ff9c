"""Two requests of one person about one thing become one, and two again if that was wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.tickets import facts
from helpdesk.tickets.domain.drafts import move_drafts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.domain.notices import send_notice, withdraw_notice
from helpdesk.tickets.enums import ACTIVE, ENDED, ArticleKind, LinkKind, Status, Trust
from helpdesk.tickets.models import Article, Participant, Ticket, TicketLink, Watcher
from helpdesk.tickets.queries import public_thread


class CannotMergeError(Exception):
    """It is the same request, or one of the two is merged already."""


class OtherPersonError(Exception):
    """The two belong to different people: neither may read what the other wrote."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The request that ends and the one that goes on, both locked."""

    source: Ticket
    target: Ticket


@transaction.atomic
def merge_tickets(
    *, ticket_id: int, into_id: int, user: User, notice: str = "", key: str = ""
) -> Ticket:
    """Move all contributions of a ticket into another one of the same person; return that.

    Whoever watches it watches the other, and what was typed but not sent goes along. Later
    replies follow, the status link of the ended one leads to the other. ``notice`` is sent to
    the citizen half a minute later, once for each ``key``. Raises TicketNotThereError,
    CannotMergeError, OtherPersonError, NoSenderError; then nothing has changed.
    """
    pair = _lock(ticket_id, into_id, user)
    source, target = pair.source, pair.target
    moved = list(source.articles.values_list("pk", flat=True))
    _keep_from_others(pair)
    Article.objects.filter(pk__in=moved).update(ticket=target)
    added = _join_participants(pair)
    watching = _join_watchers(pair)
    move_drafts(source=source, target=target)
    before, ended_at = Status(source.status), source.resolved_at
    source.status, source.merged_into, source.resolved_at = Status.MERGED, target, timezone.now()
    source.last_article_id = source.last_public_id = None
    source.version += 1
    source.save()
    _freshen(target)
    _wake(target, before, user)
    target.save()
    actor = facts.by_user(user)
    data: dict[str, Any] = {
        "into": target.pk,
        "articles": moved,
        "participants": added,
        "before": before,
        "resolved_at": ended_at.isoformat() if ended_at else None,
        "watchers": watching,
    }
    if notice.strip():
        sent = send_notice(ticket=target, user=user, text=notice, key=key)
        data["notice"] = sent.pk
    _record_status(source, user, before)
    facts.record(ticket=source, kind=facts.MERGED, actor=actor, data=data)
    facts.record(ticket=target, kind=facts.MERGED_IN, actor=actor, data={"from": source.pk})
    return target


@transaction.atomic
def unmerge_ticket(*, ticket_id: int, user: User) -> Ticket:
    """Take a merged ticket out again, with what it had brought; what came since stays.

    A notice about the merge that has not left yet never does. Raises TicketNotThereError,
    CannotMergeError.
    """
    into_id = Ticket.objects.filter(pk=ticket_id).values_list("merged_into", flat=True).first()
    locked = _lock_in_order({ticket_id, into_id or ticket_id}, user)
    merged, target = locked[ticket_id], locked[into_id or ticket_id]
    if into_id is None or merged.merged_into_id != target.pk:
        raise CannotMergeError
    if target.merged_into_id is not None:
        # What it had brought lies further on: that merge has to be undone first.
        raise CannotMergeError
    data = _merge_data(merged)
    if data.get("notice"):
        withdraw_notice(ticket=target, user=user, article_id=data["notice"])
    Article.objects.filter(pk__in=data["articles"], ticket=target).update(ticket=merged)
    target.participants.filter(citizen_id__in=data["participants"]).delete()
    Watcher.objects.filter(ticket=target, user_id__in=data.get("watchers", ())).delete()
    merged.status, merged.merged_into = data["before"], None
    merged.resolved_at = _ended_at(merged, data)
    # What is answered from now on may refer to both.
    merged.has_given_away = target.has_given_away = True
    for ticket in (merged, target):
        _freshen(ticket)
        ticket.save()
    actor = facts.by_user(user)
    # As if it had never been: the citizen's page tells nothing of it, and clocks go on.
    _record_status(merged, user, Status.MERGED, undo=True)
    facts.record(ticket=merged, kind=facts.UNMERGED, actor=actor, data={"from": target.pk})
    facts.record(ticket=target, kind=facts.UNMERGED, actor=actor, data={"from": merged.pk})
    return merged


def _lock_in_order(ticket_ids: set[int], user: User) -> dict[int, Ticket]:
    """Lock by ascending ids, so that two who merge or part crosswise do not wait for ever."""
    return {
        each: lock_ticket(ticket_id=each, user=user, verb="change_ticket")
        for each in sorted(ticket_ids)
    }


def _lock(ticket_id: int, into_id: int, user: User) -> _Pair:
    locked = _lock_in_order({ticket_id, into_id}, user)
    source, target = locked[ticket_id], locked[into_id]
    if source == target or {Status.MERGED, Status.DELETED} & {source.status, target.status}:
        raise CannotMergeError
    if not is_one_person(source, target):
        raise OtherPersonError
    return _Pair(source, target)


def is_one_person(source: Ticket, target: Ticket) -> bool:
    """Tell whether both are of one person, or one was split off the other."""
    if source.citizen_id == target.citizen_id and source.citizen_id is not None:
        return True
    # What was split off goes back where it came from, whoever wrote it, until it was answered.
    was_split = TicketLink.objects.filter(source=source, target=target, kind=LinkKind.SPLIT)
    return was_split.exists() and not source.articles.filter(kind=ArticleKind.ANSWER).exists()


def _keep_from_others(pair: _Pair) -> None:
    """Let what another person wrote be for staff only, as it was before it was split off."""
    if pair.source.citizen_id == pair.target.citizen_id:
        return
    theirs = pair.source.articles.filter(kind=ArticleKind.MESSAGE, trust=Trust.PARTICIPANT)
    theirs.update(trust=Trust.THIRD_PERSON)


def _join_participants(pair: _Pair) -> list[int]:
    known = set(pair.target.participants.values_list("citizen_id", flat=True))
    new = [each.citizen_id for each in pair.source.participants.all()]
    added = [citizen_id for citizen_id in new if citizen_id not in known]
    # Whose message comes back to where a third person wrote stays a third person.
    if pair.source.citizen_id != pair.target.citizen_id:
        return []
    watcher = Participant.Role.WATCHER
    Participant.objects.bulk_create(
        Participant(ticket=pair.target, citizen_id=citizen_id, role=watcher) for citizen_id in added
    )
    return added


def _join_watchers(pair: _Pair) -> list[int]:
    """Let who watches the request that ends watch the other one; return who did not yet."""
    known = set(Watcher.objects.filter(ticket=pair.target).values_list("user_id", flat=True))
    rows = Watcher.objects.filter(ticket=pair.source).exclude(user_id__in=known)
    new = list(rows.values_list("user_id", flat=True))
    Watcher.objects.bulk_create(Watcher(ticket=pair.target, user_id=each) for each in new)
    return new


def _freshen(ticket: Ticket) -> None:
    """Bring what lists and stale answers are measured by up to date; the caller saves."""
    newest = ticket.articles.filter(is_withdrawn=False).order_by("-id").first()
    public = public_thread(ticket).last()
    ticket.last_article_id = newest.pk if newest else None
    ticket.last_public_id = public.pk if public else None
    ticket.active_at = max(ticket.active_at, newest.created_at) if newest else ticket.active_at
    ticket.version += 1


def _wake(target: Ticket, before: Status, user: User) -> None:
    """Open an ended ticket that takes in one that was still being worked on."""
    if before not in ACTIVE or target.status not in ENDED:
        return
    previous, target.status = Status(target.status), Status.OPEN
    target.outcome, target.resolved_at = "", None
    _record_status(target, user, previous)


def _record_status(ticket: Ticket, user: User, before: Status, *, undo: bool = False) -> None:
    data = {"from": before, "to": ticket.status, "outcome": ticket.outcome}
    facts.record(
        ticket=ticket,
        kind=facts.STATUS_CHANGED,
        actor=facts.by_user(user),
        data=data | ({"undo": True} if undo else {}),
    )


def _ended_at(merged: Ticket, data: dict[str, Any]) -> datetime | None:
    """Return when a request had ended before it was merged; facts of old do not say."""
    if merged.status not in ENDED:
        return None
    known = data.get("resolved_at")
    return datetime.fromisoformat(known) if known else timezone.now()


def _merge_data(ticket: Ticket) -> dict[str, Any]:
    event = (
        Event.objects.filter(subject_kind=facts.SUBJECT, subject_id=ticket.pk, kind=facts.MERGED)
        .order_by("-id")
        .first()
    )
    if event is None:
        raise CannotMergeError
    data: dict[str, Any] = event.data
    return data
