"""Rows and letters for tests of the outbox, free of surprises."""

from typing import Any

from django.db import transaction

from helpdesk.agents.models import Authority, Calendar
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.models import OutgoingMessage, Security, Sender
from helpdesk.outbox.queue import Address, Letter, queue_message


def make_sender(**values: Any) -> Sender:
    calendar, _ = Calendar.objects.get_or_create(name="Rathaus")
    authority, _ = Authority.objects.get_or_create(
        name="Stadt Musterstadt", defaults={"short_name": "Stadt", "calendar": calendar}
    )
    password = seal(values.pop("password", ""))
    defaults = {
        "authority": authority,
        "name": "Bürgeramt",
        "email": "amt@stadt.example",
        "host": "127.0.0.1",
        "security": Security.NONE,
        "password": password,
    }
    return Sender.objects.create(**(defaults | values))


def make_letter(sender: Sender, number: int = 1, **values: Any) -> Letter:
    defaults: dict[str, Any] = {
        "sender": sender,
        "kind": "answer",
        "idempotency_key": f"answer:{number}",
        "subject": f"Re: Sperrmüll {number} [AN#2026-{number}]",
        "text": f"Guten Tag,\n\nAntwort {number}.\n",
        "recipients": (Address(f"erika{number}@example.org", "Erika Muster"),),
        "scope": f"t{number}",
        "link_kind": "article",
        "link_id": number,
    }
    return Letter(**(defaults | values))


def queue(sender: Sender, number: int = 1, **values: Any) -> OutgoingMessage:
    with transaction.atomic():
        return queue_message(letter=make_letter(sender, number, **values))
