"""Who gets an answer beside the citizen, and who is left out of it, visibly (mail.md 106)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.outbox.headers import InvalidAddressError, clean_address
from helpdesk.outbox.models import Sender
from helpdesk.outbox.queue import Address
from helpdesk.outbox.subaddress import without_tag
from helpdesk.tickets.models import Ticket

MAX_COPIES = 20
OWN_ADDRESS = _("one of our own mailboxes")
UNDELIVERABLE = _("mail to this address came back")


class TooManyCopiesError(ValueError):
    """An answer is a letter and no circular."""


def read_addresses(typed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses somebody typed, and what among it is none.

    Commas, semicolons and blanks part them; one that is named twice counts once.
    """
    good: dict[str, None] = {}
    bad = []
    for part in typed.replace(",", " ").replace(";", " ").split():
        try:
            good[clean_address(part.strip("<>"))] = None
        except InvalidAddressError:
            bad.append(part)
    return tuple(good), tuple(bad)


def copies(ticket: Ticket, *, cc: Iterable[str], bcc: Iterable[str]) -> tuple[Address, ...]:
    """Return rows for those in copy; who must not get mail is left out with the reason.

    Raises InvalidAddressError, TooManyCopiesError.
    """
    return recipients(ticket, ((each, field) for field, all_ in _fields(cc, bcc) for each in all_))


def recipients(ticket: Ticket, people: Iterable[tuple[str, str]]) -> tuple[Address, ...]:
    """Return rows for addresses with their fields, as :func:`copies` does."""
    wanted = [(clean_address(address), field) for address, field in people]
    if len(wanted) > MAX_COPIES:
        raise TooManyCopiesError
    hindered = _hindered(ticket, [address for address, _field in wanted])
    return tuple(
        Address(address, field=field, left_out=hindered.get(normalise(address), ""))
        for address, field in wanted
    )


def _fields(cc: Iterable[str], bcc: Iterable[str]) -> tuple[tuple[str, Iterable[str]], ...]:
    return ("cc", cc), ("bcc", bcc)


def _hindered(ticket: Ticket, addresses: list[str]) -> dict[str, str]:
    """Return the reason against each address that must not get mail."""
    if not addresses:
        return {}
    bare = {normalise(without_tag(address)): normalise(address) for address in addresses}
    senders = Sender.objects.filter(authority_id=ticket.authority_id)
    own = {normalise(email) for email in senders.values_list("email", flat=True)}
    dead = ContactPoint.objects.filter(
        authority_id=ticket.authority_id,
        kind=ContactKind.MAIL,
        normalised__in=bare.values(),
        undeliverable_at__isnull=False,
    ).values_list("normalised", flat=True)
    found = dict.fromkeys(dead, str(UNDELIVERABLE))
    return found | {whole: str(OWN_ADDRESS) for plain, whole in bare.items() if plain in own}
