"""Mails to staff about their own account: invitation, password reset, notice of a change."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.agents.models import Authority, User
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.outbox.senders import default_sender

KEY_BYTES = 12
# No link to an account of staff lasts longer: that of an invitation is the last.
LASTS = timedelta(days=3)


class NoSenderError(Exception):
    """The authority has no sender yet, so no mail can leave."""


@dataclass(frozen=True, slots=True)
class AccountMail:
    """Which templates to fill for whom; ``link`` is absolute and may be empty."""

    kind: str
    user: User
    link: str = ""
    what: str = ""


def absolute(path: str, authority: Authority) -> str:
    """Return the address of a page for a mail; never made from a request's Host header."""
    return (authority.base_url or settings.BASE_URL).rstrip("/") + path


@transaction.atomic
def queue_account_mail(*, mail: AccountMail) -> OutgoingMessage:
    """Queue the mail in the language of its reader; raises NoSenderError."""
    authority = mail.user.authority
    sender = default_sender(authority.pk)
    if sender is None:
        raise NoSenderError
    context = {
        "user": mail.user,
        "authority": authority,
        "link": mail.link,
        "what": mail.what,
        "desk": absolute("/a/", authority),
    }
    with translation.override(mail.user.language):
        subject, text, html = (
            render_to_string(f"mail/{mail.kind}/{name}", context)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    return queue_message(
        letter=Letter(
            sender=sender,
            kind=mail.kind,
            idempotency_key=f"{mail.kind}-{mail.user.pk}-{secrets.token_hex(KEY_BYTES)}",
            subject=" ".join(subject.split()),
            text=text.strip() + "\n",
            html=html.strip(),
            recipients=(Address(mail.user.email, mail.user.name),),
            language=mail.user.language,
            is_automatic=True,
            link_kind="user",
            link_id=mail.user.pk,
            forget_at=timezone.now() + LASTS if mail.link else None,
        )
    )
