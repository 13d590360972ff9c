"""Who calls: what the field of a note finds while somebody types, and what may be chosen of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from channels_in.phone.parse import parse_caller
from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen, ContactKind
from helpdesk.citizens.queries import matching
from helpdesk.desk.numbers import read_id
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import (
    by_number_or_reference,
    known_citizens,
    noted_since,
    open_tickets_of,
    visible_to,
)

MAX_TYPED = 200
MAX_HITS = 6
MAX_TICKETS = 30
TICKETS_EACH = 3
SAME_CALL = timedelta(minutes=10)
NEW = "new"
YEAR = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One line that may be chosen: a request to join, a citizen, or somebody new."""

    value: str
    title: str
    detail: str = ""
    hint: str = ""
    kind: str = "citizen"
    phone: str = ""


def find_callers(user: User, typed: str) -> list[Choice]:
    """Return what ``typed`` may mean, the likeliest first, somebody new last."""
    typed = " ".join(typed[:MAX_TYPED].split())
    if not typed:
        return []
    if typed.startswith("#"):
        found = by_number_or_reference(user, typed)[:MAX_HITS]
        return [_ticket_choice(ticket) for ticket in found]
    return [*_citizen_choices(user, typed), _new(typed)]


def _new(typed: str) -> Choice:
    person = parse_caller(typed)
    title = gettext("New: %(name)s") % {"name": person.name or gettext("without a name")}
    detail = " · ".join(filter(None, [person.phone, person.email, person.address]))
    return Choice(NEW, title, detail, kind=NEW, phone=person.phone)


def _ticket_choice(ticket: Ticket, phone: str = "") -> Choice:
    title = gettext("Add to %(number)s") % {"number": ticket.number[YEAR:]}
    detail = " · ".join(filter(None, [ticket.title, ticket.citizen_name, _status(ticket)]))
    return Choice(f"t{ticket.pk}", title, detail, kind="ticket", phone=phone)


def _status(ticket: Ticket) -> str:
    return str(ticket.get_status_display())


def _citizen_choices(user: User, typed: str) -> list[Choice]:
    """Return each citizen's open requests, then the citizen with something new."""
    found = list(
        matching(user.authority_id, typed)
        .filter(pk__in=known_citizens(user).values("pk"))
        .prefetch_related("contact_points")
        .order_by("name", "pk")[:MAX_HITS]
    )
    ids = [citizen.pk for citizen in found]
    tickets = _open_tickets(user, ids) if ids else {}
    hints = _hints(user, ids) if ids else {}
    choices = []
    for citizen in found:
        choices += _choices_of(citizen, tickets.get(citizen.pk, []), hints.get(citizen.pk, ""))
    return choices


def _open_tickets(user: User, citizen_ids: Sequence[int]) -> dict[int, list[Ticket]]:
    rows = sorted(
        open_tickets_of(user, citizen_ids)[:MAX_TICKETS], key=lambda one: one.citizen_id or 0
    )
    return {key or 0: list(group) for key, group in groupby(rows, key=lambda one: one.citizen_id)}


def choice_of(citizen: Citizen) -> Choice:
    """Return a citizen as the one line to choose."""
    return _choices_of(citizen, (), "")[-1]


def _choices_of(citizen: Citizen, tickets: Sequence[Ticket], hint: str) -> list[Choice]:
    points = list(citizen.contact_points.all())
    phone = next((point.value for point in points if point.kind == ContactKind.PHONE), "")
    others = [point.value for point in points if point.kind != ContactKind.PHONE]
    detail = " · ".join(filter(None, [phone, *others[:2], _how_many(tickets)]))
    joins = [_ticket_choice(ticket, phone) for ticket in tickets[:TICKETS_EACH]]
    name = citizen.name or phone or (others[0] if others else str(citizen))
    whom = Choice(f"c{citizen.pk}", name, detail, hint=hint, phone=phone)
    return [*joins, whom]


def _how_many(tickets: Sequence[Ticket]) -> str:
    if not tickets:
        return ""
    words = ngettext("%(count)d open", "%(count)d open", len(tickets))
    return words % {"count": len(tickets)}


def _hints(user: User, citizen_ids: Sequence[int]) -> dict[int, str]:
    """Say where a call of the same person was noted a moment ago."""
    hints: dict[int, str] = {}
    for note in noted_since(user, timezone.now() - SAME_CALL, citizen_ids)[:MAX_TICKETS]:
        minutes = int((timezone.now() - note.created_at).total_seconds() // 60)
        words = gettext("Noted %(minutes)d min ago by %(name)s in %(number)s: the same call?")
        name = note.author_user.name if note.author_user else gettext("a former colleague")
        values = {"minutes": minutes, "name": name, "number": note.ticket.number[YEAR:]}
        hints.setdefault(note.ticket.citizen_id or 0, words % values)
    return hints


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a chosen value stands for, as far as the user may know of it."""

    citizen: Citizen | None = None
    ticket: Ticket | None = None


def read_choice(user: User, value: str) -> Chosen | None:
    """Return what "c12" or "t34" names; None for what is not there or not for this user."""
    kind, key = value[:1], read_id(value[1:])
    if key is None:
        return None
    if kind == "c":
        citizen = known_citizens(user).filter(pk=key).first()
        return Chosen(citizen=citizen) if citizen else None
    ticket = visible_to(user).select_related("citizen").filter(pk=key).first()
    return Chosen(ticket.citizen, ticket) if kind == "t" and ticket else None
