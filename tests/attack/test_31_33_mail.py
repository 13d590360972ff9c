"""Attack cases 31 to 33 by mail: carried text, injected headers, and what an answer gives away."""

import smtplib
from collections.abc import Iterator

import pytest

from channels_in.mail.listener import Listener
from channels_in.models import RawMessage
from helpdesk.citizens.models import ContactPoint
from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.models import Recipient
from helpdesk.outbox.subaddress import bounce_address, reply_address
from tests.attack.mailtown import CLARA, EVIL, MAILBOX, OUR_SERVER, THOUSAND, MailTown

pytestmark = pytest.mark.django_db(transaction=True)
ADVERT = "Kaufen Sie jetzt bei www.evil.example"


# -- 31: a receipt carries nobody's words to anybody ------------------------------------------


@pytest.mark.parametrize("mails", [8, pytest.param(1000, marks=THOUSAND)])
def test_31_a_victim_gets_five_receipts_an_hour_and_no_word_of_the_mail(
    town: MailTown, mails: int
) -> None:
    for _ in range(mails):
        town.arrive(town.write(f"{ADVERT} <opfer@example.org>", body=ADVERT))

    sent = town.sent()
    assert town.recipients() == ["opfer@example.org"] * 5
    for mail in sent:
        text = mail.get_body(("plain",))
        assert text is not None
        assert ADVERT not in text.get_content()
        assert ADVERT not in str(mail["To"])


def test_31_a_victim_whose_domain_disowns_the_mail_gets_nothing(town: MailTown) -> None:
    results = f"{OUR_SERVER}; dmarc=fail header.from=example.org"

    row = town.arrive(town.write("opfer@example.org", Authentication_Results=results, Cc=CLARA))

    assert row.state == RawMessage.State.FILED
    assert town.sent() == []


def test_31_a_receipt_goes_to_nobody_in_copy(town: MailTown) -> None:
    town.arrive(town.write(CLARA, Cc="opfer@example.org", To=f"{MAILBOX}, zweites@example.org"))

    assert town.recipients() == ["clara@example.org"]


# -- 32: nothing that came in becomes a header or a recipient ---------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "=?utf-8?q?Loch=0D=0ABcc:_evil@evil.example=0D=0A=0D=0AKlick?="},
        {"Subject": "Loch\r\n Bcc: evil@evil.example"},
        {"From": "=?utf-8?q?Clara=0D=0ABcc:_evil@evil.example?= <clara@example.org>"},
        {"From": '"Clara, evil@evil.example," <clara@example.org>'},
        {"From": "=?utf-8?q?Clara=2C_evil=40evil=2Eexample?= <clara@example.org>"},
        {"Reply-To": "=?utf-8?q?x=0D=0ATo:_evil@evil.example?= <clara@example.org>"},
        {"Message-ID": "<1@x>\r\n\tBcc: evil@evil.example"},
        {"References": "<a@b>\r\n\t<c@d>, evil@evil.example"},
    ],
)
def test_32_receipt_and_answer_have_our_headers_and_one_recipient(
    town: MailTown, headers: dict[str, str]
) -> None:
    row = town.arrive(town.write(**headers))
    assert row.ticket is not None

    town.answer(row.ticket)

    sent = town.sent()
    assert town.recipients() == ["clara@example.org"] * 2
    assert len(sent) == 2
    for mail in sent:
        assert mail["Bcc"] is None
        assert mail["Cc"] is None
        assert [address.addr_spec for address in mail["To"].addresses] == ["clara@example.org"]
        assert len(mail.get_all("Subject", [])) == len(mail.get_all("From", [])) == 1


# -- 33: known and unknown get the same answer ------------------------------------------------


@pytest.fixture
def port(town: MailTown) -> Iterator[int]:
    del town
    server = Listener("127.0.0.1", 0)
    yield server.start()
    server.stop()


def replies(port: int, sender: str, recipient: str, raw: bytes) -> list[tuple[int, bytes]]:
    """Return all that the listener says to one mail."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo("probe.example")
        return [
            client.mail(sender),
            client.rcpt(recipient),
            client.data(raw),
        ]


def test_33_the_listener_says_the_same_of_known_and_unknown(town: MailTown, port: int) -> None:
    ticket = town.request()
    real, forged = (
        reply_address(MAILBOX, f"t{ticket.pk}"),
        f"tiefbau+rt{ticket.pk}{'a' * 16}@musterstadt.example",
    )
    probes = [
        ("clara@example.org", MAILBOX),
        ("niemand@example.org", MAILBOX),
        ("clara@example.org", real),
        ("clara@example.org", forged),
        ("clara@example.org", bounce_address(MAILBOX, 1)),
        (town.house.anna.email, MAILBOX),
    ]

    said = [replies(port, sender, to, town.write(sender)) for sender, to in probes]

    assert said == [said[0]] * len(probes)
    assert [code for code, _ in said[0]] == [250, 250, 250]


def test_33_known_and_unknown_get_the_same_receipt(town: MailTown) -> None:
    town.request()
    town.sent()
    town.arrive(town.write(CLARA))
    town.arrive(town.write("niemand@example.org"))

    known, unknown = (mail.get_body(("plain",)) for mail in town.sent()[1:])

    assert known is not None
    assert unknown is not None
    shapes = [
        [len(line.split()) for line in body.get_content().splitlines()] for body in (known, unknown)
    ]
    assert shapes[0] == shapes[1]


def report_about(message_id: str, address: str) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@evil.example\r\n"
        f"To: {MAILBOX}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nno\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; evil.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


def test_33_a_forged_report_silences_nobody_and_gets_no_answer(town: MailTown) -> None:
    ticket = town.request()
    ours = town.answer(ticket)
    town.sent()
    before = len(town.sink.mails)
    forged = [
        "<made@up.example>",
        ours.message_id.replace(f"an.t{ticket.pk}.", f"an.t{ticket.pk + 1}."),
        new_message_id(scope="n", address=MAILBOX),
        "",
    ]

    rows = [town.arrive(report_about(each, "clara@example.org")) for each in forged]

    assert {row.state for row in rows} == {RawMessage.State.IGNORED}
    assert ContactPoint.objects.get(normalised="clara@example.org").undeliverable_at is None
    assert not Recipient.objects.filter(state=Recipient.State.BOUNCED).exists()
    assert len(town.sink.mails) == before


def test_33_a_report_about_ones_own_mail_silences_no_other(town: MailTown) -> None:
    town.request()
    theirs = town.arrive(town.write(EVIL)).ticket
    assert theirs is not None
    ours = town.answer(theirs)

    town.arrive(report_about(ours.message_id, "clara@example.org"))

    dead = ContactPoint.objects.filter(undeliverable_at__isnull=False)
    assert [point.normalised for point in dead] == ["evil@evil.example"]


def test_33_a_genuine_report_marks_the_address_and_holds_what_we_send_ourselves(
    town: MailTown,
) -> None:
    ticket = town.request()
    ours = town.answer(ticket)
    town.sent()
    before = len(town.sink.mails)

    row = town.arrive(report_about(ours.message_id, "clara@example.org"))
    town.arrive(town.write(CLARA))

    assert row.ticket == ticket
    assert ContactPoint.objects.get(normalised="clara@example.org").undeliverable_at is not None
    assert len(town.sent()) == before
