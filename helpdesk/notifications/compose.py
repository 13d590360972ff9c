"""Turns what is to be told into letters: words from templates, values from rows.

What a citizen wrote is only ever a value in these templates, never a template,
and the body repeats none of it: a forged sender must not make us carry a text.
"""

from django.template.loader import render_to_string
from django.utils import translation

from helpdesk.notifications.recipients import RECEIPT
from helpdesk.outbox.models import Sender
from helpdesk.outbox.queue import Address, Letter
from helpdesk.tickets.domain.letters import notice_language, subject_tag, ticket_scope
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Article, Ticket

TITLE_LENGTH = 120


def receipt_key(ticket: Ticket) -> str:
    """Return what makes the receipt of a ticket one mail."""
    return f"{RECEIPT}:{ticket.pk}"


def receipt(*, article: Article, sender: Sender, address: str) -> Letter:
    """Compose the receipt for what opened a ticket, in the citizen's language."""
    ticket = article.ticket
    language = notice_language(ticket)
    values = _receipt_values(article)
    with translation.override(language):
        subject, text, html = (
            render_to_string(f"mail/receipt/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
    return Letter(
        sender=sender,
        kind=RECEIPT,
        idempotency_key=receipt_key(ticket),
        subject=subject.strip(),
        text=text.strip() + "\n",
        html=html.strip(),
        recipients=(Address(address),),
        scope=ticket_scope(ticket),
        language=language,
        is_automatic=True,
        in_reply_to=article.message_id,
        references=(article.message_id,) if article.message_id else (),
        from_name=ticket.team.email_name or ticket.authority.name,
        link_kind="ticket",
        link_id=ticket.pk,
    )


def _receipt_values(article: Article) -> dict[str, object]:
    ticket = article.ticket
    return {
        "tag": subject_tag(ticket),
        "title": _title(ticket) if article.channel == Channel.MAIL else "",
        "number": ticket.number,
        "reference": ticket.reference,
        "status_url": status_url(ticket),
        "authority": ticket.authority,
    }


def _title(ticket: Ticket) -> str:
    """Return the title for a subject; of a mail alone, whose answer should look like one.

    Into a form anybody types any address: such a receipt repeats no word of theirs (attack 31).
    """
    short = ticket.title[:TITLE_LENGTH].rstrip()
    return short if short == ticket.title else f"{short}…"
