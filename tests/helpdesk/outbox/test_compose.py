from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr

import pytest
from django.db import transaction

from helpdesk.files.store import put
from helpdesk.lib.html import text_to_html
from helpdesk.outbox.deliver import prepare
from helpdesk.outbox.identity import is_own_loop_mark
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.queue import Address, Enclosure
from helpdesk.outbox.subaddress import read_bounced_message, read_reply_scope
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = pytest.mark.django_db


def rendered(message: OutgoingMessage, *, utf8: bool = False) -> tuple[bytes, EmailMessage]:
    raw = prepare(message).render(utf8)
    return raw, message_from_bytes(raw, policy=default)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def assert_fit_for_the_wire(raw: bytes) -> None:
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 900


def test_render_writes_an_answer_with_text_and_html() -> None:
    message = queue(
        make_sender(),
        html="<p>Grüße & Dank</p>",
        in_reply_to="<last@citizen.example>",
        references=("<first@citizen.example>",),
        headers={"Thread-Topic": "Sperrmüll", "Thread-Index": "AQHb=="},
    )

    raw, mail = rendered(message)

    assert_fit_for_the_wire(raw)
    assert mail["Subject"] == "Re: Sperrmüll 1 [AN#2026-1]"
    assert mail["From"] == "Bürgeramt <amt@stadt.example>"
    assert mail["To"] == "Erika Muster <erika1@example.org>"
    assert mail["Message-ID"] == message.message_id
    assert mail["In-Reply-To"] == "<last@citizen.example>"
    assert mail["References"] == "<first@citizen.example> <last@citizen.example>"
    assert mail["Thread-Topic"] == "Sperrmüll"
    assert mail["Thread-Index"] == "AQHb=="
    assert mail["Date"].datetime.tzinfo is not None
    assert is_own_loop_mark(mail["X-Anliegen-Loop"])
    assert mail.get_content_type() == "multipart/alternative"
    text, page = (unix(part.get_content()) for part in mail.iter_parts())
    assert text == "Guten Tag,\n\nAntwort 1.\n"
    assert page.startswith("<!DOCTYPE html>")
    assert "<p>Grüße & Dank</p>" in page


@pytest.mark.parametrize(
    "in_reply_to,kind", [("", "auto-generated"), ("<a@b.example>", "auto-replied")]
)
def test_render_marks_automatic_mail(in_reply_to: str, kind: str) -> None:
    message = queue(make_sender(), is_automatic=True, in_reply_to=in_reply_to)

    mail = rendered(message)[1]

    assert mail["Auto-Submitted"] == kind
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "bulk"


def test_render_leaves_answers_of_people_unmarked() -> None:
    mail = rendered(queue(make_sender()))[1]

    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None
    assert mail["Precedence"] is None


def test_render_attaches_files_whole_under_a_name_on_one_line() -> None:
    message = queue(make_sender())
    files = (
        (b"%PDF-1.7\r\n.\r\n\xff\0", "application/pdf"),
        (b"From: x\r\n\r\n", "message/rfc822"),
    )
    for place, (content, kind) in enumerate(files):
        message.files.create(
            file=put(content, kind), name=f"Maßnahme {place}.pdf\r\nX-Evil: 1", position=place
        )

    raw, mail = rendered(message)

    assert_fit_for_the_wire(raw)
    parts = list(mail.iter_attachments())
    assert [part.get_filename() for part in parts] == [
        "Maßnahme 0.pdf X-Evil: 1",
        "Maßnahme 1.pdf X-Evil: 1",
    ]
    assert [part.get_content_type() for part in parts] == [
        "application/pdf",
        "application/octet-stream",
    ]
    assert [part.get_payload(decode=True) for part in parts] == [files[0][0], files[1][0]]
    assert mail["X-Evil"] is None


def test_queued_enclosures_keep_their_order() -> None:
    sender = make_sender()
    ids = [put(name.encode(), "text/plain").pk for name in "ab"]

    message = queue(sender, files=(Enclosure(ids[1], "b.txt"), Enclosure(ids[0], "a.txt")))

    assert [part.get_filename() for part in rendered(message)[1].iter_attachments()] == [
        "b.txt",
        "a.txt",
    ]


def test_render_lets_nothing_be_injected_even_from_a_row_that_was_tampered_with() -> None:
    message = queue(make_sender())
    with transaction.atomic():
        OutgoingMessage.objects.update(
            subject="Hund\r\nBcc: a@evil.example",
            from_name='Amt" <x@evil.example>,\r\nBcc: b@evil.example',
            headers={"Thread-Topic": "x\r\nBcc: c@evil.example"},
            text="Hallo\r\n.\r\nMAIL FROM:<x@evil.example>\r\n",
        )
    message = OutgoingMessage.objects.get()

    raw, mail = rendered(message)

    assert mail["Bcc"] is None
    assert len(mail["From"].addresses) == 1
    assert mail["From"].addresses[0].addr_spec == "amt@stadt.example"
    assert_fit_for_the_wire(raw)


@pytest.mark.parametrize(
    "name",
    [
        "Muster, Erika",
        "Müller, Jörg (Bauamt)",
        'Erika "die Gute" Muster',
        "a@b.example",
        "=?utf-8?q?x?=",
        "Ä" * 150,
        "<x@evil.example>",
        "Back\\slash",
    ],
)
def test_render_keeps_a_display_name_whole_and_harmless(name: str) -> None:
    message = queue(make_sender(), recipients=(Address("e@example.org", name),))

    raw, mail = rendered(message)

    assert_fit_for_the_wire(raw)
    # The lenient old parser: the newer one puts blanks between encoded words.
    head = message_from_bytes(raw, policy=compat32)
    phrase, address = parseaddr(head["To"])
    assert (str(make_header(decode_header(phrase))), address) == (name, "e@example.org")
    assert len(mail["To"].addresses) == 1


@pytest.mark.parametrize("subject", ["ü" * 400, "x" * 480, "Wort " * 90, "👍" * 100, "=?x?q?y?="])
def test_render_folds_any_subject_so_that_it_comes_back_whole(subject: str) -> None:
    raw, mail = rendered(queue(make_sender(), subject=subject))

    assert_fit_for_the_wire(raw)
    assert mail["Subject"] == subject.strip()


def test_render_folds_references_to_lines_of_at_most_900_bytes() -> None:
    ids = tuple(f"<{number:03d}{'x' * 150}@citizen.example>" for number in range(60))

    raw, mail = rendered(queue(make_sender(), references=ids))

    assert_fit_for_the_wire(raw)
    assert mail["References"].split()[0] == ids[0]
    assert mail["References"].split()[-1] == ids[-1]


def test_render_keeps_bcc_out_and_cc_in() -> None:
    message = queue(
        make_sender(),
        recipients=(
            Address("a@example.org"),
            Address("b@example.org", "Bea", field="cc"),
            Address("c@example.org", field="bcc"),
        ),
    )

    raw, mail = rendered(message)

    assert mail["To"] == "a@example.org"
    assert mail["Cc"] == "Bea <b@example.org>"
    assert b"c@example.org" not in raw


def test_render_writes_a_letter_to_bcc_alone_without_naming_anybody() -> None:
    message = queue(make_sender(), recipients=(Address("c@example.org", field="bcc"),))

    raw, mail = rendered(message)

    assert mail["To"] == "undisclosed-recipients:;"
    assert b"c@example.org" not in raw


def test_render_writes_domains_in_a_labels_and_local_parts_only_with_utf8() -> None:
    message = queue(
        make_sender(email="amt@müller.example"),
        recipients=(Address("erika@müller.example"), Address("jörg@example.org")),
    )

    plain = rendered(message)[0]
    rich = prepare(message).render(True)

    assert_fit_for_the_wire(plain)
    assert b"erika@xn--mller-kva.example" in plain
    assert b"example.org" not in plain
    assert "jörg@example.org".encode() in rich


def test_render_survives_text_that_no_mail_may_hold() -> None:
    message = queue(make_sender(), text="a\0b\ud800c\rd\u2028e\n" + "x" * 5000)

    raw, mail = rendered(message)

    assert_fit_for_the_wire(raw)
    assert unix(mail.get_content()) == "ab?c\nd\u2028e\n" + "x" * 5000 + "\n"


def test_render_shows_a_picture_beside_the_html_and_attaches_the_rest() -> None:
    picture, plan = (
        put(b"\x89PNG\r\n\x1a\n" + b"x" * 500, "image/png"),
        put(b"%PDF", "application/pdf"),
    )
    message = queue(
        make_sender(),
        html='<p>Hier: <img src="cid:plan.1@stadt.example" alt="Lageplan"></p>',
        files=(
            Enclosure(picture.pk, "Plan.png", cid="plan.1@stadt.example"),
            Enclosure(plan.pk, "Plan.pdf"),
        ),
    )

    raw, mail = rendered(message)

    assert_fit_for_the_wire(raw)
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    shown = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert (shown["Content-ID"], shown.get_content_disposition()) == (
        "<plan.1@stadt.example>",
        "inline",
    )


@pytest.mark.parametrize("cid", ["a b", "x>\r\nBcc: evil@example.org", "<x>", "ä@stadt.example"])
def test_a_content_id_that_could_break_out_is_none(cid: str) -> None:
    picture = put(b"\x89PNG\r\n\x1a\n", "image/png")
    message = queue(make_sender(), html="<p>x</p>", files=(Enclosure(picture.pk, "a.png", cid),))

    _raw, mail = rendered(message)

    assert mail["Bcc"] is None
    assert [part.get_content_disposition() for part in mail.iter_attachments()] == ["attachment"]


def test_render_keeps_long_words_and_lines_within_the_wire() -> None:
    long = "Wort" * 5000 + "\n" + "https://stadt.example/" + "ä" * 3000
    message = queue(make_sender(), text=long, html=text_to_html(long))

    raw, mail = rendered(message)

    assert_fit_for_the_wire(raw)
    text = mail.get_body(("plain",))
    assert text is not None
    assert unix(text.get_content()).strip() == long


def test_replies_and_bounces_go_to_tagged_addresses_where_the_server_takes_them() -> None:
    message = queue(make_sender(subaddresses=True), scope="t17")

    prepared = prepare(message)
    mail = message_from_bytes(prepared.render(False), policy=default)

    reply_to = mail["Reply-To"].addresses[0].addr_spec
    assert mail["From"].addresses[0].addr_spec == "amt@stadt.example"
    assert read_reply_scope([reply_to]) == "t17"
    assert read_bounced_message([prepared.envelope_from]) == message.pk
    assert reply_to.endswith("@stadt.example")


def test_without_tagged_addresses_the_mailbox_is_everything() -> None:
    prepared = prepare(queue(make_sender()))

    mail = message_from_bytes(prepared.render(False), policy=default)
    assert prepared.envelope_from == "amt@stadt.example"
    assert mail["Reply-To"] is None
    assert mail["From"].addresses[0].addr_spec == "amt@stadt.example"


def test_who_is_left_out_stands_in_no_header_and_gets_nothing() -> None:
    people = (
        Address("erika@example.org"),
        Address("amt@stadt.example", field="cc", left_out="one of our own mailboxes"),
        Address("max@example.org", field="cc"),
    )

    prepared = prepare(queue(make_sender(), recipients=people))

    mail = message_from_bytes(prepared.render(False), policy=default)
    assert [target.address for target in prepared.targets] == [
        "erika@example.org",
        "max@example.org",
    ]
    assert mail["Cc"] == "max@example.org"
