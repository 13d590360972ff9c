"""What becomes of an Inbound: which ticket, how far it is trusted, what is recorded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.agents.models import Team
from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import LinkKind, Priority, Status, Trust
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Participant, Ticket, TicketLink
from helpdesk.tickets.references import check_sign, read_reference
from tests.factories.house import House, make_house, make_inbound, make_ticket, ticket_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

STRANGER = Person("Sam Stranger", "sam@elsewhere.example")


@pytest.fixture
def house() -> House:
    return make_house()


def answer(house: House, ticket: Ticket, then: Status | None = None) -> OutgoingMessage:
    outcome = "answered" if then == Status.RESOLVED else ""
    article = write_answer(
        answer=Answer(
            ticket.pk,
            "Wir kommen morgen.",
            "k1",
            seen_article_id=ticket.last_article_id,
            then=then,
            outcome=outcome,
        ),
        user=house.anna,
    )
    assert article.outgoing is not None
    return article.outgoing


def test_a_new_mail_becomes_a_ticket_in_the_team_of_its_account(house: House) -> None:
    receipt = accept(make_inbound(house))

    ticket = ticket_of(receipt)
    assert receipt.is_new_ticket
    assert (ticket.team, ticket.status) == (house.roads, Status.NEW)
    assert ticket.title == "Schlagloch in der Lindenstraße"
    assert ticket.number == "2026-000001"
    assert ticket.citizen is not None
    assert ticket.citizen.name == "Clara Citizen"
    assert Participant.objects.filter(ticket=ticket, citizen=ticket.citizen).count() == 1


def test_numbers_count_up_and_references_carry_their_check_sign(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<second@example.org>")

    assert [first.number, second.number] == ["2026-000001", "2026-000002"]
    plain = first.reference.replace("-", "")[2:]
    assert check_sign(plain[:-1]) == plain[-1]
    assert read_reference(first.reference.lower().replace("-", " ")) == first.reference
    assert first.reference != second.reference


def test_the_same_raw_mail_is_filed_once(house: House) -> None:
    inbound = make_inbound(house, raw_message_id=7)

    first, second = accept(inbound), accept(inbound)

    assert second.is_duplicate
    assert (second.ticket_id, second.article_id) == (first.ticket_id, first.article_id)
    assert Article.objects.count() == 1


def test_a_mail_without_subject_or_sender_is_a_ticket_all_the_same(house: House) -> None:
    ticket = make_ticket(house, subject="", person=Person(), text="")

    assert ticket.title == "(ohne Betreff)"
    assert ticket.citizen is None


def test_a_reply_to_our_answer_joins_and_wakes_a_resolved_ticket(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket, Status.RESOLVED)

    receipt = accept(
        make_inbound(
            house, subject="AW: irgendwas", in_reply_to=ours.message_id, message_id="<2@x>"
        )
    )

    ticket.refresh_from_db()
    assert receipt.ticket_id == ticket.pk
    assert not receipt.is_new_ticket
    assert (ticket.status, ticket.outcome, ticket.reopened) == (Status.OPEN, "", 1)
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.PARTICIPANT


def test_a_reply_wakes_a_ticket_that_waits_for_the_citizen(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket, Status.WAITING_CITIZEN)

    accept(make_inbound(house, references=(ours.message_id,), message_id="<2@x>"))

    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_an_automatic_reply_is_filed_but_wakes_nothing(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket, Status.WAITING_CITIZEN)

    receipt = accept(
        make_inbound(house, in_reply_to=ours.message_id, message_id="<ooo@x>", is_automatic=True)
    )

    ticket.refresh_from_db()
    assert receipt.ticket_id == ticket.pk
    assert ticket.status == Status.WAITING_CITIZEN


def test_a_stranger_who_quotes_the_number_gets_a_ticket_of_their_own(house: House) -> None:
    ticket = make_ticket(house)

    receipt = accept(
        make_inbound(
            house,
            person=STRANGER,
            subject=f"AW: Schlagloch [MU#{ticket.number}]",
            message_id="<evil@x>",
        )
    )

    assert receipt.is_new_ticket
    assert ticket.articles.count() == 1
    link = TicketLink.objects.get(source_id=receipt.ticket_id)
    assert (link.target, link.kind) == (ticket, LinkKind.MENTIONS)
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.UNVERIFIED


def test_the_citizens_address_with_the_number_alone_changes_no_state(house: House) -> None:
    ticket = make_ticket(house)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="answered")

    receipt = accept(make_inbound(house, subject=f"[MU#{ticket.number}]", message_id="<spoof@x>"))

    ticket.refresh_from_db()
    assert receipt.is_new_ticket
    assert ticket.status == Status.RESOLVED


def test_the_number_alone_joins_an_open_ticket_marked_as_not_verified(house: House) -> None:
    ticket = make_ticket(house)

    receipt = accept(make_inbound(house, subject=f"[MU#{ticket.number}]", message_id="<spoof@x>"))

    assert receipt.ticket_id == ticket.pk
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.UNVERIFIED


def test_a_forwarded_reference_lets_a_stranger_write_for_staff_only(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)

    receipt = accept(
        make_inbound(house, person=STRANGER, in_reply_to=ours.message_id, message_id="<3@x>")
    )

    ticket.refresh_from_db()
    article = Article.objects.get(pk=receipt.article_id)
    assert receipt.ticket_id == ticket.pk
    assert article.trust == Trust.THIRD_PERSON
    assert ticket.last_public_id != article.pk
    assert not Participant.objects.filter(ticket=ticket, citizen=article.author_citizen).exists()


def test_a_mail_from_an_agents_address_gets_no_rights(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)

    receipt = accept(
        make_inbound(
            house,
            person=Person("Anna Abend", house.anna.email.upper()),
            in_reply_to=ours.message_id,
            message_id="<4@x>",
        )
    )

    article = Article.objects.get(pk=receipt.article_id)
    assert article.trust == Trust.STAFF_CLAIM
    assert article.author_user is None


def test_an_agent_who_asked_as_a_citizen_wakes_their_own_request(house: House) -> None:
    anna = Person("Anna Abend", house.anna.email)
    ticket = make_ticket(house, person=anna)
    ours = answer(house, ticket)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")

    accept(make_inbound(house, person=anna, in_reply_to=ours.message_id, message_id="<2@x>"))

    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert Article.objects.get(message_id="<2@x>").trust == Trust.STAFF_CLAIM


def test_ten_thousand_forged_tokens_open_nothing(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)
    scope, nonce, mac = ours.message_id.strip("<>").split("@")[0].split(".")[1:]
    domain = ours.message_id.rpartition("@")[2].strip(">")
    signs = "abcdefghijklmnopqrstuvwxyz234567"

    forged = []
    for number in range(10_000):
        wrong = list(mac)
        place = number % len(wrong)
        wrong[place] = signs[(signs.index(wrong[place]) + 1 + number // 26 % 31) % 32]
        forged.append(f"<an.{scope}.{nonce[: 16 - number % 3]}.{''.join(wrong)}@{domain}>")
    genuine = ours.message_id
    from helpdesk.tickets.domain.threading import token_ticket_id  # noqa: PLC0415 - beside its use

    assert genuine not in forged
    assert [mid for mid in forged if token_ticket_id([mid]) is not None] == []
    assert token_ticket_id([genuine]) == ticket.pk
    receipt = accept(
        make_inbound(house, references=tuple(forged[:100]), message_id="<5@x>", person=STRANGER)
    )
    assert receipt.is_new_ticket


def test_a_reply_long_after_the_end_is_a_new_linked_ticket(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket, Status.RESOLVED)
    Ticket.objects.update(resolved_at=timezone.now() - timedelta(days=60))

    receipt = accept(make_inbound(house, in_reply_to=ours.message_id, message_id="<6@x>"))

    assert receipt.is_new_ticket
    assert TicketLink.objects.get(source_id=receipt.ticket_id).kind == LinkKind.FOLLOWS


def test_one_mail_to_two_teams_is_two_linked_tickets(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, team_id=house.waste.pk)

    assert first.pk != second.pk
    assert TicketLink.objects.get(source=second).kind == LinkKind.SAME_MAIL


@pytest.mark.parametrize("own_first", [True, False])
def test_a_reply_to_ones_own_mail_to_two_teams_joins_the_ticket_of_the_team_written_to(
    house: House, *, own_first: bool
) -> None:
    teams = (house.waste.pk, house.roads.pk) if own_first else (house.roads.pk, house.waste.pk)
    tickets = {team_id: make_ticket(house, team_id=team_id) for team_id in teams}

    receipt = accept(
        make_inbound(
            house,
            team_id=house.waste.pk,
            message_id="<2@example.org>",
            references=("<first@example.org>",),
        )
    )

    assert receipt.ticket_id == tickets[house.waste.pk].pk


def test_forwarding_our_answer_to_another_team_opens_a_ticket_there(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)

    receipt = accept(
        make_inbound(
            house,
            subject="WG: Schlagloch",
            references=(ours.message_id,),
            message_id="<7@x>",
            team_id=house.waste.pk,
        )
    )

    assert receipt.is_new_ticket
    assert TicketLink.objects.get(source_id=receipt.ticket_id).kind == LinkKind.RELATED


@pytest.mark.parametrize(
    "values, may_reply",
    [
        ({}, True),
        ({"is_automatic": True}, False),
        ({"authentication_failed": True}, False),
        ({"person": Person("", "")}, False),
        ({"person": Person("Tiefbau", "tiefbau@musterstadt.example")}, False),
    ],
)
def test_a_receipt_is_only_offered_to_people(
    house: House,
    values: dict[str, object],
    may_reply: bool,  # noqa: FBT001 - a parameter of the table above
) -> None:
    make_ticket(house, **values)

    created = Event.objects.get(kind="ticket.created")
    assert created.data["may_reply"] is may_reply


def test_automatic_mail_opens_a_ticket_of_low_priority(house: House) -> None:
    assert make_ticket(house, is_automatic=True).priority == Priority.LOW


def test_filing_takes_a_bounded_number_of_queries(house: House) -> None:
    make_ticket(house)

    with CaptureQueriesContext(connection) as captured:
        accept(
            make_inbound(
                house,
                raw_message_id=9,
                message_id="<8@x>",
                references=tuple(f"<{n}@r>" for n in range(30)),
            )
        )

    assert len(captured) <= 28


def test_a_mail_for_another_authority_never_joins_this_ones_ticket(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)
    from tests.factories.house import make_authority  # noqa: PLC0415 - only here

    other = make_authority("Stadt Anderswo", "AW")
    team = Team.objects.create(authority=other, name="Rathaus", slug="rathaus")

    receipt = accept(
        make_inbound(
            house,
            authority_id=other.pk,
            team_id=team.pk,
            sender_id=None,
            in_reply_to=ours.message_id,
            message_id="<9@x>",
        )
    )

    assert receipt.is_new_ticket
    assert ticket_of(receipt).authority == other


def test_one_reply_sent_to_two_of_our_mailboxes_is_one_article(house: House) -> None:
    ticket = make_ticket(house)
    ours = answer(house, ticket)
    reply = {"in_reply_to": ours.message_id, "message_id": "<both@x>", "text": "Danke."}

    first = accept(make_inbound(house, raw_message_id=21, **reply))
    second = accept(make_inbound(house, raw_message_id=22, team_id=house.waste.pk, **reply))

    assert second.is_duplicate
    assert (second.ticket_id, second.article_id) == (first.ticket_id, first.article_id)
    assert ticket.articles.filter(message_id="<both@x>").count() == 1
