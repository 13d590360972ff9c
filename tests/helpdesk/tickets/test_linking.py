"""Linking two requests and taking that back, while a colleague does the same from the other end."""

from functools import partial

import pytest
from django.db import transaction

from helpdesk.tickets.domain.link import link_tickets, take_back_linking, unlink_tickets
from helpdesk.tickets.domain.taking_back import ChangedSinceError
from helpdesk.tickets.enums import LinkKind
from helpdesk.tickets.models import TicketLink
from tests.factories.house import House, make_house, make_ticket
from tests.locks import Beside


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_an_undo_looks_at_what_is_linked_from_the_other_end_in_the_same_moment(
    house: House,
) -> None:
    one, other = (make_ticket(house, message_id=f"<{n}@example.org>") for n in (1, 2))
    link = partial(link_tickets, ticket_id=other.pk, other_id=one.pk, user=house.anna)
    link(reason="wie vorher")
    key = unlink_tickets(ticket_id=one.pk, other_id=other.pk, user=house.anna)
    undo = Beside(partial(take_back_linking, ticket_id=one.pk, user=house.anna, key=key))

    with transaction.atomic():
        link(reason="von neuem")
        undo.start()
        undo.comes_to_the_lock()
    undo.ends()

    assert isinstance(undo.error, ChangedSinceError)
    links = TicketLink.objects.values_list("source", "target", "kind", "reason")
    assert list(links) == [(other.pk, one.pk, LinkKind.RELATED, "von neuem")]
