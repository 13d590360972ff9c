"""Doors of the quarantine: try again, make a ticket, discard; and what happens if nobody acts.

And the door for what became no request, by a rule or by hand, and is to become one yet.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext

from channels_in import outcome
from channels_in.filing import find_arrival, say_if_cut
from channels_in.limits import RESCUE_AFTER
from channels_in.mail import inbound as mapping
from channels_in.mail.parsed import Mailbox, ParsedMail
from channels_in.models import RawMessage, Sighting
from channels_in.reasons import EMPTIED, Notice, is_in_doubt
from channels_in.spam import RELEASED
from channels_in.store import TASK, read_raw
from channels_in.trace import find_field, find_ids, find_sender, is_automatic
from helpdesk.agents.models import User
from helpdesk.events.models import Event
from helpdesk.events.publish import SYSTEM, Actor, Fact, publish
from helpdesk.events.wake import wake_on_commit
from helpdesk.files import store as files
from helpdesk.lib.leases import is_impossible
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import Inbound, InboundFile, Receipt

logger = logging.getLogger(__name__)

SUBJECT_KIND = "raw_message"
RETRIED = "mail.retried"
DISCARDED = "mail.discarded"
MADE_TICKET = "mail.made_ticket"
LET_IN = "mail.let_in"
RESCUE_BATCH = 20
_QUARANTINED = frozenset({outcome.State.QUARANTINED.value})
_LEFT_OUT = frozenset({outcome.State.IGNORED.value, outcome.State.DISCARDED.value})
# What somebody has decided before, and must not be forgotten on the way.
_DECIDED = {RELEASED: Notice.NOT_SPAM, LET_IN: Notice.LET_IN}
MAX_REASON_LENGTH = 60


def retry(*, raw_id: int, user: User | None = None) -> bool:
    """Put a mail back among the waiting; False if it is not in quarantine any more."""
    with transaction.atomic():
        raw = outcome.lock_in(raw_id, _QUARANTINED)
        if raw is None:
            return False
        _put_back(raw_id, _reason_before(raw_id))
        _record(raw, RETRIED, user)
    return True


def _put_back(raw_id: int, reason: str) -> None:
    RawMessage.objects.filter(pk=raw_id).update(
        state=outcome.State.STORED,
        reason=reason,
        attempts=0,
        lease_until=None,
        finished_at=None,
    )
    wake_on_commit(TASK)


def _reason_before(raw_id: int) -> str:
    """Return that somebody let the mail through by hand, and how, or ""."""
    told = Event.objects.filter(
        subject_kind=SUBJECT_KIND, subject_id=raw_id, kind__in=_DECIDED
    ).order_by("-id")
    return _DECIDED.get(told.values_list("kind", flat=True).first() or "", "")


def may_be_let_in(raw: RawMessage) -> bool:
    """Tell whether a mail that became no request may yet become one.

    What is ours, a copy, or about a mail of ours has its place already; of what was deleted
    after its time nothing is left.
    """
    if raw.state == outcome.State.DISCARDED:
        return raw.reason not in EMPTIED
    return raw.state == outcome.State.IGNORED and is_in_doubt(raw.reason)


def let_in(*, raw_id: int, user: User) -> bool:
    """Make a request of a mail that a rule or a person kept out, as of the time it came.

    It is filed as any other, but no list, filter or look of a bounce keeps it out again.
    False if it has its place otherwise, or somebody was quicker.
    """
    with transaction.atomic():
        raw = outcome.lock_in(raw_id, _LEFT_OUT)
        if raw is None or not may_be_let_in(raw):
            return False
        _put_back(raw_id, Notice.LET_IN)
        _record(raw, LET_IN, user)
    return True


def discard(*, raw_id: int, reason: str, user: User) -> bool:
    """Set a mail aside for good with a person's reason; its bytes stay. False if already done."""
    if not reason.strip():
        raise ValueError("a reason is needed to discard a mail")
    with transaction.atomic():
        raw = outcome.lock_in(raw_id, _QUARANTINED)
        if raw is None:
            return False
        RawMessage.objects.filter(pk=raw_id).update(
            state=outcome.State.DISCARDED,
            reason=reason.strip()[:MAX_REASON_LENGTH],
            finished_at=Now(),
        )
        _record(raw, DISCARDED, user)
    return True


def make_ticket(*, raw_id: int, user: User | None = None) -> Receipt | None:
    """Make a ticket of a mail that nobody could read: best-known sender, the original attached.

    Without ``user`` it is the product itself that acts. None if the mail is
    not in quarantine any more. Raises files.FileMissingError if its bytes are gone.
    """
    raw = RawMessage.objects.select_related("account__authority", "file").get(pk=raw_id)
    inbound = _from_headers(raw)
    with transaction.atomic():
        if outcome.lock_in(raw_id, _QUARANTINED) is None:
            return None
        receipt = accept(inbound)
        reason = Notice.RESCUED if user is None else Notice.BY_HAND
        outcome.finish_filed(raw_id, receipt, before=outcome.State.QUARANTINED, reason=reason)
        _record(raw, MADE_TICKET, user)
    return receipt


def rescue_overdue() -> int:
    """Make tickets of mails that lay in quarantine for 30 minutes; return how many (mail.md 9).

    The citizen wrote in time, whatever we could read of it.
    """
    # One that was put aside under a clock years ahead has waited long enough, too.
    late = Q(finished_at__lt=Now() - RESCUE_AFTER) | is_impossible("finished_at", timedelta())
    overdue = RawMessage.objects.filter(late, state=outcome.State.QUARANTINED)
    made = 0
    for raw_id in list(overdue.order_by("id").values_list("pk", flat=True)[:RESCUE_BATCH]):
        try:
            made += make_ticket(raw_id=raw_id) is not None
        except Exception:  # one that can't be rescued stays in the list and does not stop the next
            logger.exception("raw message %s could not be made a ticket", raw_id)
            _note_failed_rescue(raw_id)
    return made


def forget_place(*, sighting_id: int) -> bool:
    """Let the next pass fetch a mail again that the server could not give us."""
    gone, _each = Sighting.objects.filter(pk=sighting_id, raw_message__isnull=True).delete()
    return bool(gone)


def _note_failed_rescue(raw_id: int) -> None:
    """Wait another half hour, so that hopeless ones do not fill every batch."""
    RawMessage.objects.filter(pk=raw_id, state=outcome.State.QUARANTINED).update(finished_at=Now())


def _from_headers(raw: RawMessage) -> Inbound:
    """Read what a few plain finders can read of the bytes; the mail itself is attached whole."""
    content = read_raw(raw)
    sender = find_sender(content)
    mail = ParsedMail(
        sender=Mailbox(name="", email=sender) if sender else None,
        subject=find_field(content, "Subject"),
        message_id=raw.message_id,
        in_reply_to=next(iter(find_ids(content, "In-Reply-To")), None),
        references=find_ids(content, "References"),
        is_auto=is_automatic(content),
    )
    with translation.override(raw.account.authority.language):
        text = gettext("This mail could not be read automatically. The original is attached.")
        subject = gettext("(unreadable mail)")
    arrival = say_if_cut(raw, find_arrival(raw))
    inbound = mapping.to_inbound(mail, arrival)
    words = (inbound.subject or subject, arrival.preface + text)
    return _with_original(inbound, raw, content, words)


def _with_original(
    inbound: Inbound, raw: RawMessage, content: bytes, words: tuple[str, str]
) -> Inbound:
    subject, text = words
    stored = files.put(content, "message/rfc822")
    original = InboundFile(
        file_id=stored.pk,
        name=f"{raw.pk}.eml",
        content_type="message/rfc822",
        size=len(content),
    )
    return replace(inbound, subject=subject, text=text, full_text=text, files=(original,))


def _record(raw: RawMessage, kind: str, user: User | None) -> None:
    actor = SYSTEM if user is None else Actor("user", user.pk)
    fact = Fact(kind, SUBJECT_KIND, raw.pk, raw.account.authority_id, data={"reason": raw.reason})
    publish(fact=fact, actor=actor)
