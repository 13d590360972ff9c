"""Fixed statements say and find exactly what the ORM would."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from helpdesk.citizens.models import Citizen, ContactKind, ContactPoint
from helpdesk.lib.statements import Change, Insert, Lookup
from helpdesk.tickets.models import Article, Participant, Ticket
from tests.factories.house import House, make_house, make_inbound, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

TICKET = Lookup(lambda pk: Ticket.objects.filter(pk=pk), "pk")
NEW_TICKET = Insert(Ticket)
NEW_CONTACT = Insert(ContactPoint)
LATER = Insert(Article, received_at=Now() + timedelta(hours=1))


@pytest.fixture
def house() -> House:
    return make_house()


def columns(ticket: Ticket) -> dict[str, object]:
    return {name: value for name, value in vars(ticket).items() if not name.startswith("_")}


def test_lookup_makes_the_object_that_the_orm_makes(house: House) -> None:
    ticket = make_ticket(house)

    found = TICKET.one(pk=ticket.pk)

    assert columns(found) == columns(ticket)
    assert TICKET.one(pk=ticket.pk + 1) is None


def test_lookup_fills_in_the_values_of_each_call(house: House) -> None:
    tickets = [make_ticket(house, message_id=f"<{number}@x.example>") for number in range(2)]

    found = [TICKET.one(pk=ticket.pk).number for ticket in tickets]

    assert found == [ticket.number for ticket in tickets]


def test_lookup_follows_relations_and_annotations(house: House) -> None:
    ticket = make_ticket(house)
    lookup = Lookup(
        lambda ticket_id: (
            Article.objects.select_related("ticket__team")
            .only("subject", "ticket__number", "ticket__team__name")
            .annotate(title=F("ticket__title"))
            .filter(ticket_id=ticket_id)
        ),
        "ticket_id",
    )

    article = lookup.one(ticket_id=ticket.pk)

    assert (article.subject, article.title) == (ticket.title, ticket.title)
    assert (article.ticket.number, article.ticket.team.name) == (ticket.number, house.roads.name)
    assert "text" in article.get_deferred_fields()


def test_lookup_of_values_reads_json_and_times_as_the_orm_does(house: House) -> None:
    ticket = make_ticket(house)
    lookup = Lookup(
        lambda number: Ticket.objects.filter(number=number).values_list("answers", "received_at"),
        "number",
    )

    assert lookup.values(number=ticket.number) == [({}, ticket.received_at)]
    assert lookup.first(number="2026-999999") is None


def test_lookup_refuses_a_value_that_has_no_place() -> None:
    lookup = Lookup(lambda **values: Ticket.objects.filter(pk=values["pk"]), "pk", "name")

    with pytest.raises(ValueError, match="name has no place"):
        lookup.one(pk=1, name="x")


def test_lookup_takes_a_value_for_a_value_and_never_for_sql(house: House) -> None:
    lookup = Lookup(lambda title: Ticket.objects.filter(title=title).values_list("pk"), "title")
    ticket = make_ticket(house, subject="100 % '; DROP TABLE tickets_ticket; -- %s")

    assert lookup.first(title=ticket.title) == (ticket.pk,)


def test_change_tells_how_many_rows_it_changed(house: House) -> None:
    ticket, other = make_ticket(house), make_ticket(house, message_id="<other@x.example>")
    change = Change(
        lambda pk, title, at: (Ticket.objects.filter(pk=pk), {"title": title, "resolved_at": at}),
        "pk",
        "title",
        "at",
    )
    at = timezone.now()

    changed = [change.apply(pk=ticket.pk, title="Neu", at=at), change.apply(pk=0, title="", at=at)]
    ticket.refresh_from_db()
    other.refresh_from_db()

    assert changed == [1, 0]
    assert (ticket.title, ticket.resolved_at) == ("Neu", at)
    assert other.title != "Neu"
    assert change.apply(pk=ticket.pk, title="Neu", at=None) == 1
    ticket.refresh_from_db()
    assert ticket.resolved_at is None


def test_insert_writes_what_the_orm_would_and_keeps_the_key(house: House) -> None:
    sample = make_ticket(house)
    values = columns(sample) | {"id": None, "number": "2026-777777", "reference": "MU-0000-00"}
    values |= {"answers": {"a": ["ä", 1]}}
    ticket = Ticket(**values)

    NEW_TICKET.write(ticket)
    found = Ticket.objects.get(number="2026-777777")

    assert found.pk == ticket.pk
    assert columns(found) == values | {"id": ticket.pk}
    ticket.title = "Noch einmal"
    ticket.save()
    assert Ticket.objects.count() == 2


def test_insert_of_several_rows_gives_each_its_own_key(house: House) -> None:
    ticket = make_ticket(house)
    citizens = [
        Citizen.objects.create(authority=house.authority, name=f"Nr. {number}")
        for number in range(3)
    ]
    rows = [Participant(ticket=ticket, citizen=citizen) for citizen in citizens]

    Insert(Participant).write(*rows)

    for row, citizen in zip(rows, citizens, strict=True):
        assert Participant.objects.get(pk=row.pk).citizen == citizen


def test_insert_if_new_leaves_the_row_that_is_there(house: House) -> None:
    citizen = Citizen.objects.create(authority=house.authority)

    def contact(value: str) -> ContactPoint:
        return ContactPoint(
            citizen=citizen,
            authority=house.authority,
            kind=ContactKind.MAIL,
            value=value,
            normalised="x@y.example",
        )

    written = [NEW_CONTACT.write_if_new(contact("first")), NEW_CONTACT.write_if_new(contact("no"))]

    assert written == [True, False]
    assert ContactPoint.objects.get(normalised="x@y.example").value == "first"
    with pytest.raises(IntegrityError), transaction.atomic():
        NEW_CONTACT.write(contact("no"))


def test_insert_lets_the_database_work_out_what_is_given(house: House) -> None:
    ticket = make_ticket(house)
    article = Article(ticket=ticket, kind="message", channel="mail", received_at=timezone.now())

    LATER.write(article)
    article.refresh_from_db()

    assert article.received_at > timezone.now() + timedelta(minutes=50)


def test_statements_live_in_the_transaction_of_their_caller(house: House) -> None:
    sample = make_ticket(house)
    values = columns(sample) | {"id": None, "number": "2026-888888", "reference": "MU-1111-11"}

    with transaction.atomic():
        NEW_TICKET.write(Ticket(**values))
        transaction.set_rollback(True)

    assert not Ticket.objects.filter(number="2026-888888").exists()
    assert not connection.needs_rollback
    assert make_inbound(house).subject == sample.title
