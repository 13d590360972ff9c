"""Two entries of one person become one: what moves, whose mail finds it, who else is untouched."""

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.citizens.domain.contacts import Contact, PersonDetails, add_contacts
from helpdesk.citizens.domain.register import ChangedSinceError
from helpdesk.citizens.models import Caution, Citizen, ContactKind, ContactPoint, SearchTerm
from helpdesk.citizens.queries import matching
from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM
from helpdesk.tickets import facts
from helpdesk.tickets.domain.combine import (
    SamePersonError,
    TwoAccountsError,
    combine_citizens,
    take_back_combining,
)
from helpdesk.tickets.domain.people import PersonNotThereError, enter_person, lock_person
from helpdesk.tickets.enums import Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Participant, Ticket
from helpdesk.tickets.queries import known_citizens
from tests.factories.house import NOON, House, make_agent, make_house, make_ticket
from tests.locks import locked

pytestmark = pytest.mark.django_db
PRIVATE = Person("Clara C.", "privat@example.net")


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def two(house: House) -> tuple[Ticket, Ticket]:
    """Clara by her address at work, and by her own."""
    work = make_ticket(house)
    own = make_ticket(house, message_id="<own@example.net>", person=PRIVATE)
    return work, own


def everything() -> dict[str, object]:
    """Return all rows that a combining touches."""
    tables = (Citizen, ContactPoint, Caution, SearchTerm, Participant)
    rows = {
        each.__name__: sorted(map(str, each.objects.values_list(*_columns(each))))
        for each in tables
    }
    return rows | {
        "tickets": list(Ticket.objects.order_by("pk").values_list("citizen", "citizen_name")),
        "articles": list(Article.objects.order_by("pk").values_list("author_citizen", flat=True)),
    }


def _columns(model: type[object]) -> list[str]:
    left_out = {"id"} if model in {SearchTerm, Participant, ContactPoint} else set()
    fields = model._meta.concrete_fields  # type: ignore[attr-defined]  # any of a few models
    return [field.attname for field in fields if field.attname not in left_out]


def combine(house: House, stays: Ticket, goes: Ticket) -> str:
    stays_id, goes_id = stays.citizen_id or 0, goes.citizen_id or 0
    return combine_citizens(stays_id=stays_id, goes_id=goes_id, user=house.anna)


def test_everything_moves_to_the_one_that_stays_and_the_other_is_gone(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    Caution.objects.create(citizen_id=own.citizen_id or 0, reason="Hund", until=NOON.date())

    combine(house, work, own)

    clara = Citizen.objects.get()
    assert (clara.pk, clara.name) == (work.citizen_id, "Clara Citizen")
    assert {point.normalised for point in clara.contact_points.filter(is_claimed=False)} == {
        "clara@example.org",
        "privat@example.net",
    }
    assert clara.cautions.count() == 1
    assert set(Ticket.objects.values_list("citizen", "citizen_name")) == {
        (clara.pk, "Clara Citizen")
    }
    assert set(Article.objects.values_list("author_citizen", flat=True)) == {clara.pk}
    assert set(Participant.objects.values_list("citizen", flat=True)) == {clara.pk}
    assert list(matching(house.authority.pk, "privat@example.net")) == [clara]
    told = Event.objects.get(kind=facts.REQUESTER_CHANGED)
    assert (told.subject_id, told.data["to"]) == (own.pk, clara.pk)


def test_later_mail_from_either_address_finds_the_one_and_joins(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    combine(house, work, own)

    new = make_ticket(house, message_id="<n@example.net>", person=PRIVATE)
    make_ticket(
        house, message_id="<r@example.net>", person=PRIVATE, in_reply_to="<first@example.org>"
    )

    assert new.citizen_id == work.citizen_id
    reply = Article.objects.get(message_id="<r@example.net>")
    assert (reply.ticket, reply.trust) == (work, Trust.PARTICIPANT)


def test_the_undo_makes_two_of_it_as_they_were(house: House, two: tuple[Ticket, Ticket]) -> None:
    work, own = two
    shared = Contact(ContactKind.PHONE, "0171 5550132")
    for ticket in two:
        citizen = Citizen.objects.get(tickets=ticket)
        add_contacts(citizen=citizen, contacts=[shared], actor=SYSTEM)
    Caution.objects.create(citizen_id=own.citizen_id or 0, reason="Hund", until=NOON.date())
    Participant.objects.create(ticket=own, citizen_id=work.citizen_id or 0, role="watcher")
    before = everything()
    key = combine(house, work, own)

    take_back_combining(stays_id=work.citizen_id or 0, user=house.anna, key=key)

    assert everything() == before
    with pytest.raises(ChangedSinceError):
        take_back_combining(stays_id=work.citizen_id or 0, user=house.anna, key=key)


def test_the_proved_address_wins_over_the_same_one_that_was_only_typed(house: House) -> None:
    typed = PersonDetails("Clara", "", (Contact(ContactKind.MAIL, "privat@example.net"),))
    entered = enter_person(user=house.anna, details=typed)
    own = make_ticket(house, message_id="<own@example.net>", person=PRIVATE)
    before = everything()

    key = combine_citizens(stays_id=entered.pk, goes_id=own.citizen_id or 0, user=house.anna)

    (point,) = ContactPoint.objects.all()
    assert (point.citizen, point.is_claimed) == (entered, False)
    take_back_combining(stays_id=entered.pk, user=house.anna, key=key)
    assert everything() == before


def test_a_foreign_team_keeps_its_entry_and_learns_nothing(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    foreign = make_ticket(
        house,
        message_id="<f@example.net>",
        person=PRIVATE,
        team_id=house.waste.pk,
        sender_id=None,
    )
    assert foreign.citizen_id == own.citizen_id
    before = everything()

    key = combine(house, work, own)

    (theirs,) = known_citizens(house.bert)
    assert (theirs.pk, theirs.name) == (foreign.citizen_id, "Clara C.")
    assert [(p.value, p.is_claimed) for p in theirs.contact_points.all()] == [
        ("privat@example.net", True)
    ]
    assert [each.pk for each in known_citizens(house.anna)] == [work.citizen_id]
    assert make_ticket(house, message_id="<n@example.net>", person=PRIVATE).citizen == work.citizen
    Ticket.objects.filter(articles__message_id="<n@example.net>").delete()
    take_back_combining(stays_id=work.citizen_id or 0, user=house.anna, key=key)
    assert everything() == before


def test_a_warning_holds_for_the_one_that_stays_where_a_foreign_team_keeps_the_other(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    foreign = make_ticket(
        house,
        message_id="<f@example.net>",
        person=PRIVATE,
        team_id=house.waste.pk,
        sender_id=None,
    )
    Caution.objects.create(citizen_id=own.citizen_id or 0, reason="Hund", until=NOON.date())
    Citizen.objects.filter(pk=own.citizen_id or 0).update(note="Ruft selbst an.")
    Citizen.objects.filter(pk=work.citizen_id or 0).update(same_as=own.citizen)
    before = everything()

    key = combine(house, work, own)

    warned = Caution.objects.values_list("citizen", "reason")
    assert set(warned) == {(work.citizen_id, "Hund"), (foreign.citizen_id, "Hund")}
    clara = Citizen.objects.get(pk=work.citizen_id or 0)
    assert (clara.note, clara.same_as) == ("Ruft selbst an.", None)
    take_back_combining(stays_id=clara.pk, user=house.anna, key=key)
    assert everything() == before


def test_only_two_whom_one_may_change_can_be_combined(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    ids = {"stays_id": work.citizen_id or 0, "goes_id": own.citizen_id or 0}
    reader = make_agent(house.authority, "Rita Reader", house.roads)
    reader.memberships.update(can_change=False)

    for user in (house.bert, reader):
        with pytest.raises(PersonNotThereError):
            combine_citizens(**ids, user=user)
    with pytest.raises(SamePersonError):
        combine_citizens(stays_id=ids["stays_id"], goes_id=ids["stays_id"], user=house.anna)
    for number, pk in enumerate(ids.values()):
        account = make_agent(house.authority, f"Konto{number} Clara")
        Citizen.objects.filter(pk=pk).update(user=account)
    with pytest.raises(TwoAccountsError):
        combine_citizens(**ids, user=house.anna)
    assert Citizen.objects.count() == 2


def test_who_signs_in_is_the_one_that_stays_and_parted_again_the_other(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    elsewhere = {"team_id": house.waste.pk, "sender_id": None}
    make_ticket(house, message_id="<f@example.net>", person=PRIVATE, **elsewhere)
    login = make_agent(house.authority, "Konto Clara")
    Citizen.objects.filter(pk=own.citizen_id or 0).update(user=login)
    before = everything()

    key = combine(house, work, own)

    assert Citizen.objects.get(user=login).pk == work.citizen_id
    take_back_combining(stays_id=work.citizen_id or 0, user=house.anna, key=key)
    assert everything() == before


def test_many_requests_move_by_as_many_statements_as_one(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    counted = []
    for more in (0, 5):
        for number in range(more):
            make_ticket(house, message_id=f"<{number}@example.net>", person=PRIVATE)
        with CaptureQueriesContext(connection) as asked:
            key = combine(house, *two)
            take_back_combining(stays_id=two[0].citizen_id or 0, user=house.anna, key=key)
        counted.append(len(asked))

    assert counted[1] <= counted[0]
    assert Event.objects.filter(kind=facts.REQUESTER_CHANGED).count() == 2 + 2 * 6


def test_what_went_to_others_since_stays_with_the_one_that_stayed(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    work, own = two
    key = combine(house, work, own)
    Ticket.objects.filter(pk=own.pk).update(team=house.waste)

    take_back_combining(stays_id=work.citizen_id or 0, user=house.anna, key=key)

    seats = Participant.objects.filter(ticket=own).values_list("citizen", flat=True)
    assert list(seats) == [work.citizen_id]


@pytest.mark.both_engines
def test_requests_are_locked_before_who_asks_as_by_mail_that_joins_them(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        key = combine(house, *two)
    with CaptureQueriesContext(connection) as undone:
        take_back_combining(stays_id=two[0].citizen_id or 0, user=house.anna, key=key)

    for each in (asked, undone):
        first = locked(each)[:2]
        in_order = ["tickets_ticket", "citizens_citizen"]
        assert first == (in_order if connection.vendor == "postgresql" else [])


@pytest.mark.both_engines
def test_mail_of_somebody_who_is_locked_waits_for_nothing(
    house: House, two: tuple[Ticket, Ticket]
) -> None:
    """It holds its request's lock, which the combining wants next: both would wait for ever."""
    with CaptureQueriesContext(connection) as asked:
        lock_person(citizen_id=two[0].citizen_id or 0, user=house.anna)

    locks = ["FOR NO KEY UPDATE" in each["sql"] for each in asked if " FOR " in each["sql"]]
    assert locks == ([True] if connection.vendor == "postgresql" else [])


def test_every_relation_to_a_citizen_is_moved() -> None:
    """What points to a citizen and is not named here would be lost when two are combined."""
    moved = {
        "citizens.Caution.citizen",
        "citizens.Citizen.same_as",
        "citizens.Consent.citizen",
        "citizens.ContactPoint.citizen",
        "citizens.SearchTerm.citizen",
        "tickets.Article.author_citizen",
        "tickets.Participant.citizen",
        "tickets.Ticket.citizen",
    }

    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Citizen
    }

    assert found == moved
