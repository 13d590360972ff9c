"""Delivery reports, proper and in prose: who did not get which mail, for good or for now."""

import pytest

from channels_in.mail.parse import parse
from channels_in.mail.parsed import Bounce, FailedRecipient

REPORT = (
    b"From: MAILER-DAEMON@mx.example\nSubject: Mail\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
    b"--x\n\nText\n--x\nContent-Type: message/delivery-status\n\n"
    b"Reporting-MTA: dns; mx.example\n\n%b\n"
    b"--x\nContent-Type: message/rfc822\n\n"
    b"Message-ID: <t1@stadt.example>\nTo: weg@example.org\n\nhi\n--x--\n"
)
PROSE = (
    b"From: %b\nReturn-Path: <>\nSubject: %b\n\n%b\n\n"
    b"Message-ID: <t1@stadt.example>\nSubject: Antwort\n"
)


def _bounce(blocks: bytes) -> Bounce | None:
    return parse(REPORT % blocks).bounce


def test_find_bounce_tells_recipients_apart() -> None:
    found = _bounce(
        b"Final-Recipient: rfc822; da@example.org\nAction: delivered\nStatus: 2.0.0\n\n"
        b"Final-Recipient: rfc822; weg@example.org\nAction: failed\nStatus: 5.1.1\n"
        b"Diagnostic-Code: smtp; 550 unknown\n user\n\n"
        b"Final-Recipient: rfc822; voll@example.org\nAction: delayed\nStatus: 4.2.2"
    )

    assert found == Bounce(
        recipients=("weg@example.org", "voll@example.org"),
        permanent=True,
        original_message_id="<t1@stadt.example>",
        diagnostic="smtp; 550 unknown user",
        reports=(
            FailedRecipient("weg@example.org", True, "5.1.1", "smtp; 550 unknown user"),
            FailedRecipient("voll@example.org", False, "4.2.2", "", True),
        ),
    )


@pytest.mark.parametrize(
    "block,expected",
    [
        (b"Action: failed\nStatus: 5.0.0", True),
        (b"Action: failed", True),
        (b"Action: Failed (expired)\nStatus: 5.4.7 (delivery time expired)", True),
        (b"Status: 5.1.1", True),
        (b"Action: failed\nStatus: 4.4.7", False),
        (b"Action: delayed\nStatus: 4.0.0", False),
        (b"Action: delayed\nStatus: 5.0.0", False),
        (b"Status: 4.2.2", False),
    ],
)
def test_find_bounce_knows_permanent_from_transient(block: bytes, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    found = _bounce(b"Final-Recipient: rfc822; weg@example.org\n" + block)

    assert found is not None
    assert (found.recipients, found.permanent) == (("weg@example.org",), expected)


@pytest.mark.parametrize("action", [b"delivered", b"relayed", b"expanded", b"deliverable"])
def test_find_bounce_is_none_for_reports_of_success(action: bytes) -> None:
    mail = parse(REPORT % (b"Final-Recipient: rfc822; a@b.de\nStatus: 2.0.0\nAction: " + action))

    assert (mail.is_bounce, mail.bounce, mail.is_auto) == (False, None, True)


def test_find_bounce_names_the_address_that_we_wrote_to() -> None:
    found = _bounce(
        b"Original-Recipient: rfc822;weg@example.org\n"
        b"Final-Recipient: rfc822;postfach7@intern.example\nAction: failed\nStatus: 5.1.1"
    )

    assert found is not None
    assert found.recipients == ("weg@example.org",)


def test_find_bounce_reads_internationalised_addresses() -> None:
    found = _bounce(rb"Final-Recipient: utf-8; j\x{F6}rg@b.de" + b"\nAction: failed")

    assert found is not None
    assert found.recipients == ("jörg@b.de",)


def test_find_bounce_falls_back_to_whom_the_returned_mail_was_written() -> None:
    found = parse(REPORT % b"X-Nothing: known").bounce

    assert found is None or found.recipients == ("weg@example.org",)
    undelivered = (REPORT % b"X-Nothing: known").replace(b"Subject: Mail", b"Subject: Undelivered")
    assert parse(undelivered).bounce == Bounce(
        recipients=("weg@example.org",), permanent=True, original_message_id="<t1@stadt.example>"
    )


@pytest.mark.parametrize(
    "sender,subject,text,permanent",
    [
        (
            b"MAILER-DAEMON@mx.example",
            b"failure notice",
            (
                b"Hi. This is the qmail-send program at mx.example.\nI'm afraid "
                b"I wasn't able to deliver your message to the following addresses.\n"
                b"This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
                b"<weg@example.org>:\nno such user\n\n"
                b"--- Below this line is a copy of the message.\n"
            ),
            True,
        ),
        (
            b"Mail Delivery System <Mailer-Daemon@mx.example>",
            b"Warning: message 1abc delayed 24 hours",
            (
                b"This message was created automatically by mail delivery software.\n"
                b"A message that you sent has not yet been delivered to one or more of its\n"
                b"recipients after more than 24 hours on the queue on mx.example.\n\n"
                b"The address to which the message has not yet been delivered is:\n\n"
                b"  weg@example.org\n\nNo action is required.\n"
            ),
            False,
        ),
        (
            b"System Administrator <postmaster@mx.example>",
            b"Undeliverable: Antwort",
            (
                b"Your message did not reach some or all of the intended recipients.\n\n"
                b"The following recipient(s) could not be reached:\n\n"
                b"      'weg@example.org' on 1.6.2026 10:00\n            550 5.1.1 User unknown\n"
            ),
            True,
        ),
        (
            b"postmaster@mx.example",
            b"Unzustellbar: Antwort",
            b"Ihre Nachricht an weg@example.org wurde nicht zugestellt: 550 5.1.1 unbekannt\n",
            True,
        ),
    ],
)
def test_find_bounce_reads_prose(
    sender: bytes,
    subject: bytes,
    text: bytes,
    permanent: bool,  # noqa: FBT001 - a table of cases
) -> None:
    mail = parse(PROSE % (sender, subject, text))

    assert mail.bounce is not None
    assert (mail.bounce.recipients, mail.bounce.permanent, mail.bounce.original_message_id) == (
        ("weg@example.org",),
        permanent,
        "<t1@stadt.example>",
    )
    assert (mail.is_auto, mail.is_bounce) == (True, True)


@pytest.mark.parametrize(
    "raw",
    [
        # A postmaster who writes about a bounce is a person with a question.
        b"From: postmaster@nachbarstadt.example\nSubject: Frage\n\n<a@b.de>: 550 5.1.1 Warum?",
        # An answering machine with an empty envelope sender.
        (
            b"From: hans@example.org\nReturn-Path: <>\nAuto-Submitted: auto-replied\n"
            b"Subject: Abwesend\n\nVertretung: b@example.org, Tel. 550 1234"
        ),
        # A citizen who asks about a bounce, quoting it.
        (
            b"From: hans@example.org\nSubject: Undelivered Mail Returned to Sender\n\n"
            b"Was heisst das? <weg@example.org>: 550 5.1.1 unknown"
        ),
        # A daemon that says something else.
        b"From: MAILER-DAEMON@mx.example\nSubject: Quota\n\nIhr Postfach ist fast voll.",
    ],
)
def test_find_bounce_is_none_for_what_only_sounds_like_it(raw: bytes) -> None:
    assert parse(raw).bounce is None
