"""Tickets by the interface: the same doors, rights and words as in the desk."""

from typing import Any

import pytest

from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Category, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.api.client import Program, program_of
from tests.helpdesk.desk.pages import counted_queries, make_tickets

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Program:
    return program_of(house.anna)


def new_ticket(house: House, **values: Any) -> dict[str, Any]:
    return {
        "title": "Laterne dunkel",
        "text": "Vor Haus 12.",
        "team": house.roads.pk,
        "person": {"name": "Erika Muster", "email": "erika@example.org"},
    } | values


def test_a_ticket_is_opened_read_answered_and_followed(house: House, anna: Program) -> None:
    created = anna.post("/tickets", new_ticket(house))
    ticket_id = created.json()["id"]

    read = anna.get(f"/tickets/{ticket_id}")
    answered = anna.post(
        f"/tickets/{ticket_id}/articles",
        {"kind": "answer", "text": "Wir kommen.", "status": "resolved", "outcome": "fixed"},
        If_Match=read["ETag"],
    )

    ticket = Ticket.objects.get(pk=ticket_id)
    assert (created.status_code, read.status_code, answered.status_code) == (201, 200, 201)
    assert created["Location"] == f"/api/v1/tickets/{ticket_id}"
    assert read.json()["citizen"]["name"] == "Erika Muster"
    assert (ticket.status, ticket.outcome, ticket.channel) == ("resolved", "fixed", "rest")
    assert answered.json()["delivery"] == "queued"
    assert (
        OutgoingMessage.objects.get(kind="answer").recipients.get().address == "erika@example.org"
    )
    facts = Event.objects.filter(subject_kind="ticket", subject_id=ticket_id)
    assert set(facts.values_list("actor_kind", flat=True)) == {"token"}


def test_a_stale_writer_is_told_the_present_version(house: House, anna: Program) -> None:
    ticket = make_ticket(house)
    etag = anna.get(f"/tickets/{ticket.pk}")["ETag"]
    make_ticket(
        house,
        message_id="<second@example.org>",
        in_reply_to="<first@example.org>",
        subject="Re: Schlagloch",
    )
    anna.post(f"/tickets/{ticket.pk}/articles", {"kind": "note", "text": "Notiz"})

    answer = {"kind": "answer", "text": "Alt."}
    stale = anna.post(f"/tickets/{ticket.pk}/articles", answer, If_Match=etag)
    without = anna.post(f"/tickets/{ticket.pk}/articles", answer)

    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale["ETag"] == anna.get(f"/tickets/{ticket.pk}")["ETag"]
    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert not Article.objects.filter(kind="answer").exists()


def test_an_answer_goes_to_those_in_copy_too_and_a_note_takes_none(
    house: House, anna: Program
) -> None:
    ticket = make_ticket(house)
    path, etag = f"/tickets/{ticket.pk}/articles", anna.get(f"/tickets/{ticket.pk}")["ETag"]
    copies = {"cc": ["rosa@example.org"], "bcc": ["chef@town.example"]}

    note = anna.post(path, {"kind": "note", "text": "Notiz"} | copies)
    many = [f"a{number}@example.org" for number in range(11)]
    circular = {"kind": "answer", "text": "An alle.", "cc": many, "bcc": many[::-1]}
    refused = anna.post(path, circular, If_Match=etag)
    sent = anna.post(path, {"kind": "answer", "text": "Wir kommen."} | copies, If_Match=etag)

    assert (note.status_code, refused.status_code, sent.status_code) == (422, 422, 201)
    rows = OutgoingMessage.objects.get(kind="answer").recipients.order_by("id")
    assert list(rows.values_list("field", "address")) == [
        ("to", "clara@example.org"),
        ("cc", "rosa@example.org"),
        ("bcc", "chef@town.example"),
    ]


@pytest.mark.parametrize("line", ["cc", "bcc"])
def test_a_copy_that_can_not_be_sent_is_told_where_it_stands(
    house: House, anna: Program, line: str
) -> None:
    path = f"/tickets/{make_ticket(house).pk}/articles"
    # Longer than what may stand before the @ (RFC 5321 4.5.3.1.1).
    copies = {line: ["rosa@example.org", f"{'a' * 65}@example.org"]}

    refused = anna.post(
        path, {"kind": "answer", "text": "Wir kommen."} | copies, If_Match="*"
    ).json()

    assert [each["pointer"] for each in refused["errors"]] == [f"/{line}/1"]
    assert not Article.objects.filter(kind="answer").exists()


def test_copies_of_an_answer_that_no_mail_carries_are_refused(house: House, anna: Program) -> None:
    ticket = make_ticket(house, person=Person("Otto Ohne"))
    path, answer = f"/tickets/{ticket.pk}/articles", {"kind": "answer", "text": "Wir kommen."}

    refused = anna.post(path, answer | {"cc": ["rosa@example.org"]}, If_Match="*")
    published = anna.post(path, answer | {"cc": []}, If_Match="*")

    assert (refused.status_code, refused.json()["reason"]) == (409, "no_address")
    assert published.status_code == 201
    assert Article.objects.filter(kind="answer").count() == 1


def test_a_change_goes_through_the_doors_of_the_desk(house: House, anna: Program) -> None:
    ticket = make_ticket(house)
    topic = Category.objects.create(authority=house.authority, name="Straßen")

    changed = anna.patch(
        f"/tickets/{ticket.pk}",
        {
            "title": "Loch",
            "priority": "high",
            "category": topic.pk,
            "owner": house.anna.pk,
            "status": "waiting_citizen",
        },
        If_Match="*",
    )

    body = changed.json()
    assert changed.status_code == 200
    assert (body["title"], body["priority"], body["status"]) == ("Loch", "high", "waiting_citizen")
    assert body["owner"] == {"id": house.anna.pk, "name": "Anna Abend"}
    assert changed["ETag"] == f'"{body["version"]}"'


def test_a_change_is_whole_or_not_at_all(house: House, anna: Program) -> None:
    ticket = make_ticket(house)

    refused = anna.patch(
        f"/tickets/{ticket.pk}", {"title": "Neu", "owner": house.bert.pk}, If_Match="*"
    )

    ticket.refresh_from_db()
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/owner"
    assert ticket.title == "Schlagloch in der Lindenstraße"


def test_a_ticket_that_leaves_the_own_teams_answers_without_it(house: House, anna: Program) -> None:
    ticket = make_ticket(house)

    moved = anna.patch(f"/tickets/{ticket.pk}", {"team": house.waste.pk}, If_Match="*")

    assert moved.status_code == 204
    assert anna.get(f"/tickets/{ticket.pk}").status_code == 404


def test_unknown_fields_are_named_with_their_path(house: House, anna: Program) -> None:
    body = new_ticket(house, owner=1, person={"name": "E", "is_staff": True})

    refused = anna.post("/tickets", body)

    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert refused.status_code == 422
    assert pointers == {"/owner", "/person/is_staff"}
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_asks_as_often_for_one_ticket_as_for_three(
    house: House, anna: Program, count: int
) -> None:
    make_tickets(house, count)

    with counted_queries() as queries:
        listed = anna.get("/tickets?expand=citizen")

    assert len(listed.json()["results"]) == count
    assert len(queries) == 5  # token and its use, rights, tickets, contacts


def test_pages_follow_each_other_without_gaps_while_tickets_come(
    house: House, anna: Program
) -> None:
    make_tickets(house, 5)
    first = anna.get("/tickets?limit=2&order=id").json()
    make_ticket(house, message_id="<late@example.org>", person=Person("Lena", "lena@example.org"))

    found = [row["id"] for row in first["results"]]
    following = first["next"]
    while following:
        page = anna.get(following.partition("/api/v1")[2]).json()
        found += [row["id"] for row in page["results"]]
        following = page["next"]

    assert found == list(Ticket.objects.order_by("pk").values_list("pk", flat=True))
