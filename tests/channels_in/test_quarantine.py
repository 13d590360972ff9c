"""The doors of the quarantine, and what happens when nobody opens one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels_in import outcome, process, quarantine, queries
from channels_in.models import Account, RawMessage, Sighting
from channels_in.reasons import Notice, Quarantine, describe
from helpdesk.events.models import Event
from helpdesk.files import store as files
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.making import kept, mail
from tests.factories.house import House, make_ticket

pytestmark = pytest.mark.django_db
State = RawMessage.State


@pytest.fixture
def sick(account: Account) -> RawMessage:
    row = kept(account, mail())
    outcome.put_aside(row.pk, Quarantine.UNREADABLE, "the parser broke off")
    row.refresh_from_db()
    return row


def grown_old(row: RawMessage, minutes: int) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    RawMessage.objects.filter(pk=row.pk).update(finished_at=then)


def test_quarantined_lists_only_what_waits_for_a_person(account: Account, sick: RawMessage) -> None:
    process.process_raw(kept(account, mail(2)).pk)

    assert list(queries.quarantined(account.authority_id)) == [sick]
    assert list(queries.quarantined(account.authority_id + 1)) == []


def test_retry_files_a_mail_that_can_be_read_now(sick: RawMessage, house: House) -> None:
    assert quarantine.retry(raw_id=sick.pk, user=house.anna)

    process.drain()

    sick.refresh_from_db()
    assert (sick.state, sick.ticket, sick.error) == (State.FILED, Ticket.objects.get(), "")
    event = Event.objects.get(subject_kind="raw_message", subject_id=sick.pk)
    assert (event.kind, event.actor_kind, event.actor_id) == (
        "mail.retried",
        "user",
        house.anna.pk,
    )


def test_retry_of_a_filed_mail_is_refused(account: Account) -> None:
    row = kept(account, mail())
    process.process_raw(row.pk)

    assert not quarantine.retry(raw_id=row.pk)
    assert process.drain() == 0


def test_discard_keeps_the_bytes_and_the_reason(sick: RawMessage, house: House) -> None:
    assert quarantine.discard(raw_id=sick.pk, reason="Werbung", user=house.anna)

    sick.refresh_from_db()
    assert (sick.state, sick.reason, bytes(sick.body or b"")) == (
        State.DISCARDED,
        "Werbung",
        mail(),
    )
    assert describe(sick.reason) == "Werbung"


def test_discard_wants_a_reason(sick: RawMessage, house: House) -> None:
    with pytest.raises(ValueError, match="reason"):
        quarantine.discard(raw_id=sick.pk, reason="  ", user=house.anna)


def test_make_ticket_attaches_the_original(sick: RawMessage, house: House) -> None:
    receipt = quarantine.make_ticket(raw_id=sick.pk, user=house.anna)

    assert receipt is not None
    sick.refresh_from_db()
    article = Article.objects.get()
    assert (sick.state, sick.reason, sick.article) == (State.FILED, Notice.BY_HAND, article)
    assert (article.from_address, article.ticket.title) == ("clara@example.org", "Schlagloch 1")
    attachment = article.attachments.get()
    assert (attachment.content_type, files.read_file(attachment.file)) == (
        "message/rfc822",
        mail(),
    )


def test_make_ticket_twice_makes_one(sick: RawMessage) -> None:
    quarantine.make_ticket(raw_id=sick.pk)

    assert quarantine.make_ticket(raw_id=sick.pk) is None
    assert Ticket.objects.count() == 1


def test_make_ticket_of_a_reply_goes_where_it_belongs(account: Account, house: House) -> None:
    ticket = make_ticket(house, message_id="<first@example.org>")
    row = kept(account, mail(2, headers="In-Reply-To: <first@example.org>\r\n"))
    outcome.put_aside(row.pk, Quarantine.UNREADABLE, "x")

    receipt = quarantine.make_ticket(raw_id=row.pk)

    assert receipt is not None
    assert (receipt.ticket_id, receipt.is_new_ticket) == (ticket.pk, False)


def test_rescue_makes_a_ticket_after_half_an_hour_and_not_before(sick: RawMessage) -> None:
    grown_old(sick, 29)
    assert quarantine.rescue_overdue() == 0

    grown_old(sick, 31)
    assert quarantine.rescue_overdue() == 1

    sick.refresh_from_db()
    assert (sick.state, sick.reason) == (State.FILED, Notice.RESCUED)
    assert Ticket.objects.get().received_at == sick.received_at


def test_rescue_goes_on_behind_one_that_cannot_be_rescued(account: Account) -> None:
    lost, found = kept(account, mail(1, body="x" * 70_000)), kept(account, mail(2))
    for row in (lost, found):
        outcome.put_aside(row.pk, Quarantine.BYTES_MISSING, "x")
        grown_old(row, 31)
    assert lost.file is not None
    files.path_of(lost.file.sha256).unlink()

    assert quarantine.rescue_overdue() == 1

    states = list(RawMessage.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.QUARANTINED, State.FILED]


def test_forget_place_removes_only_places_without_a_mail(account: Account) -> None:
    row = kept(account, mail())
    known = Sighting.objects.create(
        account=account, folder="INBOX", uidvalidity=1, uid=1, raw_message=row
    )
    empty = Sighting.objects.create(
        account=account, folder="INBOX", uidvalidity=1, uid=2, error="refused"
    )

    assert list(queries.unfetchable(account.authority_id)) == [empty]
    assert not quarantine.forget_place(sighting_id=known.pk)
    assert quarantine.forget_place(sighting_id=empty.pk)
    assert list(queries.unfetchable(account.authority_id)) == []
