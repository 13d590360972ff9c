"""Who may enter and change citizens: whoever works on their requests."""

from datetime import date

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.contacts import PersonDetails, change_citizen, enter_citizen
from helpdesk.citizens.domain.kept import keep_change, take_change
from helpdesk.citizens.domain.register import (
    ChangedSinceError,
    Ties,
    change_organisation,
    end_caution,
    restore,
    set_caution,
    set_ties,
    snapshot,
)
from helpdesk.citizens.models import Caution, Citizen, ContactKind, ContactPoint, Organisation
from helpdesk.tickets.facts import by_user
from helpdesk.tickets.queries import citizens_visible_to, known_citizens
from helpdesk.tickets.rules import team_ids

ENTRY = "entry"


class PersonNotThereError(Exception):
    """There is no such citizen, or this user may not do this to them: the two look the same."""


class AddressTakenError(Exception):
    """The mail address belongs to another citizen the user knows; it leads to one person."""


def enter_person(*, user: User, details: PersonDetails) -> Citizen:
    """Enter a citizen before there is a request; needs the right to create in some team.

    Raises PersonNotThereError, AddressTakenError.
    """
    if not team_ids(user, "can_create"):
        raise PersonNotThereError
    _refuse_taken(user, details)
    return enter_citizen(
        authority_id=user.authority_id, details=details, by=user, actor=by_user(user)
    )


def lock_person(*, citizen_id: int, user: User) -> Citizen:
    """Return the locked row; raises PersonNotThereError unless ``user`` may change them.

    Mail that joins a request of theirs names them and goes on meanwhile: it holds the request's
    lock, which whoever combines two people wants next.
    """
    citizens = citizens_visible_to(user, "can_change")
    rows = Citizen.objects.select_for_update(of=("self",), no_key=True)
    citizen = rows.filter(pk__in=citizens.filter(pk=citizen_id)).first()
    if citizen is None:
        raise PersonNotThereError
    return citizen


@transaction.atomic
def change_person(*, citizen_id: int, user: User, details: PersonDetails) -> Citizen:
    """Change name, language and ways to reach a citizen.

    Raises PersonNotThereError, AddressTakenError.
    """
    lock_person(citizen_id=citizen_id, user=user)
    _refuse_taken(user, details, citizen_id)
    return change_citizen(citizen_id=citizen_id, details=details, actor=by_user(user))


@transaction.atomic
def change_entry(*, citizen_id: int, user: User, details: PersonDetails, ties: Ties) -> str:
    """Change all that staff keep of a citizen; return the key of the undo, "" if nothing changed.

    Raises PersonNotThereError, AddressTakenError.
    """
    before = snapshot(lock_person(citizen_id=citizen_id, user=user))
    citizen = change_person(citizen_id=citizen_id, user=user, details=details)
    theirs = known_citizens(user).exclude(organisation=None).values("organisation_id")
    known = Organisation.objects.filter(pk__in=theirs)
    citizen = set_ties(citizen=citizen, ties=ties, known=known, actor=by_user(user))
    after = snapshot(citizen)
    if before == after:
        return ""
    kept = {"citizen": citizen_id, "before": before, "after": after}
    return keep_change(user=user, what=ENTRY, data=kept)


@transaction.atomic
def take_back_entry(*, citizen_id: int, user: User, key: str) -> None:
    """Undo a change of a citizen. Raises PersonNotThereError, ChangedSinceError."""
    citizen = lock_person(citizen_id=citizen_id, user=user)
    kept = take_change(user=user, what=ENTRY, key=key)
    if kept is None or kept["citizen"] != citizen_id:
        raise ChangedSinceError
    restore(citizen=citizen, before=kept["before"], after=kept["after"], actor=by_user(user))


@transaction.atomic
def warn_of_person(*, citizen_id: int, user: User, reason: str, until: date) -> Caution:
    """Warn colleagues of a citizen until a day. Raises PersonNotThereError."""
    citizen = lock_person(citizen_id=citizen_id, user=user)
    return set_caution(citizen=citizen, reason=reason, until=until, by=user, actor=by_user(user))


@transaction.atomic
def end_warning(*, citizen_id: int, user: User) -> bool:
    """End the warning of a citizen; False where there is none. Raises PersonNotThereError."""
    citizen = lock_person(citizen_id=citizen_id, user=user)
    return end_caution(citizen=citizen, actor=by_user(user))


@transaction.atomic
def rename_organisation(*, organisation_id: int, user: User, name: str, domain: str) -> None:
    """Change an organisation some of whose people ``user`` may change.

    Raises PersonNotThereError.
    """
    people = citizens_visible_to(user, "can_change").filter(organisation_id=organisation_id)
    found = Organisation.objects.select_for_update().filter(
        pk=organisation_id, authority_id=user.authority_id
    )
    organisation = found.first() if people.exists() else None
    if organisation is None:
        raise PersonNotThereError
    change_organisation(organisation=organisation, name=name, domain=domain, actor=by_user(user))


def _refuse_taken(user: User, details: PersonDetails, citizen_id: int | None = None) -> None:
    """Refuse the address of somebody else whom ``user`` knows.

    Whether it is that of anybody else is told to nobody (docs/adr/0030).
    """
    mails = [each.normalised for each in details.contacts if each.kind == ContactKind.MAIL]
    if not mails:
        return
    taken = ContactPoint.objects.filter(
        authority_id=user.authority_id,
        kind=ContactKind.MAIL,
        normalised__in=mails,
        citizen__in=known_citizens(user),
    )
    if citizen_id is not None:
        taken = taken.exclude(citizen_id=citizen_id)
    if taken.exists():
        raise AddressTakenError
