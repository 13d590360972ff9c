"""Who works on a ticket, and what it is called: properties that are saved at once."""

from django.db import transaction

from helpdesk.agents.changes import SETTINGS_CHANGED
from helpdesk.agents.models import Membership, Team, User, UserKind
from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.enums import ACTIVE, WAITING, Priority, Status
from helpdesk.tickets.models import Category, Ticket


class CannotWorkOnItError(Exception):
    """The chosen person can't read tickets of that team, or the team is not in use."""


@transaction.atomic
def assign(
    *, ticket_id: int, user: User, owner_id: int | None, team_id: int | None = None
) -> Ticket:
    """Give a ticket to an agent, to nobody (None) or to another team.

    Moving to a team that the new owner can't read leaves it without an owner.
    Raises TicketNotThereError, CannotWorkOnItError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    before = (ticket.team_id, ticket.owner_id)
    if team_id is not None:
        ticket.team = active_team(ticket, team_id)
    if owner_id is not None and not _can_work(owner_id, ticket.team_id):
        if team_id is None or owner_id != before[1]:
            raise CannotWorkOnItError
        owner_id = None
    ticket.owner_id = owner_id
    if (ticket.team_id, ticket.owner_id) == before:
        return ticket
    if owner_id is not None and ticket.status == Status.NEW:
        ticket.status = Status.OPEN
        facts.record(
            ticket=ticket,
            kind=facts.STATUS_CHANGED,
            actor=facts.by_user(user),
            data={"from": Status.NEW, "to": Status.OPEN, "outcome": ""},
        )
    ticket.version += 1
    ticket.save()
    _record(ticket, user, before)
    return ticket


def handle(*, event: Event) -> None:
    """Follow a fact about a user: who can't sign in any more is responsible for nothing.

    Runs in the transaction of the event's reaction; each ticket's history says so.
    """
    if event.kind != SETTINGS_CHANGED or "is_active" not in event.data.get("fields", ()):
        return
    if User.objects.filter(pk=event.subject_id, is_active=True).exists():
        return
    owned = Ticket.objects.select_for_update().filter(
        owner_id=event.subject_id, status__in=ACTIVE | WAITING
    )
    for ticket in owned.order_by("pk"):
        ticket.owner_id = None
        ticket.version += 1
        ticket.save(update_fields=["owner", "version"])
        facts.record(
            ticket=ticket,
            kind=facts.ASSIGNED,
            actor=SYSTEM,
            data={"from": event.subject_id, "to": None},
        )


def active_team(ticket: Ticket, team_id: int) -> Team:
    """Return a team in use of the ticket's authority; raises CannotWorkOnItError."""
    team = Team.objects.filter(pk=team_id, authority_id=ticket.authority_id, is_active=True).first()
    if team is None:
        raise CannotWorkOnItError
    return team


def _can_work(owner_id: int, team_id: int) -> bool:
    return Membership.objects.filter(
        user_id=owner_id,
        user__is_active=True,
        user__kind=UserKind.STAFF,
        team_id=team_id,
        can_read=True,
    ).exists()


def _record(ticket: Ticket, user: User, before: tuple[int, int | None]) -> None:
    actor = facts.by_user(user)
    if ticket.team_id != before[0]:
        facts.record(
            ticket=ticket,
            kind=facts.MOVED,
            actor=actor,
            data={"from": before[0], "to": ticket.team_id},
        )
    if ticket.owner_id != before[1]:
        facts.record(
            ticket=ticket,
            kind=facts.ASSIGNED,
            actor=actor,
            data={"from": before[1], "to": ticket.owner_id},
        )


@transaction.atomic
def set_priority(*, ticket_id: int, user: User, priority: Priority) -> Ticket:
    """Change the urgency; raises TicketNotThereError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    before = ticket.priority
    if before == priority:
        return ticket
    ticket.priority = priority
    _save(ticket, user, facts.PRIORITY_CHANGED, before, int(priority))
    return ticket


@transaction.atomic
def set_category(*, ticket_id: int, user: User, category_id: int | None) -> Ticket:
    """Change the topic; raises TicketNotThereError for a topic of another authority too."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    before = ticket.category_id
    if before == category_id:
        return ticket
    if category_id is not None and not is_topic(ticket, category_id):
        raise TicketNotThereError
    ticket.category_id = category_id
    _save(ticket, user, facts.CATEGORY_CHANGED, before, category_id)
    return ticket


def is_topic(ticket: Ticket, category_id: int) -> bool:
    """Tell whether this is a topic in use of the ticket's authority."""
    return Category.objects.filter(
        pk=category_id, authority_id=ticket.authority_id, is_active=True
    ).exists()


@transaction.atomic
def rename(*, ticket_id: int, user: User, title: str) -> Ticket:
    """Change the title; an empty one is refused with ValueError."""
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    title = " ".join(title.split())[:250]
    if not title:
        raise ValueError("a ticket needs a title")
    if title != ticket.title:
        before, ticket.title = ticket.title, title
        ticket.version += 1
        ticket.save()
        facts.record(
            ticket=ticket,
            kind=facts.RENAMED,
            actor=facts.by_user(user),
            personal={"from": before, "to": title},
        )
    return ticket


def _save(ticket: Ticket, user: User, kind: str, before: int | None, after: int | None) -> None:
    ticket.version += 1
    ticket.save()
    facts.record(
        ticket=ticket,
        kind=kind,
        actor=facts.by_user(user),
        data={"from": before, "to": after},
    )
