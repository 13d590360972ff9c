"""Mails of an attacker, taken the way that every mail takes, for the attack cases 1 to 9."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from channels_in.models import Account
from channels_in.process import process_raw
from helpdesk.tickets.models import Article
from tests.channels_in.making import kept

FOLDER = Path(__file__).parents[1] / "corpus" / "xss"
PAYLOADS = [
    line
    for path in sorted(FOLDER.glob("*.txt"))
    for line in path.read_text().splitlines()
    if line.strip()
]
HEADER = '"><img src=x onerror=alert(1)>'


def html_mail(html: str, number: int, subject: str = "Meldung") -> bytes:
    """Return a mail whose HTML is that of a stranger, put between two sentences."""
    message = EmailMessage(policy=SMTP.clone(raise_on_defect=False))
    message["From"] = f"Eva Evil <evil{number}@example.org>"
    message["To"] = "tiefbau@musterstadt.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<evil{number}@example.org>"
    message.set_content(f"<p>Vorher {number}</p>{html}<p>Nachher {number}</p>", subtype="html")
    return message.as_bytes()


def header_mail(number: int) -> bytes:
    """Return a mail that carries the payload in every field an attacker can write."""
    return (
        f"From: =?utf-8?q?{HEADER.replace(' ', '_').replace('=', '=3D')}?= <evil@example.org>\r\n"
        f"To: {HEADER} <tiefbau@musterstadt.example>\r\n"
        f"Subject: {HEADER} {number}\r\n"
        f"Message-ID: <{HEADER.replace(' ', '')}{number}@example.org>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{HEADER}\r\n\r\n-- \r\n{HEADER}\r\n"
        f"--b\r\nContent-Type: text/plain; name*=utf-8''{HEADER.replace(' ', '%20')}.txt\r\n"
        "Content-Disposition: attachment\r\n\r\nx\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: {HEADER}\r\nFrom: {HEADER}\r\n\r\n"
        f"{HEADER}\r\n"
        "--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
        f"SUMMARY:{HEADER}\r\nLOCATION:{HEADER}\r\nDTSTART:{HEADER}\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n--b--\r\n"
    ).encode()


def filed(account: Account, raw: bytes) -> Article:
    """Take in a mail and return the article it became."""
    row = kept(account, raw)
    assert process_raw(row.pk) == "filed"
    return Article.objects.get(raw_message_id=row.pk)
