"""Mails that somebody asks for in the portal, to an address they type: a link and nothing else.

Anybody can type any address. So no word of theirs is in such a mail, few of them go to one
address, and none to a mailbox of ours. How many is counted by who asks, so that no stranger's
asking keeps somebody from their own mail (docs/adr/0122). What signs in is counted apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk.agents.models import Authority
from helpdesk.events.models import EventPayload
from helpdesk.lib.addresses import normalise
from helpdesk.lib.limits import Limit, spend
from helpdesk.lib.tokens import digest, new_nonce
from helpdesk.outbox.facts import SUBJECT_KIND
from helpdesk.outbox.models import MessageState, OutgoingMessage, Recipient, Sender
from helpdesk.outbox.queue import Address, Letter, cancel_message, queue_message
from helpdesk.outbox.senders import default_sender
from helpdesk.outbox.subaddress import without_tag

DRAFT_LINK: Final = "draft_link"
FOLLOW_LINK: Final = "follow_link"
ADDRESS_LINK: Final = "address_link"
SIGN_IN_LINK: Final = "sign_in_link"
FOLLOW_NEWS: Final = "follow_news"
# Counted together, whichever forms a stranger goes through.
TOGETHER: Final = (DRAFT_LINK, FOLLOW_LINK, ADDRESS_LINK)
MAILS_AT_ONCE: Final = 500
HOUR, DAY = 3600, 24 * 3600
HOURLY_LIMIT = 3
DAILY_LIMIT = 9
# What came before it still works five minutes, where it signs in: its holder is never without one.
PAUSE = timedelta(minutes=10)
# Any constant of ours; it names these mails among PostgreSQL's advisory locks.
ADVISORY_LOCK: Final = 1122


class Turn(Enum):
    """How an asking counts: a browser's that has proved the address before has its own count."""

    PROVED = auto()
    WITHIN = auto()
    BEYOND = auto()


@dataclass(frozen=True, slots=True)
class Asker:
    """By what asking is counted: a browser that has proved the address before, or a network.

    Without a ``key`` nobody is counted alone, as at the town hall's own terminals.
    """

    key: str
    is_known: bool = False


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
    turn: Turn
    lasts: timedelta | None = None


def take_turn(*, kind: str, email: str, asker: Asker) -> Turn:
    """Count that somebody asks for a mail to an address, before anything else is done."""
    key = digest(f"{_counted(kind)[0]} {asker.key} {normalise(email)}")
    counts = [
        Limit(f"portal_mail:{key}", HOURLY_LIMIT, HOUR),
        Limit(f"portal_mail:{key}", DAILY_LIMIT, DAY),
    ]
    if asker.key and spend(counts):
        return Turn.BEYOND
    return Turn.PROVED if asker.is_known else Turn.WITHIN


def may_send(authority_id: int) -> bool:
    """Tell whether such a mail could leave at all."""
    return default_sender(authority_id) is not None


@transaction.atomic
def queue_portal_mail(*, mail: PortalMail) -> bool:
    """Queue the mail; False if there is no sender, the address is ours, or it got enough now."""
    sender = default_sender(mail.authority.pk)
    address = normalise(mail.email)
    ours = Sender.objects.filter(email__iexact=without_tag(address)).exists()
    if sender is None or ours or not _may_get(address, mail.kind, mail.turn):
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


def mails_to(authority_id: int, emails: Sequence[str]) -> list[tuple[str, str, datetime]]:
    """Return which mails are kept to these addresses for themselves: kind, address and when.

    Those with a link, and what followers were told; what belongs to a request stands there.
    """
    kinds = (*TOGETHER, SIGN_IN_LINK, FOLLOW_NEWS)
    rows = Recipient.objects.filter(
        address__in=emails,
        message__sender__authority_id=authority_id,
        message__kind__in=kinds,
    )
    values = rows.order_by("id").values_list("message__kind", "address", "message__created_at")
    return list(values)


@transaction.atomic
def forget_mails_to(*, authority_id: int, emails: Sequence[str]) -> None:
    """Delete these mails to these addresses; one that is just under way stays until it is swept."""
    mails = _mails_of(authority_id).filter(recipients__address__in=emails)
    cancel_queued(mails)
    while forget_mails(mails):
        pass


def cancel_queued(mails: QuerySet[OutgoingMessage]) -> None:
    """Keep those of these mails that wait from leaving; in the caller's transaction."""
    queued = mails.filter(state=MessageState.QUEUED).order_by("pk")
    for key in list(queued.values_list("pk", flat=True)):
        cancel_message(message_id=key)


def forget_mails(mails: QuerySet[OutgoingMessage]) -> int:
    """Delete mails with the address in them, some hundred at once; return how many were found.

    What is under way is left to a later sweep. The mails are locked first and in their order, as
    retention does: two that forget the same ones wait for each other and never in a circle.
    """
    under_way = (MessageState.QUEUED, MessageState.SENDING)
    found = list(mails.values_list("pk", flat=True).exclude(state__in=under_way)[:MAILS_AT_ONCE])
    rows = OutgoingMessage.objects.filter(pk__in=found).exclude(state__in=under_way)
    locked = rows.select_for_update(of=("self",)).order_by("pk")
    keys = list(locked.values_list("pk", flat=True))
    # What is known of one that did not arrive names the address, too.
    EventPayload.objects.filter(
        event__subject_kind=SUBJECT_KIND, event__subject_id__in=keys
    ).delete()
    OutgoingMessage.objects.filter(pk__in=keys).delete()
    return len(found)


def _mails_of(authority_id: int) -> QuerySet[OutgoingMessage]:
    return OutgoingMessage.objects.filter(
        sender__authority_id=authority_id, kind__in=(*TOGETHER, SIGN_IN_LINK)
    )


def _counted(kind: str) -> tuple[str, ...]:
    return TOGETHER if kind in TOGETHER else (kind,)


def _may_get(address: str, kind: str, turn: Turn) -> bool:
    """Tell whether one more mail of its kind may go to an address now.

    What a browser asks that has proved it does not depend on strangers. What several of these
    ask for together, and what one asks beyond its count, leaves with pauses.
    """
    if turn is Turn.PROVED:
        return True
    _look_alone(address)
    now = timezone.now()
    sent = Recipient.objects.filter(
        address=address,
        message__kind__in=_counted(kind),
        message__created_at__gt=now - timedelta(hours=1),
    ).order_by("-message__created_at")
    lately = list(sent.values_list("message__created_at", flat=True)[:HOURLY_LIMIT])
    if turn is Turn.BEYOND:
        return not lately
    return len(lately) < HOURLY_LIMIT or lately[0] <= now - PAUSE


def _look_alone(address: str) -> None:
    """Let those who ask for one address at once look one after the other, until they commit.

    Else all of them would find room. Every transaction on SQLite is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (ADVISORY_LOCK, address)
            )
