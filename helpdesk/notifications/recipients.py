"""Who may be written to by itself: never a machine, never ourselves, never too often."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.db.models.functions import Now

from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import is_valid, normalise
from helpdesk.lib.statements import Lookup
from helpdesk.outbox.models import Recipient, Sender
from helpdesk.outbox.subaddress import without_tag
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.models import Article

RECEIPT: Final = "receipt"
# Receipts per address and hour (mail.md 82); anybody can type any address into a form.
HOURLY_LIMIT: Final = 5
HOURLY_LIMITS: Final = {Channel.WEB: 1}
_DEAD = Lookup(
    lambda authority_id, address: ContactPoint.objects.filter(
        authority_id=authority_id,
        kind=ContactKind.MAIL,
        normalised=address,
        undeliverable_at__isnull=False,
    ).values_list("pk"),
    "authority_id",
    "address",
)
_RECEIPTS = Lookup(
    lambda address: Recipient.objects.filter(
        address=address,
        message__kind=RECEIPT,
        message__created_at__gt=Now() - timedelta(hours=1),
    ).values_list("pk")[:HOURLY_LIMIT],
    "address",
)


class Withheld(StrEnum):
    """Why a citizen gets no receipt; the value stands in the ticket's history."""

    NO_ADDRESS = "no_address"
    OWN_ADDRESS = "own_address"
    UNDELIVERABLE = "undeliverable"
    LIMIT = "limit"
    NO_SENDER = "no_sender"


def receipt_address(article: Article) -> str:
    """Return the one address a receipt may go to: Reply-To, else From, never a copy (mail.md 83).

    It is normalised, so that a change of case does not get around the limit.
    """
    return normalise(article.reply_address or article.from_address)


def why_withheld(article: Article, address: str) -> Withheld | None:
    """Return what speaks against a receipt to ``address``, or None."""
    authority_id = article.ticket.authority_id
    if not is_valid(address):
        return Withheld.NO_ADDRESS
    # Who writes as one of our own mailboxes gets no reply at all; Reply-To may still name one.
    if article.reply_address and Sender.objects.filter(email__iexact=without_tag(address)).exists():
        return Withheld.OWN_ADDRESS
    if _DEAD.first(authority_id=authority_id, address=address):
        return Withheld.UNDELIVERABLE
    limit = HOURLY_LIMITS.get(Channel(article.channel), HOURLY_LIMIT)
    return Withheld.LIMIT if len(_RECEIPTS.values(address=address)) >= limit else None


def ask_reasons_ahead(articles: Sequence[Article]) -> None:
    """Ask at once what :func:`why_withheld` asks for each, inside `together`.

    Not for an address that stands in several: one's receipt counts for the next.
    """
    addresses = [receipt_address(article) for article in articles]
    _DEAD.ask_ahead(
        {"authority_id": article.ticket.authority_id, "address": address}
        for article, address in zip(articles, addresses, strict=True)
    )
    once = [address for address, times in Counter(addresses).items() if times == 1]
    _RECEIPTS.ask_ahead({"address": address} for address in once)
