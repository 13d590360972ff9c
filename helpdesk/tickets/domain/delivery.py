"""What a ticket learns of the mails that were sent about it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.citizens.domain.reach import clear_undeliverable, mark_undeliverable
from helpdesk.events.models import Event, EventPayload
from helpdesk.events.publish import SYSTEM
from helpdesk.outbox import facts as outbox
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.returns import Failure, Returned, is_given_up
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.domain.threading import follow_merges
from helpdesk.tickets.enums import ArticleKind, Channel
from helpdesk.tickets.models import Article, Ticket

LINK_KIND = "ticket"


def handle(*, event: Event) -> None:
    """Follow a delivery fact: mail that came back for good marks address and ticket.

    Mail that was given up this time does so when it happens too often (mail.md 87).
    Runs in the transaction of the event's reaction, so it happens once. A
    delay changes nothing; nothing here opens or wakes a ticket (mail.md 85).
    """
    if event.kind != outbox.BOUNCED:
        return
    dead = [(email, reply) for email, reply in _returned(event) if _is_dead(event, email)]
    for email, reply in dead:
        mark_undeliverable(authority_id=event.authority_id or 0, email=email, reason=reply)
    ticket = _ticket(event)
    if ticket is None or not dead:
        return
    ticket.version += 1
    ticket.save(update_fields=["version"])
    facts.record(
        ticket=ticket,
        kind=facts.REPLY_BOUNCED,
        actor=SYSTEM,
        data={"message_id": event.subject_id},
    )


@transaction.atomic
def allow_mail_again(*, ticket_id: int, user: User) -> bool:
    """Let an agent say that the citizen's address works again; False if none was held.

    Raises TicketNotThereError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="answer_ticket")
    if ticket.citizen_id is None or not clear_undeliverable(citizen_id=ticket.citizen_id):
        return False
    ticket.version += 1
    ticket.save(update_fields=["version"])
    facts.record(ticket=ticket, kind=facts.ADDRESS_CLEARED, actor=facts.by_user(user))
    return True


def file_return(
    *,
    message: OutgoingMessage,
    returned: Sequence[Returned],
    raw_message_id: int,
    received_at: datetime,
) -> Article | None:
    """Write on the ticket of ``message``, for staff, who did not get it, and why (mail.md 85).

    The note makes the ticket unread, and nothing else: it wakes no ticket and answers no
    clock. None for a message that belongs to no ticket. Runs in the caller's transaction.
    """
    ticket = _ticket_of(message.link_kind, message.link_id)
    if ticket is None:
        return None
    with translation.override(ticket.authority.language):
        name = gettext("Mail server")
        text = "\n".join(_sentence(each) for each in returned)
    article = Article.objects.create(
        ticket=ticket,
        kind=ArticleKind.NOTE,
        channel=Channel.MAIL,
        from_name=name,
        text=text,
        raw_message_id=raw_message_id,
        is_automatic=True,
        received_at=received_at,
    )
    ticket.last_article_id = article.pk
    ticket.version += 1
    ticket.save(update_fields=["last_article_id", "version"])
    data = {"article_id": article.pk, "message_id": message.pk}
    facts.record(ticket=ticket, kind=facts.NOTE_ADDED, actor=SYSTEM, data=data)
    return article


def note_receipt(*, ticket_id: int, report: str) -> Ticket | None:
    """Note in the history that a machine told of reading or delivery; None if there is no ticket.

    Runs in the caller's transaction.
    """
    ticket = _ticket_of(LINK_KIND, ticket_id)
    if ticket is not None:
        facts.record(ticket=ticket, kind=facts.RECEIPT_NOTED, actor=SYSTEM, data={"report": report})
    return ticket


def _sentence(each: Returned) -> str:
    words = {
        Failure.HARD: gettext("Not delivered to %(address)s: %(reason)s"),
        Failure.SOFT: gettext("Not delivered to %(address)s, given up for now: %(reason)s"),
        Failure.DELAYED: gettext("Not yet delivered to %(address)s, still tried: %(reason)s"),
    }
    reason = each.diagnostic or each.status or gettext("no reason given")
    return words[each.failure] % {"address": each.address, "reason": reason}


def _is_dead(event: Event, email: str) -> bool:
    failure = event.data.get("failure")
    if failure == Failure.SOFT:
        return is_given_up(event.authority_id or 0, email)
    return bool(failure == Failure.HARD)


def _returned(event: Event) -> list[tuple[str, str]]:
    """Return who did not get the mail, each with the reason that was given."""
    payload = EventPayload.objects.filter(event=event).first()
    if payload is None:
        return []
    addresses, replies = payload.data.get("addresses", ()), payload.data.get("replies", ())
    return [(email, replies[at] if at < len(replies) else "") for at, email in enumerate(addresses)]


def _ticket(event: Event) -> Ticket | None:
    return _ticket_of(event.data.get("link_kind", ""), event.data.get("link_id"))


def _ticket_of(link_kind: str, link_id: int | None) -> Ticket | None:
    """Return the ticket that a message belongs to now, its row locked."""
    if link_kind != LINK_KIND or link_id is None:
        return None
    found = Ticket.objects.filter(pk=link_id).first()
    if found is None:
        return None
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("authority")
    return rows.get(pk=follow_merges(found).pk)
