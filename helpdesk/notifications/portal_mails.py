"""Mails that somebody asks for in the portal, to an address they type: a link and nothing else.

Anybody can type any address. So no word of theirs is in such a mail, few of them go to one
address, and none to a mailbox of ours.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.agents.models import Authority
from helpdesk.lib.addresses import normalise
from helpdesk.lib.tokens import new_nonce
from helpdesk.outbox.models import Recipient, Sender
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.outbox.senders import default_sender
from helpdesk.outbox.subaddress import without_tag

DRAFT_LINK: Final = "draft_link"
HOURLY_LIMIT = 3


@dataclass(frozen=True, slots=True)
class PortalMail:
    """Which link goes to whom; ``kind`` names its templates, ``link`` is absolute.

    ``lasts`` is how long the link opens something: no longer is it known what the mail said.
    """

    kind: str
    authority: Authority
    email: str
    link: str
    language: str
    lasts: timedelta | None = None


def may_send(authority_id: int) -> bool:
    """Tell whether such a mail could leave at all."""
    return default_sender(authority_id) is not None


@transaction.atomic
def queue_portal_mail(*, mail: PortalMail) -> bool:
    """Queue the mail; False if there is no sender, the address is ours, or it got enough."""
    sender = default_sender(mail.authority.pk)
    address = normalise(mail.email)
    ours = Sender.objects.filter(email__iexact=without_tag(address)).exists()
    if sender is None or ours or _sent_this_hour(address, mail.kind) >= HOURLY_LIMIT:
        return False
    values = {"authority": mail.authority, "link": mail.link}
    with translation.override(mail.language):
        subject, text, html = (
            render_to_string(f"mail/{mail.kind}/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    queue_message(
        letter=Letter(
            sender=sender,
            kind=mail.kind,
            idempotency_key=f"{mail.kind}:{new_nonce()}",
            subject=" ".join(subject.split()),
            text=text.strip() + "\n",
            html=html.strip(),
            recipients=(Address(address),),
            language=mail.language,
            is_automatic=True,
            from_name=mail.authority.name,
            forget_at=None if mail.lasts is None else timezone.now() + mail.lasts,
        )
    )
    return True


def _sent_this_hour(address: str, kind: str) -> int:
    since = timezone.now() - timedelta(hours=1)
    sent = Recipient.objects.filter(address=address, message__kind=kind)
    return sent.filter(message__created_at__gt=since).count()
