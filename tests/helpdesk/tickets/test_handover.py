"""A request that somebody else asks: who reads, who is answered, whose mail joins, the way back."""

import pytest

from helpdesk.citizens.domain.kept import forget_changes
from helpdesk.citizens.domain.register import ChangedSinceError
from helpdesk.citizens.models import Citizen, ContactPoint, KeptChange
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.forward import is_between_us_and_citizen
from helpdesk.tickets.domain.handover import (
    NewRequester,
    NobodyChosenError,
    SameRequesterError,
    change_requester,
    take_back_requester,
)
from helpdesk.tickets.domain.letters import find_answer_address
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.enums import Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Article, Participant, Ticket
from helpdesk.tickets.queries import known_citizens, public_thread
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
DORA = Person("Dora Dritte", "dora@example.org")


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    """Clara's, answered once."""
    made = make_ticket(house)
    answer = Answer(
        made.pk, "Wir kommen.", "a", seen_article_id=made.last_article_id, undo_seconds=0
    )
    write_answer(answer=answer, user=house.anna)
    return Ticket.objects.get(pk=made.pk)


def dora_of(house: House) -> Citizen:
    other = make_ticket(house, message_id="<dora@example.org>", person=DORA)
    return Citizen.objects.get(tickets=other)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def seats_of(ticket: Ticket) -> set[tuple[str, str]]:
    rows = Participant.objects.filter(ticket=ticket).select_related("citizen")
    return {(row.citizen.name, row.role) for row in rows}


def test_the_new_one_is_answered_and_reads_nothing_of_before(house: House, ticket: Ticket) -> None:
    dora, token = dora_of(house), status_token(ticket)

    change_requester(ticket_id=ticket.pk, user=house.anna, to=NewRequester(dora.pk, may_read=False))

    changed = again(ticket)
    assert (changed.citizen, changed.citizen_name) == (dora, "Dora Dritte")
    assert seats_of(changed) == {("Dora Dritte", "requester")}
    assert list(public_thread(changed)) == []
    assert not any(is_between_us_and_citizen(each, changed) for each in changed.articles.all())
    assert changed.last_public_id is None
    address = find_answer_address(changed)
    assert address is not None
    assert address.address == "dora@example.org"
    assert status_token(changed) != token


def test_what_was_theirs_all_along_stays_readable_and_the_answer_goes_to_them(
    house: House, ticket: Ticket
) -> None:
    dora, token = dora_of(house), status_token(ticket)
    to = NewRequester(dora.pk, may_read=True, former_stays=True)

    change_requester(ticket_id=ticket.pk, user=house.anna, to=to)

    changed = again(ticket)
    assert [each.author_citizen for each in public_thread(changed)] == [dora, None]
    address = find_answer_address(changed)
    assert address is not None
    assert address.address == "dora@example.org"
    assert seats_of(changed) == {("Dora Dritte", "requester"), ("Clara Citizen", "watcher")}
    assert status_token(changed) == token


def test_mail_of_the_new_one_joins_and_that_of_the_former_is_for_staff(
    house: House, ticket: Ticket
) -> None:
    dora = dora_of(house)
    change_requester(ticket_id=ticket.pk, user=house.anna, to=NewRequester(dora.pk, may_read=False))

    make_ticket(
        house, person=DORA, message_id="<d2@example.org>", in_reply_to="<first@example.org>"
    )
    make_ticket(house, message_id="<c2@example.org>", in_reply_to="<first@example.org>")

    later = Article.objects.filter(message_id__in=["<d2@example.org>", "<c2@example.org>"])
    trusted = {(each.ticket_id, each.from_name, each.trust) for each in later}
    assert trusted == {
        (ticket.pk, "Dora Dritte", Trust.PARTICIPANT),
        (ticket.pk, "Clara Citizen", Trust.THIRD_PERSON),
    }
    assert [each.from_name for each in public_thread(again(ticket))] == ["Dora Dritte"]


@pytest.mark.parametrize("may_read", [True, False])
def test_the_undo_brings_everything_back_and_forgets_whom_it_made(
    house: House, ticket: Ticket, *, may_read: bool
) -> None:
    token, read = status_token(ticket), list(public_thread(ticket))
    articles = list(
        Article.objects.order_by("pk").values("author_citizen", "reply_address", "trust")
    )
    to = NewRequester(typed=Person("Egon", phone="0171 5550132"), may_read=may_read)
    key = change_requester(ticket_id=ticket.pk, user=house.anna, to=to)
    assert again(ticket).citizen_name == "Egon"

    take_back_requester(ticket_id=ticket.pk, user=house.anna, key=key)

    back = again(ticket)
    assert (back.citizen, back.citizen_name) == (ticket.citizen, "Clara Citizen")
    assert (status_token(back), list(public_thread(back))) == (token, read)
    assert back.last_public_id == ticket.last_public_id
    assert seats_of(back) == {("Clara Citizen", "requester")}
    assert articles == list(
        Article.objects.order_by("pk").values("author_citizen", "reply_address", "trust")
    )
    assert not Citizen.objects.filter(name="Egon").exists()
    assert not KeptChange.objects.exists()
    with pytest.raises(ChangedSinceError):
        take_back_requester(ticket_id=ticket.pk, user=house.anna, key=key)


def test_what_cannot_go_back_to_somebody_who_is_gone_stays_as_it_is(
    house: House, ticket: Ticket
) -> None:
    dora = dora_of(house)
    key = change_requester(ticket_id=ticket.pk, user=house.anna, to=NewRequester(dora.pk))
    Citizen.objects.filter(name="Clara Citizen").delete()

    with pytest.raises(ChangedSinceError):
        take_back_requester(ticket_id=ticket.pk, user=house.anna, key=key)

    assert again(ticket).citizen == dora


def test_an_address_of_another_teams_citizen_leads_to_somebody_new(
    house: House, ticket: Ticket
) -> None:
    foreign = make_ticket(
        house, message_id="<f@example.org>", person=DORA, team_id=house.waste.pk, sender_id=None
    )
    to = NewRequester(typed=Person("Dora", "dora@example.org"))

    change_requester(ticket_id=ticket.pk, user=house.anna, to=to)

    named = again(ticket).citizen
    assert named is not None
    assert named != foreign.citizen
    assert [point.is_claimed for point in named.contact_points.all()] == [True]
    assert not known_citizens(house.anna).filter(pk=foreign.citizen_id or 0).exists()
    assert ContactPoint.objects.filter(normalised="dora@example.org", is_claimed=False).count() == 1


def test_whom_one_may_not_know_or_who_asks_already_can_not_be_chosen(
    house: House, ticket: Ticket
) -> None:
    foreign = make_ticket(
        house, message_id="<f@example.org>", person=DORA, team_id=house.waste.pk, sender_id=None
    )
    refused = {
        foreign.citizen_id: NobodyChosenError,
        None: NobodyChosenError,
        ticket.citizen_id: SameRequesterError,
    }

    for citizen_id, error in refused.items():
        with pytest.raises(error):
            change_requester(ticket_id=ticket.pk, user=house.anna, to=NewRequester(citizen_id))
    with pytest.raises(TicketNotThereError):
        change_requester(ticket_id=ticket.pk, user=house.bert, to=NewRequester(foreign.citizen_id))
    assert again(ticket).citizen == ticket.citizen


def test_what_was_kept_for_an_undo_is_gone_when_its_time_is_over(
    house: House, ticket: Ticket
) -> None:
    key = change_requester(ticket_id=ticket.pk, user=house.anna, to=NewRequester(dora_of(house).pk))
    kept = KeptChange.objects.get()
    kept.created_at = ticket.received_at
    kept.save()

    with pytest.raises(ChangedSinceError):
        take_back_requester(ticket_id=ticket.pk, user=house.anna, key=key)
    assert forget_changes() == 1
