"""Find the citizen behind an address, or take them in."""

from django.db import IntegrityError, transaction

from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise


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
            ContactPoint.objects.create(
                citizen=citizen,
                authority_id=authority_id,
                kind=ContactKind.MAIL,
                value=email[:320],
                normalised=normalise(email)[:320],
            )
    except IntegrityError:
        return ContactPoint.objects.get(
            authority_id=authority_id, kind=ContactKind.MAIL, normalised=normalise(email)[:320]
        ).citizen
    return citizen
