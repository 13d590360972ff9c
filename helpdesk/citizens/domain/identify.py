"""Find the citizen behind an address, or take them in."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

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


_BY_MAIL = Lookup(
    lambda authority_id, normalised: Citizen.objects.filter(
        contact_points__authority_id=authority_id,
        contact_points__kind=ContactKind.MAIL,
        contact_points__normalised=normalised,
    ),
    "authority_id",
    "normalised",
)
_NEW_CITIZEN = Insert(Citizen)
_NEW_CONTACT = Insert(ContactPoint)


def identify_by_mail(
    *, authority_id: int, email: str, name: str = "", language: str = ""
) -> Citizen:
    """Return the citizen of ``email``, made now if unknown; two at once end with one."""
    where = {"authority_id": authority_id, "normalised": normalise(email)[:320]}
    found: Citizen | None = _BY_MAIL.one(**where)
    return found or _take_in_by_mail(email, name, language, where)


def ask_ahead(*, authority_id: int, emails: Iterable[str]) -> None:
    """Ask at once for all whom :func:`identify_by_mail` will be asked for, inside `together`."""
    wanted = ({"authority_id": authority_id, "normalised": normalise(e)[:320]} for e in emails)
    _BY_MAIL.ask_ahead(wanted)


@transaction.atomic(savepoint=False)
def _take_in_by_mail(email: str, name: str, language: str, where: dict[str, Any]) -> Citizen:
    citizen = Citizen(authority_id=where["authority_id"], name=name[:160], language=language[:10])
    _NEW_CITIZEN.write(citizen)
    contact = ContactPoint(citizen=citizen, kind=ContactKind.MAIL, value=email[:320], **where)
    if _NEW_CONTACT.write_if_new(contact):
        add_terms(citizen=citizen, points=[contact])
        _BY_MAIL.know([citizen], **where)
        return citizen
    # Another took them in at this very moment, and the row is there to be read.
    citizen.delete()
    known: Citizen = _BY_MAIL.one(**where)
    return known


@transaction.atomic
def take_in(
    *, authority_id: int, name: str = "", phone: str = "", address: str = "", language: str = ""
) -> Citizen:
    """Make a new citizen who gave no mail address.

    A number or a postal address typed by anybody proves nothing, so that it never
    finds an existing citizen by itself; agents combine two when they know.
    """
    citizen = Citizen.objects.create(
        authority_id=authority_id, name=name[:160], language=language[:10]
    )
    given = {ContactKind.PHONE: phone, ContactKind.ADDRESS: address}
    points = [
        ContactPoint(
            citizen=citizen,
            authority_id=authority_id,
            kind=kind,
            value=value[:320],
            normalised=NORMALISERS[kind](value)[:320],
        )
        for kind, value in given.items()
        if value.strip()
    ]
    ContactPoint.objects.bulk_create(points)
    add_terms(citizen=citizen, points=points)
    return citizen
