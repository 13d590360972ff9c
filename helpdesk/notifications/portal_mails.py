"""Mails that somebody asks for in the portal, to an address they type: a link and nothing else.

Anybody can type any address. So no word of theirs is in such a mail, few of them go to one
address, and none to a mailbox of ours. What signs in is counted apart from all others, so that
nobody is kept out of their account by mails that a stranger asked for in their name.
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
FOLLOW_LINK: Final = "follow_link"
ADDRESS_LINK: Final = "address_link"
SIGN_IN_LINK: Final = "sign_in_link"
# Counted together, whichever forms a stranger goes through.
TOGETHER: Final = (DRAFT_LINK, FOLLOW_LINK, ADDRESS_LINK)
HOURLY_LIMIT = 3
DAILY_LIMIT = 9


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
    if sender is None or ours or _had_enough(address, mail.kind):
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


def _had_enough(address: str, kind: str) -> bool:
    """Tell whether an address was sent as many mails of its kind as may be, by hour or by day."""
    kinds = TOGETHER if kind in TOGETHER else (kind,)
    now = timezone.now()
    sent = Recipient.objects.filter(
        address=address,
        message__kind__in=kinds,
        message__created_at__gt=now - timedelta(days=1),
    )
    moments = list(sent.values_list("message__created_at", flat=True)[:DAILY_LIMIT])
    lately = [moment for moment in moments if moment > now - timedelta(hours=1)]
    return len(moments) >= DAILY_LIMIT or len(lately) >= HOURLY_LIMIT
