"""Who may enter and change citizens: whoever works on their requests."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.contacts import PersonDetails, change_citizen, enter_citizen
from helpdesk.citizens.models import Citizen
from helpdesk.tickets.facts import by_user
from helpdesk.tickets.queries import citizens_visible_to
from helpdesk.tickets.rules import team_ids


class PersonNotThereError(Exception):
    """There is no such citizen, or this user may not do this to them: the two look the same."""


def enter_person(*, user: User, details: PersonDetails) -> Citizen:
    """Enter a citizen before there is a request; needs the right to create in some team.

    Raises PersonNotThereError, AddressTakenError.
    """
    if not team_ids(user, "can_create"):
        raise PersonNotThereError
    return enter_citizen(
        authority_id=user.authority_id, details=details, by=user, actor=by_user(user)
    )


def lock_person(*, citizen_id: int, user: User) -> Citizen:
    """Return the locked row; raises PersonNotThereError unless ``user`` may change them."""
    citizens = citizens_visible_to(user, "can_change")
    found = Citizen.objects.select_for_update(of=("self",)).filter(
        pk__in=citizens.filter(pk=citizen_id)
    )
    citizen = found.first()
    if citizen is None:
        raise PersonNotThereError
    return citizen


@transaction.atomic
def change_person(*, citizen_id: int, user: User, details: PersonDetails) -> Citizen:
    """Change name, language and ways to reach a citizen.

    Raises PersonNotThereError, AddressTakenError.
    """
    lock_person(citizen_id=citizen_id, user=user)
    return change_citizen(citizen_id=citizen_id, details=details, actor=by_user(user))
