"""Mail of machines about mail of ours: what came back, what arrived, what was opened.

None of it is anybody's words: it opens no ticket and wakes none (mail.md 84 to 87).
"""

from collections.abc import Iterable

from django.db import transaction

from channels_in import outcome
from channels_in.mail.parsed import Bounce, FailedRecipient, ParsedMail
from channels_in.mail.reports import report_kind, reported_ids
from channels_in.models import RawMessage
from channels_in.reasons import Ignored, Notice
from helpdesk.outbox.returns import Failure, Returned, find_returned, note_return
from helpdesk.tickets.domain.delivery import file_return, note_receipt
from helpdesk.tickets.domain.threading import token_ticket_id
from helpdesk.tickets.inbound import Receipt
from helpdesk.tickets.models import Ticket

_WAITING = frozenset({outcome.State.STORED.value})


def note_bounce(raw: RawMessage, mail: ParsedMail) -> str:
    """Mark the message that came back and tell its ticket; return the mail's state.

    A report that proves none of ours marks nobody: else a forged one could silence
    a citizen (mail.md 86). It stays listed, with its bytes.
    """
    bounce = mail.bounce or Bounce(recipients=(), permanent=False)
    ids = tuple(filter(None, (bounce.original_message_id, *reported_ids(mail))))
    with transaction.atomic():
        if outcome.lock_in(raw.pk, _WAITING) is None:
            return outcome.State.IGNORED
        message = find_returned(written_to=written_to(raw, mail), message_ids=ids)
        if message is None:
            outcome.finish_ignored(raw.pk, Ignored.BOUNCE_UNKNOWN)
            return outcome.State.IGNORED
        news = note_return(message=message, returned=list(_returned(bounce)))
        article = news and file_return(
            message=message, returned=news, raw_message_id=raw.pk, received_at=raw.received_at
        )
        if not article:
            ticket_id = _ticket_of(ids)
            outcome.finish_ignored(raw.pk, Ignored.BOUNCE, ticket_id=ticket_id)
            return outcome.State.IGNORED
        ticket = article.ticket
        receipt = Receipt(
            ticket.pk, article.pk, ticket.number, ticket.reference, is_new_ticket=False
        )
        outcome.finish_filed(
            raw.pk, receipt, before=outcome.State.STORED, reason=Notice.DELIVERY_REPORT
        )
    return outcome.State.FILED


def note_report(raw: RawMessage, mail: ParsedMail) -> str:
    """Note a receipt in the history of the ticket it is about (mail.md 87); return the state."""
    ids = reported_ids(mail)
    with transaction.atomic():
        if outcome.lock_in(raw.pk, _WAITING) is None:
            return outcome.State.IGNORED
        message = find_returned(written_to=written_to(raw, mail), message_ids=ids)
        linked = message.link_id if message and message.link_kind == "ticket" else None
        ticket_id = linked or _ticket_of(ids)
        ticket = note_receipt(ticket_id=ticket_id, report=report_kind(mail)) if ticket_id else None
        reason = Ignored.REPORT if ticket else Ignored.REPORT_UNKNOWN
        outcome.finish_ignored(raw.pk, reason, ticket_id=ticket.pk if ticket else None)
    return outcome.State.IGNORED


def written_to(raw: RawMessage, mail: ParsedMail) -> tuple[str, ...]:
    """Return every address a mail came to, that of the envelope first."""
    boxes = (box.email for box in (*mail.to, *mail.cc))
    return (*raw.envelope_to, *mail.delivered_to, *boxes)


def _returned(bounce: Bounce) -> Iterable[Returned]:
    """Return what is said of each address; prose tells only good from bad for all of them."""
    if bounce.reports:
        return (
            Returned(each.address, _failure(each), each.status, each.diagnostic)
            for each in bounce.reports
        )
    failure = Failure.HARD if bounce.permanent else Failure.DELAYED
    return (
        Returned(address, failure, diagnostic=bounce.diagnostic)
        for address in bounce.recipients or ("",)
    )


def _failure(report: FailedRecipient) -> Failure:
    if report.is_delayed:
        return Failure.DELAYED
    return Failure.HARD if report.permanent else Failure.SOFT


def _ticket_of(ids: tuple[str, ...]) -> int | None:
    ticket_id = token_ticket_id(ids)
    if ticket_id is None:
        return None
    return Ticket.objects.filter(pk=ticket_id).values_list("pk", flat=True).first()
