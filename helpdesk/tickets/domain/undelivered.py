"""The way out where an answer did not arrive: another address, a letter, or nothing more to do."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.domain.contacts import Contact, add_contacts
from helpdesk.citizens.domain.kept import keep_change, take_change
from helpdesk.citizens.domain.register import ChangedSinceError
from helpdesk.citizens.domain.terms import renew_terms
from helpdesk.citizens.models import ContactKind, ContactPoint
from helpdesk.lib.addresses import normalise
from helpdesk.outbox.models import OutgoingMessage, Recipient, SettledAs
from helpdesk.outbox.queue import Address, cancel_message
from helpdesk.outbox.settle import send_elsewhere, settle_message, unsettle_message
from helpdesk.tickets import facts
from helpdesk.tickets.domain.addressees import recipients
from helpdesk.tickets.domain.letters import address_of_citizen, last_message, ticket_scope
from helpdesk.tickets.domain.locking import TicketNotThereError, lock_ticket
from helpdesk.tickets.domain.writing import UNDO_SECONDS, demand_there
from helpdesk.tickets.enums import ArticleKind, Trust
from helpdesk.tickets.models import Article, Ticket

DELIVERY = "delivery"
# What an article says of where it went, and by which form it was written.
WHITHER = ("to", "cc", "request_key")
MAX_NOTE = 500


class NotTroubledError(Exception):
    """The mail arrived as far as we know, or somebody has settled it already."""


class NoNoteError(ValueError):
    """A letter needs an address, and giving up needs a reason."""


class HinderedError(ValueError):
    """No mail may go to this address; the text says why."""


@transaction.atomic
def send_to_another(*, article_id: int, user: User, email: str) -> str:
    """Send an answer that did not arrive to another address; return the key of its undo.

    It leaves after the undo window, as a mail of its own. Where the citizen did not get it, the
    address becomes theirs by a claim, and answers go there from now on; where only somebody in
    copy did not, it is theirs alone. Raises TicketNotThereError, GoneError,
    NotTroubledError, HinderedError, InvalidAddressError.
    """
    ticket, article, old = _lock(article_id, user)
    demand_there(ticket)
    (row,) = recipients(ticket, [(email, "to")])
    if row.left_out:
        raise HinderedError(row.left_out)
    is_citizens, is_copy = missed_citizen(article), not missed_addressee(article)
    _settle(old, SettledAs.OTHER)
    to = address_of_citizen(ticket, row.address) if is_citizens else Address(row.address)
    new = send_elsewhere(
        message=old,
        to=to,
        key=f"elsewhere:{article.pk}:{timezone.now().timestamp()}"[:80],
        scope=ticket_scope(ticket),
        not_before=timezone.now() + timedelta(seconds=UNDO_SECONDS),
    )
    kept = {"article": article.pk, "old": old.pk, "new": new.pk}
    kept |= {name: getattr(article, name) for name in WHITHER}
    kept |= _adopt(ticket, user, to.address) if is_citizens else {}
    article.outgoing, article.message_id = new, new.message_id
    # The form that wrote it, sent once more, writes no second one.
    article.request_key = article.request_key or old.idempotency_key
    named = {"name": to.name, "email": to.address}
    if is_copy and article.kind == ArticleKind.ANSWER:
        article.cc = [*article.cc, named]
    else:
        article.to = [named]
    article.save(update_fields=["outgoing", "message_id", *WHITHER])
    _record(ticket, user, article, SettledAs.OTHER, to.address)
    return keep_change(user=user, what=DELIVERY, data=kept)


@transaction.atomic
def settle_delivery(*, article_id: int, user: User, how: SettledAs, note: str) -> str:
    """Note that an answer went by letter to the address ``note``, or why nothing more is done.

    Returns the key of the undo. Raises TicketNotThereError, NotTroubledError, NoNoteError. Where
    only a copy did not arrive there is no letter: whom it was written to has it.
    """
    ticket, article, old = _lock(article_id, user)
    if how is SettledAs.LETTER and not missed_addressee(article):
        raise NotTroubledError
    note = note.replace("\0", "").strip()[:MAX_NOTE]
    if not note:
        raise NoNoteError
    _settle(old, how)
    _record(ticket, user, article, how, note)
    kept = {"article": article.pk, "old": old.pk}
    return keep_change(user=user, what=DELIVERY, data=kept)


@transaction.atomic
def take_back_settling(*, article_id: int, user: User, key: str) -> None:
    """Let a delivery be unsettled again; a mail to another address is kept from leaving.

    Raises TicketNotThereError, ChangedSinceError.
    """
    ticket, article = _locked(article_id, user)
    kept = take_change(user=user, what=DELIVERY, key=key)
    if kept is None or kept["article"] != article.pk:
        raise ChangedSinceError
    if "new" in kept:
        if article.outgoing_id != kept["new"] or not cancel_message(message_id=kept["new"]):
            raise ChangedSinceError
        _send_no_more_there(ticket, article, kept)
    unsettle_message(message_id=kept["old"])
    _record(ticket, user, article, None, "")


def missed_citizen(article: Article) -> bool:
    """Tell whether who asks now is among those who did not get an answer.

    Not where only a copy did not arrive, nor where it was written to who asked before.
    """
    return _is_theirs(article) and missed_addressee(article)


def missed_addressee(article: Article) -> bool:
    """Tell whether somebody to whom it was written did not get it, not only a copy of it."""
    if article.outgoing is None:
        return False
    got_it = (Recipient.State.ACCEPTED, Recipient.State.LEFT_OUT)
    missed = article.outgoing.recipients.exclude(state__in=got_it)
    meant = {normalise(person.get("email", "")) for person in article.to}
    return any(normalise(each) in meant for each in missed.values_list("address", flat=True))


def letter_address(article: Article) -> str:
    """Return where a letter goes: as it was written when it was sent so, else the citizen's.

    Of an answer to who asked before nothing is known but what was written.
    """
    noted: str = facts.personal_of(
        ticket=article.ticket, kind=facts.DELIVERY_SETTLED, article_id=article.pk
    ).get("note", "")
    if article.outgoing and article.outgoing.settled_as == SettledAs.LETTER and noted:
        return noted
    if not _is_theirs(article):
        return ""
    points = ContactPoint.objects.filter(
        citizen=article.ticket.citizen_id, kind=ContactKind.ADDRESS
    )
    found = points.order_by("pk").values_list("value", flat=True).first() or ""
    return "\n".join(filter(None, (article.ticket.citizen_name, *found.split(", "))))


def _is_theirs(article: Article) -> bool:
    """Tell whether it is an answer to who asks now; one to who asked before is none of theirs."""
    return article.kind == ArticleKind.ANSWER and article.trust == Trust.PARTICIPANT


def _locked(article_id: int, user: User) -> tuple[Ticket, Article]:
    place = Article.objects.filter(pk=article_id).values_list("ticket_id", flat=True).first()
    if place is None:
        raise TicketNotThereError
    ticket = lock_ticket(ticket_id=place, user=user, verb="answer_ticket")
    article = ticket.articles.filter(pk=article_id).first()
    if article is None:
        raise TicketNotThereError
    return ticket, article


def _lock(article_id: int, user: User) -> tuple[Ticket, Article, OutgoingMessage]:
    ticket, article = _locked(article_id, user)
    if article.outgoing_id is None:
        raise TicketNotThereError
    rows = OutgoingMessage.objects.select_for_update(of=("self",)).select_related("sender")
    return ticket, article, rows.get(pk=article.outgoing_id)


def _settle(message: OutgoingMessage, how: SettledAs) -> None:
    if not settle_message(message_id=message.pk, how=how):
        raise NotTroubledError


def _adopt(ticket: Ticket, user: User, email: str) -> dict[str, Any]:
    """Make an address the citizen's by a claim, and the one that answers go to."""
    message = last_message(ticket)
    kept: dict[str, Any] = {"added": None, "reply": None}
    if ticket.citizen is not None:
        points = ticket.citizen.contact_points.filter(kind=ContactKind.MAIL)
        is_known = points.filter(normalised=normalise(email)).exists()
        contact = Contact(ContactKind.MAIL, email)
        add_contacts(citizen=ticket.citizen, contacts=[contact], actor=facts.by_user(user))
        kept["added"] = None if is_known else normalise(email)
    if message is not None:
        kept["reply"] = [message.pk, message.reply_address]
        message.reply_address = email
        message.save(update_fields=["reply_address"])
    return kept


def _send_no_more_there(ticket: Ticket, article: Article, kept: dict[str, Any]) -> None:
    old = OutgoingMessage.objects.get(pk=kept["old"])
    article.outgoing, article.message_id = old, old.message_id
    for name in WHITHER:
        setattr(article, name, kept[name])
    article.save(update_fields=["outgoing", "message_id", *WHITHER])
    if kept.get("reply"):
        message_id, address = kept["reply"]
        ticket.articles.filter(pk=message_id).update(reply_address=address)
    if kept.get("added") and ticket.citizen is not None:
        ticket.citizen.contact_points.filter(
            kind=ContactKind.MAIL, normalised=kept["added"], is_claimed=True
        ).delete()
        renew_terms(citizen=ticket.citizen)


def _record(ticket: Ticket, user: User, article: Article, how: SettledAs | None, note: str) -> None:
    ticket.version += 1
    ticket.save(update_fields=["version"])
    data = {"article_id": article.pk, "how": how, "undo": how is None}
    facts.record(
        ticket=ticket,
        kind=facts.DELIVERY_SETTLED,
        actor=facts.by_user(user),
        data=data,
        personal={"note": note} if note else None,
    )
