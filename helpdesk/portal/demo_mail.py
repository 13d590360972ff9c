"""Mails as citizens of the demonstration would write them: whole, raw and quoted."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.outbox.compose import encoded, mailbox
from helpdesk.outbox.headers import clean_text, trim_references, wire_address
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.outbox.subjects import reply_subject

BODY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Mail:
    """What a citizen's mail program would put together."""

    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    date: datetime
    in_reply_to: str = ""
    references: str = ""


def raw_mail(mail: Mail) -> bytes:
    """Return ``mail`` as the bytes that a server would receive."""
    domain = wire_address(mail.sender).rpartition("@")[2]
    lines = [
        f"Date: {format_datetime(mail.date)}",
        f"From: {mailbox(mail.sender_name, mail.sender)}",
        f"To: {mailbox('', mail.to)}",
        f"Subject: {encoded(mail.subject, len('Subject: '))}",
        f"Message-ID: <{uuid.uuid4()}@{domain}>",
    ]
    if mail.in_reply_to:
        lines.append(f"In-Reply-To: {mail.in_reply_to}")
    if mail.references:
        lines.append("References: " + "\r\n ".join(mail.references.split()))
    lines.append("MIME-Version: 1.0")
    body = EmailMessage(policy=BODY)
    body.set_content(clean_text(mail.text), cte="quoted-printable")
    del body["MIME-Version"]
    # A local part beyond ASCII stands in the header as it is, as SMTPUTF8 would carry it.
    return "".join(f"{line}\r\n" for line in lines).encode() + body.as_bytes(policy=BODY)


def reply_to(message: OutgoingMessage, recipient: Recipient, text: str, date: datetime) -> Mail:
    """Return the answer of ``recipient`` to ``message``, with the original quoted below."""
    return Mail(
        sender=recipient.address,
        sender_name=recipient.name,
        to=message.sender.email,
        subject=reply_subject(message.subject, ""),
        text=f"{text.rstrip()}\n\n{_quoted(message)}\n",
        date=date,
        in_reply_to=message.message_id,
        references=trim_references(
            str(message.headers.get("References", "")).split(), message.message_id
        ),
    )


def _quoted(message: OutgoingMessage) -> str:
    when = date_format(message.finished_at or message.created_at, "DATETIME_FORMAT")
    intro = _("On %(date)s, %(name)s wrote:") % {
        "date": when,
        "name": f"{message.from_name} <{message.sender.email}>",
    }
    return "\n".join([intro, *(f"> {line}".rstrip() for line in message.text.splitlines())])
