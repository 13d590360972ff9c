"""Take in the citizen behind an address: by their own mail, or by what others say of them."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Exists, OuterRef

from helpdesk.citizens.domain.terms import add_terms
from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.phones import normalise_phone
from helpdesk.lib.statements import Insert, Lookup

NORMALISERS: dict[str, Callable[[str], str]] = {
    ContactKind.MAIL: normalise,
    ContactKind.PHONE: normalise_phone,
    ContactKind.ADDRESS: lambda value: " ".join(value.lower().split()),
}


_OWNER = Lookup(
    lambda authority_id, normalised: ContactPoint.objects.filter(
        authority_id=authority_id,
        kind=ContactKind.MAIL,
        normalised=normalised,
        is_claimed=False,
    ).select_related("citizen"),
    "authority_id",
    "normalised",
)
_NEW_CITIZEN = Insert(Citizen)
_NEW_CONTACT = Insert(ContactPoint)


@transaction.atomic(savepoint=False)
def take_in_by_mail(
    *, authority_id: int, email: str, name: str = "", language: str = ""
) -> ContactPoint:
    """Make the citizen who wrote from ``email``, and return the address, theirs from now on.

    Two at once end with one.
    """
    normalised = normalise(email)[:320]
    citizen = Citizen(authority_id=authority_id, name=name[:160], language=language[:10])
    _NEW_CITIZEN.write(citizen)
    contact = ContactPoint(
        citizen=citizen,
        authority_id=authority_id,
        kind=ContactKind.MAIL,
        value=email[:320],
        normalised=normalised,
    )
    if _NEW_CONTACT.write_if_new(contact):
        add_terms(citizen=citizen, points=[contact])
        return contact
    # Another took them in at this very moment, and the row is there to be read.
    citizen.delete()
    known: ContactPoint = _OWNER.one(authority_id=authority_id, normalised=normalised)
    return known


@transaction.atomic(savepoint=False)
def take_in(
    *,
    authority_id: int,
    name: str = "",
    email: str = "",
    phone: str = "",
    address: str = "",
    language: str = "",
) -> Citizen:
    """Make a new citizen of what was typed.

    An address or a number typed by anybody proves nothing, so that it never finds
    an existing citizen by itself; the mail address stays claimed until its owner
    writes (docs/adr/0030). Agents combine two when they know.
    """
    citizen = Citizen(authority_id=authority_id, name=name[:160], language=language[:10])
    _NEW_CITIZEN.write(citizen)
    given = {
        ContactKind.MAIL: email,
        ContactKind.PHONE: phone,
        ContactKind.ADDRESS: address,
    }
    points = [
        ContactPoint(
            citizen=citizen,
            authority_id=authority_id,
            kind=kind,
            value=value[:320],
            normalised=NORMALISERS[kind](value)[:320],
            is_claimed=kind == ContactKind.MAIL,
        )
        for kind, value in given.items()
        if value.strip()
    ]
    if points:
        _NEW_CONTACT.write(*points)
    add_terms(citizen=citizen, points=points)
    return citizen


def prove_address(*, point: ContactPoint) -> None:
    """Note that the person of a claimed mail address wrote from it: it is theirs from now on.

    Nothing happens where it belongs to somebody already.
    """
    owned = ContactPoint.objects.filter(
        authority=OuterRef("authority"),
        kind=ContactKind.MAIL,
        normalised=OuterRef("normalised"),
        is_claimed=False,
    )
    ContactPoint.objects.filter(~Exists(owned), pk=point.pk).update(is_claimed=False)
