"""What has been in the bin for thirty days is gone, with all that belongs to it and no more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels_in.models import Account, RawMessage
from helpdesk.events.models import Event, EventPayload
from helpdesk.files.models import StoredFile
from helpdesk.files.store import path_of, put
from helpdesk.notifications.mailing import mail_due
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.results import finish
from helpdesk.privacy.domain import purge
from helpdesk.privacy.domain.purge import empty_trash
from helpdesk.reactions.dispatch import seal_committed
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.domain.split import split_message
from helpdesk.tickets.domain.trash import KEPT, restore_ticket, trash_ticket
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Attachment, Ticket
from tests.factories.house import House, make_agent, make_house, make_inbound, make_ticket
from tests.fakes.clock import Clock
from tests.helpdesk.notifications.making import note
from tests.locks import locked

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


def raw(house: House, number: int) -> RawMessage:
    account = Account.objects.get_or_create(
        authority=house.authority,
        name="Rathaus",
        defaults={"team": house.roads, "sender": house.sender},
    )[0]
    return RawMessage.objects.create(
        account=account,
        message_id=f"<{number}@example.org>",
        content_hash=f"{number}",
        sha256=f"{number}",
        size=3,
        body=b"abc",
        envelope_from="petra@example.org",
        received_at=timezone.now(),
        state=RawMessage.State.FILED,
    )


def full_ticket(house: House, number: int) -> Ticket:
    """Return a ticket with a mail, a file of its own, an answer, and one merged into it."""
    stored = put(f"Datei {number}".encode(), "text/plain")
    mail = raw(house, number)
    ticket = make_ticket(
        house,
        message_id=f"<{number}@example.org>",
        raw_message_id=mail.pk,
        files=(InboundFile(stored.pk, "a.txt", "text/plain", stored.size),),
    )
    RawMessage.objects.filter(pk=mail.pk).update(ticket=ticket, article=ticket.articles.get())
    other = make_ticket(house, message_id=f"<{number}b@example.org>")
    merge_tickets(ticket_id=other.pk, into_id=ticket.pk, user=house.anna)
    write_answer(
        answer=Answer(ticket.pk, "Wir kommen.", f"k{number}", despite_newer=True), user=house.anna
    )
    return ticket


def after(days: int) -> int:
    return empty_trash(now=timezone.now() + timedelta(days=days))


def test_after_its_time_everything_of_a_request_is_gone_and_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.files.store.FRESH_SECONDS", 0)
    gone, kept = full_ticket(house, 1), full_ticket(house, 2)
    digest = Attachment.objects.get(article__ticket=gone).file.sha256
    trash_ticket(ticket_id=gone.pk, user=house.anna)

    early, due, again = after(KEPT.days - 1), after(KEPT.days + 1), after(KEPT.days + 1)

    assert (early, due, again) == (0, 1, 0)
    assert not Ticket.objects.filter(pk=gone.pk).exists()
    assert not Ticket.objects.filter(merged_into_id=gone.pk).exists()
    assert not Article.objects.filter(ticket=gone.pk).exists()
    assert not OutgoingMessage.objects.filter(link_id=gone.pk).exists()
    assert not EventPayload.objects.filter(event__subject_id=gone.pk).exists()
    assert not StoredFile.objects.filter(sha256=digest).exists()
    assert not path_of(digest).exists()
    mail = RawMessage.objects.get(message_id="<1@example.org>")
    assert (mail.body, mail.envelope_from, mail.state) == (None, None, "discarded")
    assert mail.content_hash == "1"
    other = RawMessage.objects.get(message_id="<2@example.org>")
    assert (bytes(other.body or b""), other.state) == (b"abc", "filed")
    assert kept.articles.count() == 3
    assert Attachment.objects.filter(article__ticket=kept).exists()


def test_a_reply_to_what_was_deleted_for_good_is_a_request_of_its_own(house: House) -> None:
    gone = full_ticket(house, 1)
    ours = OutgoingMessage.objects.get(link_id=gone.pk).message_id
    trash_ticket(ticket_id=gone.pk, user=house.anna)
    after(KEPT.days + 1)

    reply = make_inbound(house, message_id="<reply@example.org>", in_reply_to=ours)
    receipt = accept(reply)

    assert receipt.is_new_ticket
    assert receipt.ticket_id != gone.pk


def test_what_staff_were_told_of_it_by_mail_goes_with_it(house: House, clock: Clock) -> None:
    clock.advance(hours=1)
    jana = make_agent(house.authority, "Jana Weber", house.roads)
    gone, kept = full_ticket(house, 1), full_ticket(house, 2)
    for each in (gone, kept):
        note(each, house.anna, f"@{jana.name} Schlüssel liegt bei {each.number}")
    clock.advance(minutes=1)
    told = mail_due()
    trash_ticket(ticket_id=gone.pk, user=house.anna)

    after(KEPT.days + 1)

    (left,) = OutgoingMessage.objects.filter(kind="notice")
    assert told == 2
    assert kept.number in left.text


def test_a_record_says_what_was_deleted_and_the_chain_goes_on(house: House) -> None:
    ticket = full_ticket(house, 1)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    after(KEPT.days + 1)

    record = Event.objects.get(kind=facts.PURGED, subject_id=ticket.pk)
    assert record.data["number"] == ticket.number
    assert (record.data["articles"], record.data["mails"]) == (3, 1)
    assert record.actor_kind == "system"
    assert record.pk in {seal.event_id for seal in seal_committed()}


def test_what_was_brought_back_in_time_stays(house: House) -> None:
    ticket = full_ticket(house, 1)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)
    restore_ticket(ticket_id=ticket.pk, user=house.anna)

    assert after(KEPT.days + 1) == 0
    assert ticket.articles.count() == 3


def test_what_somebody_brings_back_in_the_same_moment_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = full_ticket(house, 1)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)
    restored_first = purge._purge

    def restore_before(ticket_id: int, before: object) -> int:
        restore_ticket(ticket_id=ticket_id, user=house.anna)
        return restored_first(ticket_id, before)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(purge, "_purge", restore_before)

    assert after(KEPT.days + 1) == 0
    assert Ticket.objects.filter(pk=ticket.pk).exists()


def test_what_is_deleted_is_locked_as_by_every_other_door(house: House) -> None:
    """Clocks before requests, requests by ascending key with what was merged in, then mails."""
    ticket = full_ticket(house, 1)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    with CaptureQueriesContext(connection) as asked:
        done = after(KEPT.days + 1)

    order = ["sla_clock", "tickets_ticket", "outbox_outgoingmessage"]
    assert done == 1
    assert locked(asked)[:3] == (order if connection.vendor == "postgresql" else [])


def test_the_mail_of_a_message_that_was_split_off_stays_with_it(house: House) -> None:
    ticket, mail = make_ticket(house), raw(house, 9)
    receipt = accept(
        make_inbound(
            house,
            message_id="<9@example.org>",
            in_reply_to="<first@example.org>",
            raw_message_id=mail.pk,
        )
    )
    RawMessage.objects.filter(pk=mail.pk).update(ticket=ticket, article=receipt.article_id)
    new = split_message(article_id=receipt.article_id, user=house.anna)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    assert after(KEPT.days + 1) == 1

    kept = RawMessage.objects.get(pk=mail.pk)
    assert (bytes(kept.body or b""), kept.state) == (b"abc", "filed")
    assert kept.article is not None
    assert kept.article.ticket_id == new.pk


def test_the_file_of_a_draft_goes_with_its_request(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.files.store.FRESH_SECONDS", 0)
    ticket, stored = make_ticket(house), put(b"Halb fertig", "text/plain")
    file = InboundFile(stored.pk, "halb.txt", "text/plain", stored.size)
    save_draft(typed=Typed(ticket.pk, "answer", "Halb", files=(file,)), user=house.anna)
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    after(KEPT.days + 1)

    assert not StoredFile.objects.filter(pk=stored.pk).exists()
    assert not path_of(stored.sha256).exists()


def test_no_address_stays_in_the_records_of_a_mail_that_failed(house: House) -> None:
    ticket = full_ticket(house, 1)
    message = OutgoingMessage.objects.get(article__ticket=ticket)
    finish(message, MessageState.FAILED, "550 clara@example.org is unknown here")
    told = EventPayload.objects.filter(event__subject_kind="message", event__subject_id=message.pk)
    before = told.count()
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    after(KEPT.days + 1)

    assert (before, told.count()) == (1, 0)
