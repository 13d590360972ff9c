"""What is known of a citizen, changed by somebody who may; the caller has checked the right."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.identify import NORMALISERS
from helpdesk.citizens.domain.terms import renew_terms
from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.events.publish import Actor, Fact, publish

SUBJECT = "citizen"
ENTERED = "citizen.entered"
CHANGED = "citizen.changed"


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach somebody."""

    kind: str
    value: str

    @property
    def normalised(self) -> str:
        """Return the form in which it is compared."""
        return NORMALISERS[self.kind](self.value)[:320]


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """Name, language and all ways to reach a citizen."""

    name: str
    language: str
    contacts: tuple[Contact, ...]


@transaction.atomic
def enter_citizen(*, authority_id: int, details: PersonDetails, by: User, actor: Actor) -> Citizen:
    """Enter a new citizen; a mail address stays claimed until its owner writes."""
    citizen = Citizen.objects.create(
        authority_id=authority_id,
        name=details.name[:160],
        language=details.language[:10],
        created_by=by,
    )
    _write(citizen, details.contacts)
    renew_terms(citizen=citizen)
    _record(citizen, actor, ENTERED, ("name", "language", "contacts"))
    return citizen


@transaction.atomic
def change_citizen(*, citizen_id: int, details: PersonDetails, actor: Actor) -> Citizen:
    """Change a citizen; contacts that stay keep what is known of them."""
    rows = Citizen.objects.select_for_update(of=("self",), no_key=True)
    citizen = rows.get(pk=citizen_id)
    changed = [
        name for name in ("name", "language") if getattr(citizen, name) != getattr(details, name)
    ]
    for name in changed:
        setattr(citizen, name, getattr(details, name))
    if changed:
        citizen.save(update_fields=changed)
    if _write(citizen, details.contacts):
        changed.append("contacts")
    if changed:
        renew_terms(citizen=citizen)
        _record(citizen, actor, CHANGED, changed)
    return citizen


@transaction.atomic
def add_contacts(*, citizen: Citizen, contacts: Iterable[Contact], actor: Actor) -> None:
    """Add further ways to reach a citizen; what is known already changes nothing."""
    points = citizen.contact_points.values_list("kind", "normalised")
    known = set(points)
    new = [one for one in contacts if (one.kind, one.normalised) not in known]
    for contact in new:
        _add(citizen, contact)
    if new:
        renew_terms(citizen=citizen)
        _record(citizen, actor, CHANGED, ["contacts"])


@transaction.atomic
def adopt(*, citizen: Citizen, named: Citizen, actor: Actor) -> None:
    """Let ``named``, of whom others spoke, be ``citizen``, who proved it; their contacts join.

    The row stays for those who typed it and may not know of the other.
    """
    Citizen.objects.filter(pk=named.pk).update(same_as=citizen)
    points = named.contact_points.order_by("pk")
    contacts = [Contact(point.kind, point.value) for point in points]
    add_contacts(citizen=citizen, contacts=contacts, actor=actor)


def _write(citizen: Citizen, contacts: Iterable[Contact]) -> bool:
    wanted = {(contact.kind, contact.normalised): contact for contact in contacts}
    known = {(point.kind, point.normalised): point for point in citizen.contact_points.all()}
    gone = [point.pk for key, point in known.items() if key not in wanted]
    new = [contact for key, contact in wanted.items() if key not in known]
    if gone:
        ContactPoint.objects.filter(pk__in=gone).delete()
    for contact in new:
        _add(citizen, contact)
    return bool(gone or new)


def _add(citizen: Citizen, contact: Contact) -> None:
    ContactPoint.objects.create(
        citizen=citizen,
        authority_id=citizen.authority_id,
        kind=contact.kind,
        value=contact.value[:320],
        normalised=contact.normalised,
        is_claimed=contact.kind == ContactKind.MAIL,
    )


def _record(citizen: Citizen, actor: Actor, kind: str, fields: Iterable[str]) -> None:
    publish(
        fact=Fact(kind, SUBJECT, citizen.pk, citizen.authority_id, data={"fields": sorted(fields)}),
        actor=actor,
    )
