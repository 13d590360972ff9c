"""By which signs a mail finds its request, and what each of them is worth (mail.md 61-70)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from helpdesk.events.models import Event
from helpdesk.files.store import put
from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.subaddress import reply_address
from helpdesk.tickets.domain import threading
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.loops import DAILY_REOPENINGS
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.domain.threading import Sign, find_match
from helpdesk.tickets.enums import LinkKind, Status, Trust
from helpdesk.tickets.inbound import Inbound, InboundFile, Person, Receipt, Threading
from helpdesk.tickets.models import Article, Attachment, Participant, Ticket, TicketLink
from tests.factories.house import House, make_house, make_inbound, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

STRANGER = Person("Sam Stranger", "sam@elsewhere.example")


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> House:
    settings.FILES_ROOT = tmp_path
    return make_house()


def written_to(
    house: House, *addresses: str, message_id: str = "<2@x>", **values: object
) -> Inbound:
    thread = Threading(message_id=message_id, recipients=addresses)
    return make_inbound(house, threading=thread, **values)


def to_ticket(house: House, ticket: Ticket) -> str:
    return reply_address(house.sender.email, f"t{ticket.pk}")


# -- 61: the signed reply address ------------------------------------------------------------


def test_the_signed_reply_address_leads_home_without_any_other_header(house: House) -> None:
    ticket = make_ticket(house)
    reply = written_to(house, "kopie@anders.example", to_ticket(house, ticket), subject="ganz neu")

    match = find_match(reply)
    receipt = accept(reply)

    assert match is not None
    assert match.sign is Sign.REPLY_ADDRESS
    assert receipt.ticket_id == ticket.pk
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.PARTICIPANT


def test_a_stranger_with_the_reply_address_writes_for_staff_only(house: House) -> None:
    ticket = make_ticket(house)

    receipt = accept(written_to(house, to_ticket(house, ticket), person=STRANGER))

    assert receipt.ticket_id == ticket.pk
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.THIRD_PERSON


def test_a_changed_reply_address_opens_a_request_of_its_own(house: House) -> None:
    ticket = make_ticket(house)
    forged = to_ticket(house, ticket).replace(f"+rt{ticket.pk}", f"+rt{ticket.pk + 1}")
    other = make_ticket(house, message_id="<other@example.org>")

    receipt = accept(written_to(house, forged))

    assert receipt.ticket_id not in {ticket.pk, other.pk}


def test_the_order_is_our_message_id_our_address_then_ids_of_others(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<second@example.org>")
    third = make_ticket(house, message_id="<third@example.org>")
    ours = new_message_id(scope=f"t{first.pk}", address=house.sender.email)
    recipients = (to_ticket(house, second),)

    def found(in_reply_to: str, *recipients: str) -> Ticket | None:
        thread = Threading(message_id="<r@x>", in_reply_to=in_reply_to, recipients=recipients)
        match = find_match(make_inbound(house, threading=thread))
        return match.ticket if match else None

    assert found(ours, *recipients) == first
    assert found("<third@example.org>", *recipients) == second
    assert found("<third@example.org>") == third


# -- 63: the number in the subject -----------------------------------------------------------


def test_the_number_counts_only_with_our_own_prefix(house: House) -> None:
    ticket = make_ticket(house)

    def found(subject: str) -> bool:
        return find_match(make_inbound(house, subject=subject, message_id="<2@x>")) is not None

    assert found(f"AW: Loch [mu#{ticket.number}]")
    assert found(f"[XY#2024-000009] Loch [MU#{ticket.number}]")
    assert not found(f"Loch [XY#{ticket.number}]")
    assert not found(f"Loch MU#{ticket.number}")
    assert not found(f"Loch #{ticket.number}")


# -- 65: closed for long, or a short time ago -------------------------------------------------


@pytest.mark.parametrize("days,opens_again", [(13, True), (15, False)])
def test_the_authority_says_how_long_a_reply_opens_again(
    house: House, days: int, *, opens_again: bool
) -> None:
    ticket = make_ticket(house)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")
    Ticket.objects.update(resolved_at=timezone.now() - timedelta(days=days))

    receipt = accept(make_inbound(house, in_reply_to="<first@example.org>", message_id="<2@x>"))

    ticket.refresh_from_db()
    assert (receipt.ticket_id == ticket.pk) is opens_again
    assert (ticket.status == Status.OPEN) is opens_again
    if not opens_again:
        assert TicketLink.objects.get(source_id=receipt.ticket_id).kind == LinkKind.FOLLOWS


def test_a_reply_to_a_merged_ticket_goes_where_that_went(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<second@example.org>")
    Ticket.objects.filter(pk=second.pk).update(merged_into=first, status=Status.MERGED)

    receipt = accept(make_inbound(house, in_reply_to="<second@example.org>", message_id="<3@x>"))

    assert receipt.ticket_id == first.pk


# -- 66: passed on to another team ------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["WG:", "Fwd:", "TR :", "RV:", "I:", "VS:", "转发：", "AW: WG:"])
def test_a_mail_passed_on_to_another_team_is_a_request_there(house: House, prefix: str) -> None:
    ticket = make_ticket(house)
    subject, reference = f"{prefix} Ihr Anliegen", "<first@example.org>"

    receipt = accept(
        make_inbound(
            house,
            team_id=house.waste.pk,
            subject=subject,
            references=(reference,),
            message_id="<2@x>",
        )
    )

    assert receipt.is_new_ticket
    assert TicketLink.objects.get(source_id=receipt.ticket_id).target == ticket


# -- 61: Message-IDs of others -----------------------------------------------------------------


def test_a_stranger_who_uses_ones_message_id_draws_no_reply_to_their_request(house: House) -> None:
    mine = make_ticket(house)
    theirs = make_ticket(house, person=STRANGER, text="Unter derselben Nummer.")

    receipt = accept(
        make_inbound(house, in_reply_to="<first@example.org>", message_id="<2@example.org>")
    )

    assert mine.pk < theirs.pk
    assert receipt.ticket_id == mine.pk
    assert Article.objects.get(pk=receipt.article_id).trust == Trust.PARTICIPANT


def test_other_words_under_a_used_message_id_are_linked_to_nothing(house: House) -> None:
    for text in ("Ein Paket kommt.", "Noch eines.", "Und ein drittes."):
        make_ticket(house, text=text)

    below = make_ticket(house, text="Ein Paket kommt.\n\nDie Liste.", team_id=house.waste.pk)

    assert Ticket.objects.count() == 4
    link = TicketLink.objects.get()
    assert (link.source, link.kind) == (below, LinkKind.SAME_MAIL)


def test_the_same_words_under_a_used_message_id_with_another_file_are_filed(house: House) -> None:
    ticket = make_ticket(house)

    def reply(content: bytes) -> Receipt:
        file = InboundFile(put(content, "application/pdf").pk, "Antrag.pdf", "application/pdf", 9)
        return accept(
            make_inbound(
                house,
                text="Anbei.",
                in_reply_to="<first@example.org>",
                message_id="<immer@gleich.example>",
                files=(file,),
            )
        )

    receipts = [reply(content) for content in (b"%PDF-1.4a", b"%PDF-1.4b", b"%PDF-1.4b")]

    assert [each.is_duplicate for each in receipts] == [False, False, True]
    assert {each.ticket_id for each in receipts} == {ticket.pk}
    assert Attachment.objects.count() == 2


def test_the_same_answer_to_another_question_is_filed_whatever_its_message_id(house: House) -> None:
    ticket = make_ticket(house)

    def reply(question: str) -> Receipt:
        return accept(
            make_inbound(
                house,
                text="Ja.",
                full_text=f"Ja.\n\n> {question}",
                in_reply_to="<first@example.org>",
                message_id="<immer@gleich.example>",
            )
        )

    receipts = [reply(question) for question in ("Am Montag?", "Vor Nummer 14?", "Vor Nummer 14?")]

    assert [each.is_duplicate for each in receipts] == [False, False, True]
    assert {each.ticket_id for each in receipts} == {ticket.pk}


def test_a_message_id_that_many_mails_have_hides_no_newer_reference(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "MAX_HOLDERS", 3)
    mine = make_ticket(house)
    for number in range(4):
        text = f"Ein Paket kommt: {number}."
        make_ticket(house, person=STRANGER, text=text, message_id="<immer@gleich.example>")

    receipt = accept(
        make_inbound(
            house,
            in_reply_to="<first@example.org>",
            references=("<immer@gleich.example>", "<first@example.org>"),
            message_id="<2@example.org>",
        )
    )

    assert receipt.ticket_id == mine.pk


# -- 68: siblings by an ancestor that we never saw --------------------------------------------


def test_siblings_join_the_ticket_in_which_their_writer_takes_part(house: House) -> None:
    ancestor = ("<newsletter@club.example>",)
    mine = make_ticket(house, references=ancestor)
    theirs = make_ticket(house, references=ancestor, person=STRANGER, message_id="<s@elsewhere>")

    receipt = accept(make_inbound(house, references=ancestor, message_id="<2@x>"))

    assert mine.pk != theirs.pk
    assert receipt.ticket_id == mine.pk


def test_whoever_shares_an_ancestor_but_takes_no_part_gets_their_own(house: House) -> None:
    ancestor = ("<newsletter@club.example>",)
    ticket = make_ticket(house, references=ancestor)

    receipt = accept(
        make_inbound(house, references=ancestor, person=STRANGER, message_id="<s@elsewhere>")
    )

    assert receipt.is_new_ticket
    link = TicketLink.objects.get(source_id=receipt.ticket_id)
    assert (link.target, link.kind) == (ticket, LinkKind.MENTIONS)
    assert not Participant.objects.filter(ticket=ticket, citizen__name=STRANGER.name).exists()


# -- 82: the backstop --------------------------------------------------------------------------


def test_a_ticket_is_opened_twenty_times_a_day_and_then_files_in_silence(house: House) -> None:
    ticket = make_ticket(house)
    opened = []
    for number in range(DAILY_REOPENINGS + 2):
        Ticket.objects.filter(pk=ticket.pk).update(
            status=Status.RESOLVED, outcome="answered", resolved_at=timezone.now()
        )
        receipt = accept(
            make_inbound(house, in_reply_to="<first@example.org>", message_id=f"<r{number}@x>")
        )
        ticket.refresh_from_db()
        opened.append((receipt.ticket_id == ticket.pk, ticket.status == Status.OPEN))

    stopped = Event.objects.filter(kind="ticket.loop_stopped", subject_id=ticket.pk)
    assert opened[:DAILY_REOPENINGS] == [(True, True)] * DAILY_REOPENINGS
    assert opened[DAILY_REOPENINGS:] == [(True, False)] * 2
    assert ticket.articles.count() == DAILY_REOPENINGS + 3
    assert stopped.count() == 1
