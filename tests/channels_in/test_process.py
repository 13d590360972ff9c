"""From stored bytes to an outcome: filed, ignored with a reason, or in quarantine."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from channels_in import outcome, process
from channels_in.models import Account, RawMessage
from channels_in.reasons import Ignored, Notice, Quarantine
from channels_in.store import Place, keep
from helpdesk.events.models import Event
from helpdesk.files import store as files
from helpdesk.outbox.identity import LOOP_HEADER, loop_mark, new_message_id
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.outbox.subaddress import bounce_address
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import ArticleKind, LinkKind, Status
from helpdesk.tickets.inbound import Inbound, Receipt
from helpdesk.tickets.models import Article, Ticket, TicketLink
from helpdesk.tickets.queries import public_thread
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_ticket

pytestmark = pytest.mark.django_db
State = RawMessage.State


def processed(account: Account, raw: bytes) -> RawMessage:
    row = kept(account, raw)
    process.process_raw(row.pk)
    row.refresh_from_db()
    return row


def sent_message(house: House, ticket: Ticket) -> OutgoingMessage:
    letter = Letter(
        sender=house.sender,
        kind="answer",
        idempotency_key=f"answer:{ticket.pk}",
        subject="Antwort",
        text="Wir kommen.",
        recipients=(Address("clara@example.org"),),
        scope=f"t{ticket.pk}",
        link_kind="ticket",
        link_id=ticket.pk,
    )
    return queue_message(letter=letter)


def bounce_of(
    message_id: str, *, action: str = "failed", to: str = "tiefbau@musterstadt.example"
) -> bytes:
    return (
        "Return-Path: <>\r\n"
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
        f"To: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Message-ID: <dsn@mx.example>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
        "\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; clara@example.org\r\n"
        f"Action: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
        "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: Antwort\r\n"
        "\r\n--b--\r\n"
    ).encode()


def test_process_files_a_mail_and_writes_where(account: Account) -> None:
    row = processed(account, mail())

    ticket = Ticket.objects.get()
    article = Article.objects.get()
    assert (row.state, row.ticket, row.article) == (State.FILED, ticket, article)
    assert row.finished_at is not None
    assert (ticket.title, ticket.team) == ("Schlagloch 1", account.team)
    assert (article.text, article.raw_message_id) == ("Ein tiefes Loch.", row.pk)


def test_process_of_a_filed_mail_does_nothing(account: Account) -> None:
    row = processed(account, mail())

    assert process.process_raw(row.pk) is None
    assert Article.objects.count() == 1


def test_process_leaves_a_leased_mail_to_its_holder(account: Account) -> None:
    row = kept(account, mail(), place=Place("INBOX", 1, 1))

    assert process.process_raw(row.pk) is None
    assert process.process_claimed(row) == State.FILED


def test_process_of_a_mail_filed_before_its_outcome_was_seen_changes_nothing(
    account: Account,
) -> None:
    row = processed(account, mail())
    RawMessage.objects.filter(pk=row.pk).update(state=State.STORED, ticket=None, article=None)

    process.process_raw(row.pk)

    row.refresh_from_db()
    assert (row.state, row.ticket, row.article) == (
        State.FILED,
        Ticket.objects.get(),
        Article.objects.get(),
    )


def test_process_stores_attachments(account: Account) -> None:
    raw = (
        b"From: clara@example.org\r\nSubject: Foto\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nsiehe Anlage\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="Loch.pdf"\r\n\r\n%PDF-1.4\r\n--b--\r\n'
    )

    processed(account, raw)

    attachment = Article.objects.get().attachments.get()
    assert (attachment.name, files.read_file(attachment.file)) == ("Loch.pdf", b"%PDF-1.4")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\r\n\r\n", id="blank"),
        pytest.param(
            mail().replace(b"From: Clara Citizen <clara@example.org>\r\n", b""), id="no From"
        ),
        pytest.param(mail().replace(b"utf-8", b"x-klingon"), id="unknown charset"),
        pytest.param(
            mail().replace(b"text/plain", b"multipart/mixed; boundary="), id="broken MIME"
        ),
        pytest.param(mail(body="\0\0"), id="NUL"),
        pytest.param(b"\xff\xfe\x00" * 99, id="noise"),
    ],
)
def test_process_gives_every_sick_mail_a_place_and_goes_on(account: Account, raw: bytes) -> None:
    sick = kept(account, raw)
    sound = kept(account, mail(2))

    process.drain()

    sick.refresh_from_db()
    sound.refresh_from_db()
    assert sick.state in {State.FILED, State.QUARANTINED}
    assert sound.state == State.FILED


def test_process_ignores_our_own_mail_come_back(account: Account, house: House) -> None:
    message_id = new_message_id(scope="n", address=house.sender.email)
    own = mail(headers=f"{LOOP_HEADER}: {loop_mark(house.authority.pk)}\r\n").replace(
        b"<1@example.org>", message_id.encode()
    )

    row = processed(account, own)

    assert (row.state, row.reason) == (State.IGNORED, Ignored.OWN_MAIL)
    assert Ticket.objects.count() == 0


def test_process_files_a_mail_that_only_claims_to_be_ours(account: Account, house: House) -> None:
    forged = mail(headers=f"{LOOP_HEADER}: {loop_mark(house.authority.pk)}\r\n")

    assert processed(account, forged).state == State.FILED


def test_process_ties_a_bounce_to_its_message_and_ticket(account: Account, house: House) -> None:
    ticket = make_ticket(house)
    message = sent_message(house, ticket)

    row = processed(account, bounce_of(message.message_id))
    again = processed(account, bounce_of(message.message_id).replace(b"<dsn@", b"<dsn2@"))

    assert (row.state, row.reason, row.ticket) == (State.FILED, Notice.DELIVERY_REPORT, ticket)
    assert (again.state, again.reason, again.ticket) == (State.IGNORED, Ignored.BOUNCE, ticket)
    assert message.recipients.get().state == Recipient.State.BOUNCED
    assert Ticket.objects.count() == 1


def test_process_tells_the_staff_who_did_not_get_an_answer(account: Account, house: House) -> None:
    ticket = make_ticket(house)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="fixed")

    row = processed(account, bounce_of(sent_message(house, ticket).message_id))

    note = Article.objects.get(raw_message_id=row.pk)
    ticket.refresh_from_db()
    assert (note.kind, note.is_automatic, row.article) == (ArticleKind.NOTE, True, note)
    assert "clara@example.org" in note.text
    assert "550 5.1.1 no such user" in note.text
    assert ticket.last_article_id == note.pk
    assert ticket.status == Status.RESOLVED
    assert not public_thread(ticket).filter(pk=note.pk).exists()


def test_process_ties_a_bounce_by_the_address_it_came_to(account: Account, house: House) -> None:
    ticket = make_ticket(house)
    message = sent_message(house, ticket)
    to = bounce_address(account.address, message.pk)

    row = processed(account, bounce_of("<lost@on.the.way>", to=to))

    assert (row.state, row.ticket) == (State.FILED, ticket)
    assert message.recipients.get().state == Recipient.State.BOUNCED


def test_process_files_an_absence_note_to_the_return_address_as_automatic(
    account: Account, house: House
) -> None:
    ticket = make_ticket(house)
    message = sent_message(house, ticket)
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.WAITING_CITIZEN)
    to = bounce_address(account.address, message.pk).encode()

    row = processed(account, mail().replace(b"tiefbau@musterstadt.example", to))

    ticket.refresh_from_db()
    assert (row.ticket, ticket.status) == (ticket, Status.WAITING_CITIZEN)
    assert Article.objects.get(raw_message_id=row.pk).is_automatic


def test_process_leaves_out_automatic_mail_that_answers_nothing_where_that_is_wanted(
    account: Account, house: House
) -> None:
    Account.objects.update(leaves_out_automatic=True)
    account.refresh_from_db()
    ticket = make_ticket(house)
    machine = "Auto-Submitted: auto-replied\r\n"
    ours = new_message_id(scope=f"t{ticket.pk}", address=account.address)

    newsletter = processed(account, mail(5, headers=machine))
    absent = processed(account, mail(6, headers=f"{machine}In-Reply-To: {ours}\r\n"))
    person = processed(account, mail(7))

    assert (newsletter.state, newsletter.reason) == (State.IGNORED, Ignored.AUTOMATIC)
    assert bytes(newsletter.body or b"").startswith(b"Auto-Submitted")
    assert (absent.state, absent.ticket_id) == (State.FILED, ticket.pk)
    assert person.state == State.FILED


def test_process_lists_a_bounce_that_is_not_ours(account: Account, house: House) -> None:
    message = sent_message(house, make_ticket(house))
    forged = message.message_id.replace("an.t", "an.t9")

    row = processed(account, bounce_of(forged))

    assert (row.state, row.reason, row.ticket) == (State.IGNORED, Ignored.BOUNCE_UNKNOWN, None)
    assert message.recipients.get().state == Recipient.State.PENDING


def test_process_keeps_a_success_report_with_its_ticket(account: Account, house: House) -> None:
    ticket = make_ticket(house)
    message = sent_message(house, ticket)
    raw = bounce_of(message.message_id, action="delivered").replace(b"5.1.1", b"2.0.0")

    row = processed(account, raw)

    assert (row.state, row.reason, row.ticket) == (State.IGNORED, Ignored.REPORT, ticket)
    noted = Event.objects.get(kind="ticket.receipt_noted", subject_id=ticket.pk)
    assert noted.data["report"] == "delivered"
    assert message.recipients.get().state == Recipient.State.PENDING


def test_process_ignores_a_read_receipt_of_somebody_else(account: Account) -> None:
    raw = (
        b"From: clara@example.org\r\nSubject: Read: x\r\nMessage-ID: <m@example.org>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report;"
        b' report-type=disposition-notification; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nread\r\n"
        b"--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Original-Message-ID: <unknown@example.org>\r\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
    )

    row = processed(account, raw)

    assert (row.state, row.reason) == (State.IGNORED, Ignored.REPORT_UNKNOWN)


def test_process_puts_a_mail_aside_when_filing_fails(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_inbound: object) -> None:
        raise ValueError("no room for this")

    with monkeypatch.context() as patch:
        patch.setattr(process, "accept", refuse)
        sick = processed(account, mail(1))
    sound = processed(account, mail(2))

    assert (sick.state, sick.reason) == (State.QUARANTINED, Quarantine.NOT_FILED)
    assert "no room for this" in sick.error
    assert sound.state == State.FILED


def test_process_lets_a_mail_wait_for_the_database_and_files_it_later(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_inbound: object) -> None:
        raise OperationalError("deadlock detected")

    row = kept(account, mail())
    with monkeypatch.context() as patch:
        patch.setattr(process, "accept", refuse)
        assert process.process_raw(row.pk) is None
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.STORED, 1)

    outcome.release_leases()
    process.drain()

    row.refresh_from_db()
    assert row.state == State.FILED


def test_process_does_not_blame_a_mail_for_a_full_disk(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    row = kept(account, mail())
    monkeypatch.setattr(process, "prepare", refuse)

    for _round in range(9):
        process.process_raw(row.pk)
        outcome.release_leases()

    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.STORED, 0)


def test_process_puts_a_mail_aside_that_ended_its_process_several_times(account: Account) -> None:
    row = kept(account, mail())
    RawMessage.objects.filter(pk=row.pk).update(attempts=5)

    process.process_raw(row.pk)

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.QUARANTINED, Quarantine.CRASHED)


def test_process_says_when_the_bytes_are_gone(account: Account) -> None:
    row = kept(account, mail(body="x" * 70_000))
    assert row.file is not None
    files.path_of(row.file.sha256).unlink()

    process.process_raw(row.pk)

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.QUARANTINED, Quarantine.BYTES_MISSING)


def test_process_says_on_the_ticket_that_a_mail_was_cut(account: Account) -> None:
    row = kept(account, mail(), place=Place("INBOX", 1, 1, oversize=41 * 2**20))

    process.process_claimed(row)

    row.refresh_from_db()
    article = Article.objects.get()
    assert (row.state, row.reason, row.size) == (State.FILED, Notice.OVERSIZE, 41 * 2**20)
    assert article.text.endswith("Ein tiefes Loch.")
    assert article.text != "Ein tiefes Loch."
    assert article.warnings == ["oversize"]


def test_drain_takes_the_oldest_first(account: Account) -> None:
    for number in (1, 2, 3):
        kept(account, mail(number))

    assert process.drain() == 3

    titles = list(Ticket.objects.order_by("id").values_list("title", flat=True))
    assert titles == ["Schlagloch 1", "Schlagloch 2", "Schlagloch 3"]


def test_process_links_the_tickets_of_one_mail_to_two_mailboxes(
    account: Account, house: House
) -> None:
    other = make_account(house, address="abfall@musterstadt.example", team=house.waste)

    for each in (account, other):
        processed(each, mail())

    assert sorted(Ticket.objects.values_list("team__name", flat=True)) == ["Abfall", "Tiefbau"]
    assert TicketLink.objects.get().kind == LinkKind.SAME_MAIL


def test_process_files_nothing_when_another_was_quicker(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = kept(account, mail())

    def accept_late(inbound: Inbound) -> Receipt:
        # What another worker commits while this one is still filing.
        RawMessage.objects.filter(pk=row.pk).update(state=State.DISCARDED)
        return accept(inbound)

    monkeypatch.setattr(process, "accept", accept_late)

    assert process.process_raw(row.pk) is None
    assert Ticket.objects.count() == 0


def test_process_lists_a_copy_of_a_reply_that_came_to_two_mailboxes(
    account: Account, house: House
) -> None:
    first = kept(account, mail(1))
    process.process_raw(first.pk)
    reply = mail(2, headers="In-Reply-To: <1@example.org>\r\n")
    other = make_account(house, address="abfall@musterstadt.example")
    one, two = kept(account, reply), kept(other, reply)

    process.process_raw(one.pk)
    process.process_raw(two.pk)

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == (RawMessage.State.FILED, RawMessage.State.IGNORED)
    assert (two.reason, two.ticket_id) == (Ignored.COPY, one.ticket_id)
    assert Article.objects.count() == 2


@pytest.mark.parametrize("days, is_answered", [(6, True), (8, False)])
def test_process_of_a_mail_from_long_ago_sends_no_receipt(
    account: Account, *, days: int, is_answered: bool
) -> None:
    came = timezone.now() - timedelta(days=days)
    raw, _is_new = keep(account=account, raw=mail(), received_at=came)

    process.process_raw(raw.pk)

    created = Event.objects.get(kind="ticket.created")
    assert created.data["may_reply"] is is_answered
    assert Article.objects.get().received_at == came
