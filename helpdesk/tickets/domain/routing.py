"""What to do with an Inbound that was matched, or not, to a ticket: a table of decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.statements import Lookup
from helpdesk.outbox.models import Sender
from helpdesk.outbox.subaddress import without_tag
from helpdesk.tickets.domain.threading import Match, Sign, is_forward
from helpdesk.tickets.enums import ACTIVE, ENDED, LinkKind, Trust
from helpdesk.tickets.inbound import Inbound
from helpdesk.tickets.models import Participant, Ticket

_OURS = Lookup(
    lambda authority_id, email, written, untagged: Sender.objects.filter(
        email__in=[email, written, untagged], authority_id=authority_id
    ).values_list("pk"),
    "authority_id",
    "email",
    "written",
    "untagged",
)
_STAFF = Lookup(
    lambda email: (
        User.objects.alias(lower=Lower("email")).filter(lower=email, kind="staff").values_list("pk")
    ),
    "email",
)
_PARTICIPANTS = Lookup(
    lambda ticket_id, citizen_id, email: (
        Participant.objects.filter(
            Q(citizen_id=citizen_id) | Exists(_claims(email)), ticket_id=ticket_id
        )
        .order_by("pk")
        .values_list("citizen_id")
    ),
    "ticket_id",
    "citizen_id",
    "email",
)


def _claims(email: object) -> QuerySet[ContactPoint]:
    """Return the claims by which a participant was named with the address."""
    return ContactPoint.objects.filter(
        citizen=OuterRef("citizen"), kind=ContactKind.MAIL, normalised=email, is_claimed=True
    )


class Action(Enum):
    """Into the matched ticket, or into a new one."""

    JOIN = "join"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an Inbound goes, how far its sender is trusted, and what links to what.

    ``named_id`` is a participant who was only named with the sender's address, and who
    is the sender from now on.
    """

    action: Action
    trust: Trust
    ticket: Ticket | None = None
    link: LinkKind | None = None
    wakes: bool = False
    named_id: int | None = None


class Claim(Enum):
    """Whose address the sender uses."""

    OUTSIDE = "outside"
    STAFF = "staff"
    OURS = "ours"


def find_claim(inbound: Inbound) -> Claim:
    """Tell whether the sender claims an agent's or one of our own addresses (mail.md 56)."""
    email = normalise(inbound.person.email)
    if not email:
        return Claim.OUTSIDE
    if _OURS.first(**_spellings(inbound)):
        return Claim.OURS
    return Claim.STAFF if _STAFF.first(email=email) else Claim.OUTSIDE


def ask_claims_ahead(inbounds: Iterable[Inbound]) -> None:
    """Ask at once what :func:`find_claim` will ask for each, inside `together`."""
    named = [each for each in inbounds if each.person.email]
    _OURS.ask_ahead(map(_spellings, named))
    _STAFF.ask_ahead({"email": normalise(each.person.email)} for each in named)


def _spellings(inbound: Inbound) -> dict[str, object]:
    written = inbound.person.email
    email = normalise(written)
    return {
        "authority_id": inbound.authority_id,
        "email": email,
        "written": written,
        "untagged": without_tag(email),
    }


def find_participant(ticket: Ticket, inbound: Inbound, citizen: Citizen | None) -> int | None:
    """Return as whom the sender is requester or watcher of ``ticket``.

    It is the citizen themself, or somebody who was named with their address by others.
    """
    if citizen is None:
        return None
    email = "" if inbound.authentication_failed else normalise(inbound.person.email)
    rows = _PARTICIPANTS.values(ticket_id=ticket.pk, citizen_id=citizen.pk, email=email)
    found = {citizen_id for (citizen_id,) in rows}
    return citizen.pk if citizen.pk in found else next(iter(found), None)


def is_long_ended(ticket: Ticket) -> bool:
    """Tell whether a ticket ended so long ago that a reply is a new request (mail.md 65).

    How long that is the authority says, for mail as for the status page.
    """
    ended_at = ticket.resolved_at
    if ticket.status not in ENDED or ended_at is None:
        return False
    return timezone.now() - ended_at > timedelta(days=ticket.authority.reopen_days)


def decide(
    inbound: Inbound, match: Match | None, citizen: Citizen | None, claim: Claim
) -> Decision:
    """Choose between joining the matched ticket and a new one.

    A participant who proves a reference joins and wakes the ticket. A stranger
    with a valid reference joins for the staff's eyes only (mail.md 64). The
    number in a subject joins only a participant's mail, unverified, and only
    while the ticket is being worked on, since it changes no state (attack 25);
    everybody else gets a new ticket that is linked and marked.
    """
    trust = Trust.STAFF_CLAIM if claim is not Claim.OUTSIDE else Trust.PARTICIPANT
    if match is None:
        return Decision(Action.NEW, trust)
    ticket = match.ticket
    part = find_participant(ticket, inbound, citizen)
    known = part is not None
    if is_long_ended(ticket):
        return Decision(Action.NEW, trust, ticket, LinkKind.FOLLOWS if known else LinkKind.MENTIONS)
    if is_forward(inbound) and inbound.team_id != ticket.team_id:
        return Decision(Action.NEW, trust, ticket, LinkKind.RELATED)
    if match.sign is Sign.SUBJECT or (match.sign is Sign.SIBLING and not known):
        return _decide_on_weak_sign(ticket, match.sign, trust, known=known)
    if not known:
        stranger = Trust.THIRD_PERSON if trust is Trust.PARTICIPANT else trust
        return Decision(Action.JOIN, stranger, ticket)
    # Whoever works here may also have asked something; waking gives no agent's right to anybody.
    wakes = claim is not Claim.OURS and not inbound.is_automatic
    named_id = part if citizen and part != citizen.pk and trust is Trust.PARTICIPANT else None
    return Decision(Action.JOIN, trust, ticket, wakes=wakes, named_id=named_id)


def _decide_on_weak_sign(ticket: Ticket, sign: Sign, trust: Trust, *, known: bool) -> Decision:
    if known and sign is Sign.SUBJECT and ticket.status in ACTIVE and trust is Trust.PARTICIPANT:
        return Decision(Action.JOIN, Trust.UNVERIFIED, ticket)
    return Decision(
        Action.NEW,
        trust if known else (Trust.UNVERIFIED if trust is Trust.PARTICIPANT else trust),
        ticket,
        LinkKind.FOLLOWS if known else LinkKind.MENTIONS,
    )
