"""A request that somebody else asks: another citizen, with a way back for a moment."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from helpdesk.agents.models import User
from helpdesk.citizens.domain.identify import take_in
from helpdesk.citizens.domain.kept import keep_change, take_change
from helpdesk.citizens.domain.register import ChangedSinceError
from helpdesk.citizens.models import Citizen, ContactKind
from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets import facts
from helpdesk.tickets.domain.identity import known_by_address
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.domain.writing import demand_there
from helpdesk.tickets.enums import ArticleKind, Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Participant, Ticket
from helpdesk.tickets.queries import known_citizens, public_thread

REQUESTER = "requester"
NOBODY = Person()
MESSAGES = Q(kind=ArticleKind.MESSAGE, trust__in=(Trust.PARTICIPANT, Trust.UNVERIFIED))
# What the citizen could read, or an answer would reply to.
SHOWN = MESSAGES | Q(kind=ArticleKind.ANSWER, trust=Trust.PARTICIPANT)
KEPT = ("author_citizen_id", "reply_address", "trust")


class NobodyChosenError(Exception):
    """Neither somebody known was chosen, nor anything typed of somebody new."""


class SameRequesterError(Exception):
    """Whoever was chosen asks already."""


@dataclass(frozen=True, slots=True)
class NewRequester:
    """Who asks from now on: somebody known, or as they were typed.

    ``may_read``: what was written so far is theirs, and they may read it; else it stays for
    staff. ``former_stays``: who asked until now goes on taking part, and keeps the link.
    """

    citizen_id: int | None = None
    typed: Person = NOBODY
    may_read: bool = True
    former_stays: bool = False


@transaction.atomic
def change_requester(*, ticket_id: int, user: User, to: NewRequester) -> str:
    """Give a ticket another citizen; return the key by which this can be taken back.

    Answers go to them from now on, and their mail joins; links sent to whoever asked before
    are void unless that one goes on taking part. Nobody is sent anything. What was typed
    leads only to people ``user`` may know of, else to somebody new (docs/adr/0030).
    Raises TicketNotThereError, GoneError, NobodyChosenError, SameRequesterError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    demand_there(ticket)
    citizen, is_new = _find(ticket, user, to)
    if citizen.pk == ticket.citizen_id:
        raise SameRequesterError
    former = ticket.citizen
    kept = _state(ticket) | {"to": citizen.pk, "is_new": is_new}
    kept["articles"] = _hand_articles(ticket, citizen, may_read=to.may_read)
    kept["participants"] = _seat(ticket, citizen, former_stays=to.former_stays)
    ticket.citizen, ticket.citizen_name = citizen, called(citizen)
    ticket.language = citizen.language or ticket.language
    if not to.former_stays:
        ticket.link_nonce = new_nonce()
    _save(ticket)
    _record(ticket, user, former, citizen, to)
    return keep_change(user=user, what=REQUESTER, data=kept)


@transaction.atomic
def take_back_requester(*, ticket_id: int, user: User, key: str) -> Ticket:
    """Give a ticket back to who asked before, with links, words and all; what came since stays.

    Raises TicketNotThereError, ChangedSinceError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    kept = take_change(user=user, what=REQUESTER, key=key)
    if kept is None or kept["ticket"] != ticket_id or kept["to"] != ticket.citizen_id:
        raise ChangedSinceError
    citizen, former = ticket.citizen, Citizen.objects.filter(pk=kept["citizen"]).first()
    if former is None and kept["citizen"] is not None:
        # Combined with another entry since: there is nobody to give it back to.
        raise ChangedSinceError
    _unseat(ticket, kept)
    ticket.citizen = former
    ticket.citizen_name, ticket.language = kept["name"], kept["language"]
    ticket.link_nonce = kept["nonce"]
    for row in kept["articles"]:
        Article.objects.filter(pk=row["pk"], ticket=ticket).update(
            **{name: row[name] for name in KEPT}
        )
    _save(ticket)
    if kept["is_new"] and citizen is not None:
        _forget(citizen)
    facts.record(
        ticket=ticket,
        kind=facts.REQUESTER_CHANGED,
        actor=facts.by_user(user),
        data={"from": kept["to"], "to": ticket.citizen_id, "undo": True},
        personal={"to": ticket.citizen_name},
    )
    return ticket


def called(citizen: Citizen) -> str:
    """Return what lists call a citizen: the name, else what reaches them."""
    if citizen.name:
        return citizen.name
    points = citizen.contact_points.order_by("kind", "pk")
    return (points.values_list("value", flat=True).first() or "")[:160]


def _find(ticket: Ticket, user: User, to: NewRequester) -> tuple[Citizen, bool]:
    """Return who was meant, and whether they are somebody new."""
    if to.citizen_id is not None:
        found = known_citizens(user).filter(pk=to.citizen_id).first()
        if found is None:
            raise NobodyChosenError
        return found, False
    typed = to.typed
    if not (typed.name or typed.email or typed.phone or typed.address):
        raise NobodyChosenError
    known = known_by_address(user, typed.email).first() if typed.email else None
    if known is not None:
        return known, False
    new = take_in(
        authority_id=ticket.authority_id,
        name=typed.name,
        email=typed.email,
        phone=typed.phone,
        address=typed.address,
    )
    return new, True


def _state(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.pk,
        "citizen": ticket.citizen_id,
        "name": ticket.citizen_name,
        "language": ticket.language,
        "nonce": ticket.link_nonce,
    }


def _hand_articles(ticket: Ticket, citizen: Citizen, *, may_read: bool) -> list[dict[str, Any]]:
    """Make what was said so far the new citizen's, or keep it for staff; return what it was."""
    own = Q(kind=ArticleKind.MESSAGE, author_citizen=citizen, trust=Trust.THIRD_PERSON)
    spoken = MESSAGES | Q(kind=ArticleKind.PHONE_NOTE)
    wanted = spoken & Q(author_citizen=ticket.citizen_id) if may_read else SHOWN
    articles = list(ticket.articles.filter(wanted | own).only("kind", *KEPT))
    before = [{"pk": each.pk} | {name: getattr(each, name) for name in KEPT} for each in articles]
    mail = _mail(citizen)
    for each in articles:
        if each.author_citizen_id == citizen.pk:
            # What they wrote as a third person is by who asks, from now on.
            each.trust = Trust.PARTICIPANT
        elif not may_read:
            each.trust = Trust.THIRD_PERSON
        else:
            each.author_citizen = citizen
            if mail and each.kind == ArticleKind.MESSAGE:
                # An answer goes to them, from whatever address was written for them.
                each.reply_address = mail
    Article.objects.bulk_update(articles, ("author_citizen", "reply_address", "trust"))
    return before


def _mail(citizen: Citizen) -> str:
    points = citizen.contact_points.filter(kind=ContactKind.MAIL).order_by("pk")
    return points.values_list("value", flat=True).first() or ""


def _seat(ticket: Ticket, citizen: Citizen, *, former_stays: bool) -> list[list[Any]]:
    """Let ``citizen`` take part as who asks; return who took part before, and as what."""
    before = [[row.citizen_id, row.role] for row in ticket.participants.order_by("pk")]
    asked = ticket.participants.filter(role=Participant.Role.REQUESTER)
    if former_stays:
        asked.update(role=Participant.Role.WATCHER)
    else:
        asked.delete()
    ticket.participants.update_or_create(
        citizen=citizen, defaults={"role": Participant.Role.REQUESTER}
    )
    return before


def _unseat(ticket: Ticket, kept: dict[str, Any]) -> None:
    before = dict(kept["participants"])
    if kept["to"] not in before:
        ticket.participants.filter(citizen_id=kept["to"]).delete()
    there = set(Citizen.objects.filter(pk__in=before).values_list("pk", flat=True))
    for citizen_id in before.keys() & there:
        ticket.participants.update_or_create(
            citizen_id=citizen_id, defaults={"role": before[citizen_id]}
        )


def _save(ticket: Ticket) -> None:
    public = public_thread(ticket).last()
    ticket.last_public_id = public.pk if public else None
    ticket.version += 1
    ticket.save()


def _forget(citizen: Citizen) -> None:
    """Delete somebody who was typed by mistake, unless they have something by now."""
    has_more = (
        citizen.tickets.exists() or citizen.participations.exists() or citizen.articles.exists()
    )
    if not has_more:
        citizen.delete()


def _record(
    ticket: Ticket, user: User, former: Citizen | None, citizen: Citizen, to: NewRequester
) -> None:
    facts.record(
        ticket=ticket,
        kind=facts.REQUESTER_CHANGED,
        actor=facts.by_user(user),
        data={
            "from": former.pk if former else None,
            "to": citizen.pk,
            "may_read": to.may_read,
            "former_stays": to.former_stays,
        },
        personal={"to": ticket.citizen_name},
    )
