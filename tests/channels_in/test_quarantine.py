"""The doors of the quarantine, and what happens when nobody opens one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from channels_in import outcome, process, quarantine, queries
from channels_in.models import Account, RawMessage, SenderRule, Sighting
from channels_in.reasons import BY_FILTER, Ignored, Notice, Quarantine, describe
from channels_in.senders import add_rule, forget_rules
from helpdesk.events.models import Event
from helpdesk.files import store as files
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.making import NOON, kept, mail
from tests.factories.house import House, make_ticket

pytestmark = pytest.mark.django_db
State = RawMessage.State


@pytest.fixture(autouse=True)
def _no_senders() -> None:
    forget_rules()


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


BOUNCED = mail(
    body="weg@example.org: user unknown", headers="X-Failed-Recipients: weg@example.org\r\n"
)
VACATION = mail(headers="Auto-Submitted: auto-replied\r\n")


@pytest.mark.parametrize(
    "raw, reason",
    [(mail(), Ignored.BANNED), (VACATION, Ignored.AUTOMATIC), (BOUNCED, Ignored.BOUNCE_UNKNOWN)],
    ids=lambda value: getattr(value, "value", ""),
)
def test_what_was_judged_wrongly_is_let_in_as_of_the_time_it_came(
    account: Account, house: House, raw: bytes, reason: Ignored
) -> None:
    if reason == Ignored.BANNED:
        add_rule(pattern="example.org", verdict=SenderRule.Verdict.BAN, note="", user=house.anna)
    Account.objects.update(leaves_out_automatic=True)
    row = kept(account, raw)
    process.drain()
    row.refresh_from_db()
    before = (row.state, row.reason, Ticket.objects.count())

    assert quarantine.let_in(raw_id=row.pk, user=house.anna)
    process.drain()

    row.refresh_from_db()
    assert before == (State.IGNORED, reason, 0)
    assert (row.state, row.reason, row.ticket) == (State.FILED, Notice.LET_IN, Ticket.objects.get())
    assert Ticket.objects.get().received_at == NOON
    event = Event.objects.get(subject_kind="raw_message", kind=quarantine.LET_IN)
    assert (event.subject_id, event.actor_id) == (row.pk, house.anna.pk)


def test_what_was_left_out_by_a_filter_or_discarded_is_let_in(
    account: Account, sick: RawMessage, house: House
) -> None:
    dropped = kept(account, mail(2))
    outcome.finish_ignored(dropped.pk, f"{BY_FILTER}Werbung")
    quarantine.discard(raw_id=sick.pk, reason="Werbung", user=house.anna)

    done = [quarantine.let_in(raw_id=each.pk, user=house.anna) for each in (sick, dropped)]
    process.drain()

    assert done == [True, True]
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("reason", [Ignored.OWN_MAIL, Ignored.COPY, Ignored.BOUNCE, Ignored.REPORT])
def test_what_has_its_place_already_is_not_let_in(
    account: Account, house: House, reason: str
) -> None:
    row = kept(account, mail())
    outcome.finish_ignored(row.pk, reason)

    assert not quarantine.let_in(raw_id=row.pk, user=house.anna)
    assert process.drain() == 0


def test_what_was_deleted_after_its_time_is_neither_listed_nor_let_in(
    sick: RawMessage, house: House
) -> None:
    RawMessage.objects.update(state=State.DISCARDED, reason=Ignored.PURGED, body=None)

    assert list(queries.left_out(house.authority.pk)) == []
    assert not quarantine.let_in(raw_id=sick.pk, user=house.anna)


def test_what_became_no_request_is_found_without_reading_every_mail(house: House) -> None:
    if connection.vendor != "sqlite":
        return

    plan = queries.left_out(house.authority.pk)[:21].explain()

    assert "raw_left_out" in plan
    assert "TEMP B-TREE" not in plan


def test_what_was_put_aside_under_a_clock_years_ahead_becomes_a_request_all_the_same(
    sick: RawMessage,
) -> None:
    grown_old(sick, minutes=-10 * 365 * 24 * 60)

    assert quarantine.rescue_overdue() == 1
    assert Ticket.objects.count() == 1


def test_who_let_a_mail_in_is_not_forgotten_when_it_has_to_be_tried_again(
    account: Account, house: House
) -> None:
    row = kept(account, BOUNCED)
    outcome.finish_ignored(row.pk, Ignored.BOUNCE_UNKNOWN)
    quarantine.let_in(raw_id=row.pk, user=house.anna)
    outcome.put_aside(row.pk, Quarantine.NOT_FILED, "no room")

    quarantine.retry(raw_id=row.pk, user=house.anna)
    process.drain()

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FILED, Notice.LET_IN)


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
