"""Who wrote what a colleague passed on: from the attached mail, or from the lines above it."""

import pytest

from channels_in.mail.forwarded import find_original_sender
from channels_in.mail.parse import parse
from channels_in.mail.parsed import Mailbox

CLARA = Mailbox("Clara Citizen", "clara@example.org")
FORMS = (
    "Von: Clara Citizen <clara@example.org>\nGesendet: Mittwoch\n",
    "> Von: Clara Citizen <clara@example.org>\n",
    "*Von:* Clara Citizen [mailto:clara@example.org]\n",
    "---------- Forwarded message ---------\nFrom: Clara Citizen <clara@example.org>\nDate: x\n",
    'De : "Clara Citizen" <clara@example.org>\nEnvoy\u00e9 : x\n',
    "Da: Clara Citizen (clara@example.org)\n",
    "Od: Clara Citizen <clara@example.org>\n",
    "\u0412\u0456\u0434: Clara Citizen <clara@example.org>\n\u041a\u043e\u043c\u0443: <a@b.de>\n",
)


def forwarded(text: str, subject: str = "WG: Loch") -> Mailbox | None:
    head = (
        f"From: anna@stadt.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n"
    )
    return find_original_sender(parse(f"{head}\nBitte pr\u00fcfen.\n\n{text}\nLoch.\n".encode()))


@pytest.mark.parametrize("text", FORMS)
def test_author_is_read_as_mail_programs_write_it(text: str) -> None:
    assert forwarded(text) == CLARA


def test_author_of_an_attached_mail_comes_first() -> None:
    raw = (
        b"From: anna@stadt.example\nSubject: Zur Info\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n"
        b"From: other@example.org\n--x\nContent-Type: message/rfc822\n\n"
        b"From: Clara Citizen <clara@example.org>\nSubject: Loch\n\nLoch\n--x--\n"
    )

    assert find_original_sender(parse(raw)) == CLARA


@pytest.mark.parametrize(
    "text,subject",
    [
        (FORMS[0], "Loch"),
        (FORMS[0], "AW: Loch"),
        ("Von der Stadt: nichts geh\u00f6rt\n", "WG: Loch"),
        ("Von: Clara Citizen\n", "WG: Loch"),
        ("Von: <clara@>\n", "Fwd: Loch"),
    ],
)
def test_nobody_is_proposed_where_the_mail_does_not_say_so(text: str, subject: str) -> None:
    assert forwarded(text, subject) is None
