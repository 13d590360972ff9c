"""Find the citizen behind an address, or take them in."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from helpdesk.citizens.domain.terms import add_terms
from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.lib.phones import normalise_phone

NORMALISERS: dict[str, Callable[[str], str]] = {
    ContactKind.MAIL: normalise,
    ContactKind.PHONE: normalise_phone,
    ContactKind.ADDRESS: lambda value: " ".join(value.lower().split()),
}


def find_by_mail(*, authority_id: int, email: str) -> ContactPoint | None:
    """Return the contact point of ``email`` with its citizen, compared without regard to case."""
    return (
        ContactPoint.objects.select_related("citizen")
        .filter(authority_id=authority_id, kind=ContactKind.MAIL, normalised=normalise(email))
        .first()
    )


def identify_by_mail(
    *, authority_id: int, email: str, name: str = "", language: str = ""
) -> Citizen:
    """Return the citizen of ``email``, made now if unknown; two at once end with one."""
    found = find_by_mail(authority_id=authority_id, email=email)
    if found:
        return found.citizen
    try:
        with transaction.atomic():
            citizen = Citizen.objects.create(
                authority_id=authority_id, name=name[:160], language=language[:10]
            )
            point = ContactPoint.objects.create(
                citizen=citizen,
                authority_id=authority_id,
                kind=ContactKind.MAIL,
                value=email[:320],
                normalised=normalise(email)[:320],
            )
            add_terms(citizen=citizen, points=[point])
    except IntegrityError:
        return ContactPoint.objects.get(
            authority_id=authority_id, kind=ContactKind.MAIL, normalised=normalise(email)[:320]
        ).citizen
    return citizen


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
