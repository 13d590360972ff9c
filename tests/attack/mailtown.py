"""A town that gets its mail as in life: kept, parsed, filed, followed up and sent to a server."""

import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.utils import timezone

from channels_in.models import Account, RawMessage
from channels_in.process import process_raw
from channels_in.store import keep
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.tasks import deliver_due
from helpdesk.outbox.workers import wait_idle
from helpdesk.reactions.tasks import drain
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.models import Article, Ticket
from tests.channels_in.making import make_account
from tests.factories.house import House, make_house
from tests.fakes.smtp import SmtpSink

OUR_SERVER = "mx.musterstadt.example"
MAILBOX = "tiefbau@musterstadt.example"
CLARA = "Clara Citizen <clara@example.org>"
EVIL = "Eve Evil <evil@evil.example>"
BY_HAND = "Das Loch ist tief."
# What takes a thousand rounds is for `make faults`.
THOUSAND = (pytest.mark.faults, pytest.mark.timeout(1800))


@dataclass
class MailTown:
    """House, mailbox and the mail server that takes what the town sends."""

    house: House
    account: Account
    sink: SmtpSink
    mails: int = field(default=0)

    def arrive(self, raw: bytes, *, envelope_from: str | None = None, to: str = "") -> RawMessage:
        """Take in one mail and do everything that follows from it."""
        row, _is_new = keep(
            account=self.account,
            raw=raw,
            received_at=timezone.now(),
            envelope_from=envelope_from,
            envelope_to=[to] if to else [],
        )
        process_raw(row.pk)
        drain(until=time.monotonic() + 60)
        return RawMessage.objects.select_related("ticket", "article").get(pk=row.pk)

    def write(self, sender: str = CLARA, **headers: str) -> bytes:
        """Return a mail; ``headers`` are further fields, ``_`` for "-", ``body`` its text."""
        self.mails += 1
        body = headers.pop("body", BY_HAND)
        fields = {
            "From": sender,
            "To": MAILBOX,
            "Subject": "Schlagloch",
            "Message-ID": f"<{self.mails}.attack@mail.example>",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()

    def watch_copies(self) -> None:
        """Set the mailbox up so that those in copy of a new request take part."""
        self.account.cc_watch = True
        self.account.save()

    def request(self, **headers: str) -> Ticket:
        """Return the ticket that Clara's own mail becomes."""
        row = self.arrive(self.write(**headers))
        assert row.ticket is not None
        return row.ticket

    def answer(self, ticket: Ticket, text: str = "Wir kommen morgen.") -> OutgoingMessage:
        """Let Anna answer, at once and without looking."""
        answer = Answer(
            ticket.pk, text, f"k{Article.objects.count()}", despite_newer=True, undo_seconds=0
        )
        article = write_answer(answer=answer, user=self.house.anna)
        assert article.outgoing is not None
        return article.outgoing

    def sent(self) -> list[EmailMessage]:
        """Send what waits, and return all that the server got, parsed as a mail program does."""
        deliver_due()
        assert wait_idle(60)
        return [message_from_bytes(mail.content, policy=policy.default) for mail in self.sink.mails]

    def recipients(self) -> list[str]:
        """Send what waits, and return to whom the server was asked to bring it, in order."""
        self.sent()
        return [address for mail in self.sink.mails for address in mail.recipients]


def make_mail_town(sink: SmtpSink) -> MailTown:
    """Return a town whose own mail server marks what it has checked."""
    house = make_house()
    house.sender.port = sink.port
    house.sender.subaddresses = True
    house.sender.save()
    account = make_account(house, authserv_id=OUR_SERVER, kind=Account.Kind.LISTENER)
    return MailTown(house, account, sink)
