"""Which facts about a ticket are told to whom."""

from collections.abc import Sequence

from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM
from helpdesk.lib.faults import fault
from helpdesk.lib.statements import Lookup
from helpdesk.lib.together import directly
from helpdesk.notifications import compose
from helpdesk.notifications.mailing import hold_back
from helpdesk.notifications.notices import make_notices
from helpdesk.notifications.recipients import (
    Withheld,
    ask_reasons_ahead,
    receipt_address,
    why_withheld,
)
from helpdesk.notifications.status_links import addresses_of, may_send, send_link
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.queue import queue_message
from helpdesk.tickets import facts
from helpdesk.tickets.domain.letters import NoSenderError, sender_for
from helpdesk.tickets.models import Article, Ticket

RECEIPT_WITHHELD = "ticket.receipt_withheld"
# A quarter of the columns of five tables: this is read for every mail that comes in.
NEEDED = (
    *("channel", "from_address", "reply_address", "message_id"),
    *(f"ticket__{name}" for name in ("number", "reference", "title", "language", "link_nonce")),
    *(f"ticket__{name}" for name in ("version", "team", "authority", "sender")),
    *(f"ticket__authority__{name}" for name in ("name", "language", "reference_prefix")),
    *(f"ticket__authority__{name}" for name in ("base_url", "contact_phone", "contact_address")),
    *("ticket__team__email_name", "ticket__sender__name", "ticket__sender__email"),
    *("ticket__sender__is_active", "ticket__sender__authority", "ticket__sender__subaddresses"),
)
_OPENING = Lookup(
    lambda article_id, ticket_id: (
        Article.objects.select_related("ticket__authority", "ticket__team", "ticket__sender")
        .only(*NEEDED)
        .filter(pk=article_id, ticket_id=ticket_id, is_automatic=False)
    ),
    "article_id",
    "ticket_id",
)


def receipt_comes(ticket: Ticket) -> bool:
    """Tell whether a receipt for what opened ``ticket`` was queued or is about to be."""
    if OutgoingMessage.objects.filter(idempotency_key=compose.receipt_key(ticket)).exists():
        return True
    article = ticket.articles.order_by("id").first()
    if article is None or facts.has_happened(ticket=ticket, kind=RECEIPT_WITHHELD):
        return False
    created = facts.data_of(ticket=ticket, kind=facts.CREATED, article_id=article.pk)
    if not created.get("may_reply") or not may_send(ticket):
        return False
    return why_withheld(article, receipt_address(article)) is None


def ask_ahead(*, events: Sequence[Event]) -> None:
    """Ask at once for what the receipts of new tickets need, inside `together`."""
    wanted = [
        {"article_id": each.data["article_id"], "ticket_id": each.subject_id}
        for each in events
        if each.data.get("may_reply")
    ]
    _OPENING.ask_ahead(wanted)
    ask_reasons_ahead([article for each in wanted for article in _OPENING.known(**each)])


def handle(*, event: Event) -> None:
    """Queue what is to be told about one fact, in the caller's transaction."""
    if event.kind == facts.CREATED and event.data.get("may_reply"):
        _send_receipt(event)
    elif event.kind == facts.LINK_REVOKED and event.data.get("send_new"):
        _send_new_link(event)
    elif event.kind == facts.MOVED:
        hold_back(ticket_id=event.subject_id, team_id=event.data["to"])
    make_notices(event=event)


def _send_new_link(event: Event) -> None:
    """Mail the link that replaces the one its holder has made void."""
    ticket = Ticket.objects.select_related("authority", "team", "sender").get(pk=event.subject_id)
    for address in addresses_of(ticket)[:1]:
        send_link(ticket=ticket, address=address, key=f"e{event.pk}")


def _send_receipt(event: Event) -> None:
    """Queue the receipt for a new ticket; what speaks against it goes into the history."""
    article: Article | None = _OPENING.one(
        article_id=event.data["article_id"], ticket_id=event.subject_id
    )
    if article is None:
        return
    address = receipt_address(article)
    reason = why_withheld(article, address)
    if reason is None:
        try:
            letter = compose.receipt(
                article=article, sender=sender_for(article.ticket), address=address
            )
        except NoSenderError:
            reason = Withheld.NO_SENDER
        else:
            fault("receipt.before_queue")
            queue_message(letter=letter)
            fault("receipt.after_queue")
            return
    # The ticket is there for all to write to: this fact is numbered after theirs.
    with directly():
        facts.record(
            ticket=article.ticket,
            kind=RECEIPT_WITHHELD,
            actor=SYSTEM,
            data={"reason": reason.value},
        )
