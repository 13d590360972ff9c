"""Two entries of one person become one, and two again for a moment if that was wrong."""

from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.citizens.domain.kept import keep_change, take_change
from helpdesk.citizens.domain.register import ChangedSinceError
from helpdesk.citizens.domain.unite import Two, part, unite
from helpdesk.citizens.models import Citizen
from helpdesk.tickets import facts
from helpdesk.tickets.domain.people import lock_person
from helpdesk.tickets.models import Article, Participant, Ticket
from helpdesk.tickets.rules import RIGHTS, tickets_with

COMBINING = "combining"
REQUESTER = Participant.Role.REQUESTER


class SamePersonError(Exception):
    """It is one entry already."""


class TwoAccountsError(Exception):
    """Both sign in to the portal: one of the two accounts would own nothing any more."""


@transaction.atomic
def combine_citizens(*, stays_id: int, goes_id: int, user: User) -> str:
    """Make two entries of one person one; return the key by which this can be taken back.

    Requests, words, ways to reach them, warnings and consents move to the one that stays,
    so that mail from either address finds it. The other is gone, unless a team whose
    requests ``user`` may not change knows it: for that team it stays, and becomes the same
    by a proof of its own (docs/adr/0030). Raises PersonNotThereError, SamePersonError,
    TwoAccountsError.
    """
    if stays_id == goes_id:
        raise SamePersonError
    # As in every other door: requests first, those who ask after them.
    _lock_requests(goes_id, user)
    locked = {pk: lock_person(citizen_id=pk, user=user) for pk in sorted({stays_id, goes_id})}
    two = Two(locked[stays_id], locked[goes_id])
    if two.stays.user_id and two.goes.user_id:
        raise TwoAccountsError
    kept = {"stays": stays_id, "goes": goes_id, **_move_requests(two, user)}
    kept["entry"] = unite(two=two, is_known_elsewhere=_is_left(two.goes), actor=facts.by_user(user))
    return keep_change(user=user, what=COMBINING, data=kept)


@transaction.atomic
def take_back_combining(*, stays_id: int, user: User, key: str) -> Citizen:
    """Make one entry two again, as they were; what came since stays with the one that stayed.

    Raises PersonNotThereError, ChangedSinceError.
    """
    _lock_requests(stays_id, user)
    stays = lock_person(citizen_id=stays_id, user=user)
    kept = take_change(user=user, what=COMBINING, key=key)
    if kept is None or kept["stays"] != stays_id:
        raise ChangedSinceError
    goes = part(stays=stays, kept=kept["entry"], actor=facts.by_user(user))
    _move_back(Two(stays, goes), kept, user)
    return goes


def find_movable(user: User, citizen: Citizen) -> QuerySet[Ticket]:
    """Return the requests of a citizen that would move: those that ``user`` may change."""
    return tickets_with(user, RIGHTS["change_ticket"]).filter(citizen=citizen)


def _lock_requests(citizen_id: int, user: User) -> list[Ticket]:
    """Lock, in their order, the requests of a citizen that ``user`` may change."""
    taking_part = Participant.objects.filter(citizen=citizen_id).values("ticket_id")
    mine = tickets_with(user, RIGHTS["change_ticket"])
    found = mine.filter(Q(citizen=citizen_id) | Q(pk__in=taking_part))
    return list(found.select_for_update(of=("self",)).order_by("pk"))


def _move_requests(two: Two, user: User) -> dict[str, Any]:
    tickets = _lock_requests(two.goes.pk, user)
    ids = [ticket.pk for ticket in tickets]
    theirs = [ticket for ticket in tickets if ticket.citizen_id == two.goes.pk]
    renamed = [each.pk for each in theirs if _is_called(each, two)]
    articles = Article.objects.filter(ticket_id__in=ids, author_citizen=two.goes)
    kept = {
        "tickets": [ticket.pk for ticket in theirs],
        "renamed": renamed,
        "articles": list(articles.values_list("pk", flat=True)),
        "seats": _move_seats(two, ids),
    }
    articles.update(author_citizen=two.stays)
    Ticket.objects.filter(pk__in=renamed).update(citizen_name=two.stays.name)
    _give(theirs, two.goes, two.stays, user)
    return kept


def _is_called(ticket: Ticket, two: Two) -> bool:
    """Tell whether lists call a request by the name of the entry that goes."""
    return bool(two.stays.name) and ticket.citizen_name == two.goes.name


def _give(tickets: list[Ticket], former: Citizen, citizen: Citizen, user: User) -> None:
    """Make locked tickets another citizen's, with a fact for each; few statements do it."""
    ids = [ticket.pk for ticket in tickets]
    Ticket.objects.filter(pk__in=ids).update(citizen=citizen, version=F("version") + 1)
    for ticket in tickets:
        ticket.version += 1
    facts.record_all(
        tickets=tickets,
        kind=facts.REQUESTER_CHANGED,
        actor=facts.by_user(user),
        data={"from": former.pk, "to": citizen.pk, "is_same": True},
    )


def _move_seats(two: Two, ids: list[int]) -> list[tuple[int, int, str]]:
    """Let the one that stays take part for the other; return who took part, and as what."""
    rows = Participant.objects.filter(ticket_id__in=ids, citizen__in=(two.stays, two.goes))
    seats = [(row.ticket_id, row.citizen_id, row.role) for row in rows.order_by("pk")]
    known = {ticket_id for ticket_id, citizen_id, _role in seats if citizen_id == two.stays.pk}
    asking = {t for t, c, role in seats if c == two.goes.pk and role == REQUESTER}
    leaving = Participant.objects.filter(ticket_id__in=ids, citizen=two.goes)
    leaving.filter(ticket_id__in=known).delete()
    leaving.update(citizen=two.stays)
    Participant.objects.filter(ticket_id__in=known & asking, citizen=two.stays).update(
        role=REQUESTER
    )
    return seats


def _is_left(goes: Citizen) -> bool:
    """Tell whether somebody else knows the entry that goes."""
    return (
        Ticket.objects.filter(citizen=goes).exists()
        or Participant.objects.filter(citizen=goes).exists()
        or Article.objects.filter(author_citizen=goes).exists()
    )


def _move_back(two: Two, kept: dict[str, Any], user: User) -> None:
    mine = tickets_with(user, RIGHTS["change_ticket"])
    found = mine.filter(pk__in=kept["tickets"], citizen=two.stays)
    tickets = list(found.select_for_update(of=("self",)).order_by("pk"))
    Ticket.objects.filter(
        pk__in=set(kept["renamed"]) & {ticket.pk for ticket in tickets},
        citizen_name=two.stays.name,
    ).update(citizen_name=two.goes.name)
    _give(tickets, two.stays, two.goes, user)
    Article.objects.filter(
        pk__in=kept["articles"], ticket__in=mine, author_citizen=two.stays
    ).update(author_citizen=two.goes)
    _seat_again(two, kept["seats"], mine)


def _seat_again(two: Two, seats: list[list[Any]], mine: QuerySet[Ticket]) -> None:
    """Seat both as they were, where the requests are still those of who takes it back."""
    there = set(mine.filter(pk__in=[each[0] for each in seats]).values_list("pk", flat=True))
    before = [each for each in seats if each[0] in there]
    with_both = {ticket_id for ticket_id, citizen_id, _ in before if citizen_id == two.stays.pk}
    Participant.objects.filter(
        ticket_id__in={each[0] for each in before} - with_both, citizen=two.stays
    ).delete()
    Participant.objects.bulk_create(
        (Participant(ticket_id=t, citizen_id=c, role=role) for t, c, role in before),
        update_conflicts=True,
        unique_fields=("ticket", "citizen"),
        update_fields=("role",),
    )
