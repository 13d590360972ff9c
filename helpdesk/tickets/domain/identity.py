"""Who it is that asks, without telling a team whom another team knows (docs/adr/0030)."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.citizens.domain.contacts import Contact, add_contacts, adopt
from helpdesk.citizens.domain.identify import prove_address, take_in, take_in_by_mail
from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.events.publish import SYSTEM
from helpdesk.lib.addresses import normalise
from helpdesk.tickets import facts
from helpdesk.tickets.domain import intake_statements as sql
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.inbound import Inbound, Person
from helpdesk.tickets.models import Article, Participant, Ticket
from helpdesk.tickets.queries import known_citizens


def find_citizen(inbound: Inbound) -> Citizen | None:
    """Return who asks: the person an agent chose, the writer of a mail, or who was named."""
    person = inbound.person
    if inbound.citizen_id is not None:
        return Citizen.objects.get(pk=inbound.citizen_id, authority_id=inbound.authority_id)
    if inbound.channel == Channel.MAIL:
        # A mail without an address stays for an agent to assign.
        return _writer(inbound) if person.email else None
    if not person.email and inbound.ticket_id is not None:
        return None
    if not (person.name or person.email or person.phone or person.address):
        return None
    return _known_to_team(inbound) or take_in(
        authority_id=inbound.authority_id,
        name=person.name,
        email=person.email,
        phone=person.phone,
        address=person.address,
        language=inbound.language,
    )


def writer_of(inbound: Inbound) -> dict[str, object]:
    """Return the values by which `WRITER` is asked for the writer of a mail."""
    return {
        "authority_id": inbound.authority_id,
        "normalised": normalise(inbound.person.email)[:320],
        "team_id": inbound.team_id,
    }


def _writer(inbound: Inbound) -> Citizen:
    authority_id, email = inbound.authority_id, inbound.person.email
    asked = writer_of(inbound)
    point: ContactPoint | None = sql.WRITER.one(**asked)
    if point is not None and point.is_claimed:
        # Who only pretends to write from an address proves nothing by it.
        point = None if inbound.authentication_failed else point
        if point is not None:
            prove_address(point=point)
    if point is not None:
        return point.citizen
    new = take_in_by_mail(
        authority_id=authority_id,
        email=email,
        name=inbound.person.called,
        language=inbound.language,
    )
    sql.WRITER.know([new], **asked)
    return new.citizen


def take_in_watcher(inbound: Inbound, person: Person) -> Citizen:
    """Return whom a mail names in copy: one the team knows, else somebody new, by a claim."""
    point: ContactPoint | None = sql.WRITER.one(
        authority_id=inbound.authority_id,
        normalised=normalise(person.email)[:320],
        team_id=inbound.team_id,
    )
    if point is not None and point.is_claimed:
        return point.citizen
    return take_in(
        authority_id=inbound.authority_id,
        name=person.called,
        email=person.email,
        language=inbound.language,
    )


def _known_to_team(inbound: Inbound) -> Citizen | None:
    """Return whom the team a form goes to knows by this address; agents were asked before."""
    if inbound.channel != Channel.WEB or not inbound.person.email:
        return None
    point: ContactPoint | None = sql.KNOWN.one(
        authority_id=inbound.authority_id,
        normalised=normalise(inbound.person.email)[:320],
        team_id=inbound.team_id,
        category_id=inbound.category_id,
    )
    return point.citizen if point else None


def known_by_address(user: User, email: str) -> QuerySet[Citizen]:
    """Return those of an address whom ``user`` may know of, the owner first."""
    return (
        known_citizens(user)
        .filter(contact_points__kind=ContactKind.MAIL, contact_points__normalised=normalise(email))
        .order_by("contact_points__is_claimed", "pk")
    )


@transaction.atomic
def recognise(*, inbound: Inbound, user: User) -> Inbound:
    """Return the Inbound with the person its address leads to, as far as ``user`` knows them.

    Further ways to reach that person join what is known. Anybody else becomes somebody
    new, whether the address belongs to a citizen of another team or to nobody.
    """
    person = inbound.person
    if inbound.citizen_id is not None or not person.email:
        return inbound
    citizen = known_by_address(user, person.email).first()
    if citizen is None:
        return inbound
    add_contacts(citizen=citizen, contacts=_further(person), actor=facts.by_user(user))
    return replace(inbound, citizen_id=citizen.pk)


def _further(person: Person) -> list[Contact]:
    given = {ContactKind.PHONE: person.phone, ContactKind.ADDRESS: person.address}
    return [Contact(kind, value) for kind, value in given.items() if value.strip()]


def lock_theirs(*, ticket: Ticket, named_id: int) -> None:
    """Lock a request with those that `prove_person` will give away, by ascending key."""
    theirs = Q(pk=ticket.pk) | Q(citizen=named_id, team=ticket.team_id)
    list(Ticket.objects.select_for_update().filter(theirs).order_by("pk").values_list("pk"))


def prove_person(*, ticket: Ticket, named_id: int, citizen: Citizen) -> None:
    """Give the requests of somebody who was only named to the citizen who proved to be them.

    Only those of the team in which it was proved: it shares a request with the citizen from
    now on, any other team does not. Runs in the transaction that has locked them all: requests
    first, those who ask after them.
    """
    both = Citizen.objects.select_for_update(no_key=True).filter(pk__in=(named_id, citizen.pk))
    named = {each.pk: each for each in both.order_by("pk")}[named_id]
    adopt(citizen=citizen, named=named, actor=SYSTEM)
    theirs = Ticket.objects.filter(citizen=named, team_id=ticket.team_id)
    ids = list(theirs.values_list("pk", flat=True))
    Ticket.objects.filter(pk__in=ids).update(citizen=citizen)
    Article.objects.filter(ticket__in=ids, author_citizen=named, author_user=None).update(
        author_citizen=citizen
    )
    taking_part = Participant.objects.filter(ticket__in=ids, citizen=citizen)
    known = set(taking_part.values_list("ticket_id", flat=True))
    theirs_too = Participant.objects.filter(ticket__in=ids, citizen=named)
    theirs_too.filter(ticket__in=known).delete()
    theirs_too.update(citizen=citizen)
    ticket.citizen_id = citizen.pk
