"""Mail that becomes no request: held as spam until released or purged, or left out by a filter."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from channels_in import outcome
from channels_in.filing import find_arrival
from channels_in.filters.screening import Decided
from channels_in.mail import inbound as mapping
from channels_in.mail.parsed import ParsedMail
from channels_in.models import Account, HeldMail, MailFilter, RawMessage
from channels_in.reasons import BY_FILTER, Ignored, Notice
from channels_in.store import TASK
from helpdesk.agents.models import User
from helpdesk.events.publish import SYSTEM, Actor, Fact, publish
from helpdesk.events.wake import wake_on_commit
from helpdesk.files import store as files
from helpdesk.tickets.inbound import Inbound
from helpdesk.tickets.rules import team_ids

logger = logging.getLogger(__name__)

SUBJECT_KIND = "raw_message"
HELD = "mail.held"
LEFT_OUT = "mail.left_out"
RELEASED = "mail.released"
PURGED = "mail.purged"
PURGE_BATCH = 200
SNIPPET_LENGTH = 160
_WAITING = frozenset({outcome.State.STORED.value})
_HELD = frozenset({outcome.State.SPAM.value})


def set_aside(raw: RawMessage, mail: ParsedMail, decided: Decided) -> str:
    """Hold a mail as spam, or leave it out with the filter's name as its reason.

    Its bytes stay, no file of it is stored, nobody is written to, and a fact says why
    (mail.md 88, 89).
    """
    with transaction.atomic():
        if outcome.lock_in(raw.pk, _WAITING) is None:
            return outcome.State.IGNORED
        if decided.verdict == MailFilter.Verdict.SPAM:
            return _hold(raw, mapping.to_inbound(mail, find_arrival(raw)), decided)
        outcome.finish_ignored(raw.pk, f"{BY_FILTER}{decided.cause}")
        _record(raw, LEFT_OUT, SYSTEM, cause=decided.cause)
        return outcome.State.IGNORED


def _hold(raw: RawMessage, inbound: Inbound, decided: Decided) -> str:
    HeldMail.objects.create(
        raw_message=raw,
        authority_id=inbound.authority_id,
        team_id=decided.sorting.team_id or inbound.team_id,
        sender_name=inbound.person.name[:200],
        sender_address=inbound.person.email[:320],
        subject=inbound.subject[:250],
        snippet=" ".join(inbound.text[: SNIPPET_LENGTH * 4].split())[:SNIPPET_LENGTH],
        cause=decided.cause[:200],
        received_at=inbound.received_at,
    )
    outcome.finish_held(raw.pk)
    _record(raw, HELD, SYSTEM, cause=decided.cause)
    return outcome.State.SPAM


def held_visible_to(user: User, right: str = "can_read") -> QuerySet[HeldMail]:
    """Return the held mails of the teams in which ``user`` holds ``right``, newest first."""
    teams = team_ids(user, right)
    found = HeldMail.objects.filter(authority_id=user.authority_id, team_id__in=teams)
    return found.select_related("team", "raw_message__account").defer("raw_message__body")


def release(*, raw_ids: Iterable[int], user: User) -> int:
    """Let held mails become requests, as of the time they came; return how many there were.

    They are filed as any other mail: the citizen gets the receipt now, and the clock
    counts from the receipt of the mail. What ``user`` may not take in is as if it were not
    there. The filing follows at once by the task, and in any case by the sweep.
    """
    allowed = held_visible_to(user, "can_create").filter(raw_message_id__in=list(raw_ids))
    released = 0
    for raw_id in allowed.values_list("raw_message_id", flat=True):
        released += _release(raw_id, user)
    return released


@transaction.atomic
def _release(raw_id: int, user: User) -> bool:
    raw = outcome.lock_in(raw_id, _HELD)
    if raw is None:
        return False
    HeldMail.objects.filter(raw_message_id=raw_id).delete()
    RawMessage.objects.filter(pk=raw_id).update(
        state=outcome.State.STORED,
        reason=Notice.NOT_SPAM,
        attempts=0,
        lease_until=None,
        finished_at=None,
    )
    _record(raw, RELEASED, Actor("user", user.pk))
    wake_on_commit(TASK)
    return True


def purge_spam() -> int:
    """Delete the bytes of spam that was held for its account's days; return how many mails.

    What stays of each is a row without content, so that the mail is known if the server
    gives it again and the balance of all mails stays even (I9). Nothing that is not held
    is touched, nothing before its time, which is the database's.
    """
    purged = 0
    for account in Account.objects.filter(raw_messages__state=outcome.State.SPAM).distinct():
        due = HeldMail.objects.filter(
            raw_message__account=account,
            raw_message__state=outcome.State.SPAM,
            held_at__lt=Now() - account.spam_keep,
        ).order_by("id")
        while ids := list(due.values_list("raw_message_id", flat=True)[:PURGE_BATCH]):
            purged += _purge(account, ids)
    return purged


def _purge(account: Account, ids: list[int]) -> int:
    """Purge some mails of an account and record how many, in one transaction."""
    with transaction.atomic():
        rows = RawMessage.objects.select_for_update(of=("self",)).filter(
            pk__in=ids, state=outcome.State.SPAM
        )
        locked = dict(rows.values_list("pk", "file_id"))
        HeldMail.objects.filter(raw_message_id__in=locked).delete()
        RawMessage.objects.filter(pk__in=locked).update(
            state=outcome.State.DISCARDED,
            reason=Ignored.SPAM_PURGED,
            body=None,
            file=None,
            envelope_from=None,
            envelope_to=[],
            finished_at=Now(),
        )
        data = {"count": len(locked), "days": account.spam_keep_days, "ids": sorted(locked)}
        publish(
            fact=Fact(PURGED, "account", account.pk, account.authority_id, data=data),
            actor=SYSTEM,
        )
    for file_id in filter(None, locked.values()):
        files.discard(stored_id=file_id)
    logger.info("account %s: %s mails held as spam were deleted", account.pk, len(locked))
    return len(locked)


def _record(raw: RawMessage, kind: str, actor: Actor, **data: str) -> None:
    fact = Fact(kind, SUBJECT_KIND, raw.pk, raw.account.authority_id, data=data)
    publish(fact=fact, actor=actor)
