"""Tells who wrote that a mail was too large to be read whole (mail.md 13)."""

from datetime import timedelta

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.notifications.account_mails import absolute
from helpdesk.outbox.models import Recipient
from helpdesk.outbox.queue import Address, Letter, queue_message
from helpdesk.tickets.domain.letters import NoSenderError, notice_language, sender_for
from helpdesk.tickets.models import Article

KIND = "oversize"
ONCE_IN = timedelta(days=1)


def queue_notice(*, article: Article, address: str, size: int, limit: int) -> bool:
    """Queue the notice in the caller's transaction; False if one went there within a day.

    It names neither number nor link: who wrote may be a stranger to the request. The
    caller has made sure that a person wrote, and that the address is not forged.
    """
    since = timezone.now() - ONCE_IN
    told = Recipient.objects.filter(
        address=address, message__kind=KIND, message__created_at__gt=since
    )
    if told.exists():
        return False
    try:
        letter = _letter(article, address, size, limit)
    except NoSenderError:
        return False
    queue_message(letter=letter)
    return True


def _letter(article: Article, address: str, size: int, limit: int) -> Letter:
    ticket = article.ticket
    language = notice_language(ticket)
    with translation.override(language):
        values = {
            "size": filesizeformat(size),
            "limit": filesizeformat(limit),
            "authority": ticket.authority,
            "portal": absolute("/", ticket.authority),
        }
        subject, text, html = (
            render_to_string(f"mail/{KIND}/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    return Letter(
        sender=sender_for(ticket),
        kind=KIND,
        idempotency_key=f"{KIND}:{article.pk}",
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
        html=html.strip(),
        recipients=(Address(address),),
        language=language,
        is_automatic=True,
        in_reply_to=article.message_id,
        references=(article.message_id,) if article.message_id else (),
        from_name=ticket.team.email_name or ticket.authority.name,
        link_kind="ticket",
        link_id=ticket.pk,
    )
