"""Handing out what is kept of a person, with a fact that says who did so."""

from typing import Any

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.contacts import SUBJECT
from helpdesk.events.publish import Fact, publish
from helpdesk.privacy.persons import file_of
from helpdesk.tickets.domain.people import lock_person
from helpdesk.tickets.facts import by_user

HANDED_OUT = "citizen.handed_out"


@transaction.atomic
def hand_out(*, citizen_id: int, user: User) -> dict[str, Any]:
    """Return what is kept of a person, and remember that ``user`` took it out.

    Raises PersonNotThereError unless ``user`` may change what is kept of them.
    """
    citizen = lock_person(citizen_id=citizen_id, user=user)
    found = file_of(user, citizen)
    fact = Fact(HANDED_OUT, SUBJECT, citizen.pk, citizen.authority_id, data={})
    publish(fact=fact, actor=by_user(user))
    return found
