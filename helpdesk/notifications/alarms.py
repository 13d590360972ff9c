"""Mails to administrators about something that has stopped working."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from helpdesk.agents.models import User
from helpdesk.notifications.account_mails import KEY_BYTES, absolute
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.queue import Address, Letter, queue_message

KIND = "mailbox_alarm"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that fails; ``words`` says what to do, in the language of who asks."""

    name: str
    address: str
    since: datetime | None
    words: Callable[[], str]
    quote: str = ""


def queue_alarm(
    *, user: User, sender: Sender, troubles: Sequence[Trouble], kind: str = KIND, key: str = ""
) -> OutgoingMessage:
    """Queue one mail in the reader's language, inside the caller's transaction.

    ``key`` names the cause: the same one is told once.
    """
    context = {
        "user": user,
        "authority": user.authority,
        "troubles": troubles,
        "link": absolute(reverse("desk:health"), user.authority),
    }
    with translation.override(user.language):
        subject, text, html = (
            render_to_string(f"mail/{kind}/{name}", context)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    return queue_message(
        letter=Letter(
            sender=sender,
            kind=kind,
            idempotency_key=key or f"{kind}-{user.pk}-{secrets.token_hex(KEY_BYTES)}",
            subject=" ".join(subject.split()),
            text=text.strip() + "\n",
            html=html.strip(),
            recipients=(Address(user.email, user.name),),
            language=user.language,
            is_automatic=True,
            link_kind="user",
            link_id=user.pk,
        )
    )
