"""What agents were told: opening a request answers the bell on all their screens."""

from helpdesk.agents.models import User
from helpdesk.live.broadcast import tell_of_notices
from helpdesk.notifications.notices import clear_all, clear_ticket


def answer_bell(user: User, ticket_id: int) -> None:
    """Note that ``user`` has the request before them; their other screens hear of it."""
    if clear_ticket(user=user, ticket_id=ticket_id):
        tell_of_notices([user.pk])


def silence_bell(user: User, upto: int) -> None:
    """Note that ``user`` has read all up to this notice."""
    if clear_all(user=user, upto=upto):
        tell_of_notices([user.pk])
