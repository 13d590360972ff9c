"""What a ticket learns of the mails that were sent about it."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.reach import clear_undeliverable, mark_undeliverable
from helpdesk.events.models import Event, EventPayload
from helpdesk.events.publish import SYSTEM
from helpdesk.outbox import facts as outbox
from helpdesk.tickets import facts
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.models import Ticket

LINK_KIND = "ticket"


def handle(*, event: Event) -> None:
    """Follow a delivery fact: mail that came back for good marks address and ticket.

    Runs in the transaction of the event's reaction, so it happens once. A
    delay changes nothing; nothing here opens or wakes a ticket (mail.md 85).
    """
    if event.kind != outbox.BOUNCED or not event.data.get("permanent"):
        return
    for email in _addresses(event):
        mark_undeliverable(authority_id=event.authority_id or 0, email=email, reason="bounced")
    ticket = _ticket(event)
    if ticket is None:
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


def _addresses(event: Event) -> list[str]:
    payload = EventPayload.objects.filter(event=event).first()
    return list(payload.data.get("addresses", ())) if payload else []


def _ticket(event: Event) -> Ticket | None:
    if event.data.get("link_kind") != LINK_KIND:
        return None
    return Ticket.objects.select_for_update().filter(pk=event.data.get("link_id")).first()
