"""Seals what was committed and lets every event have its consequences, once and in order.

Order holds within one subject: an event waits while an earlier one of the same
ticket is pending. Several processes may work at once; the lock on the row of a
reaction is the lease on its event. Times are the database's.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Now

from helpdesk.events import sequencer
from helpdesk.events.models import Event, Seal
from helpdesk.lib.faults import fault
from helpdesk.reactions.models import Reaction
from helpdesk.reactions.order import AFTERWARDS, handlers_of

logger = logging.getLogger(__name__)

# Seconds until the next try after each failure; after the last failure it is parked.
BACK_OFF = (1, 5, 30, 120)
MAX_ATTEMPTS = len(BACK_OFF) + 1
ERROR_LENGTH = 500


def seal_committed() -> int:
    """Number what was committed and enter its reactions in the same transaction."""
    total = 0
    while sequencer.has_unsealed():
        seals = _seal()
        for seal in seals:
            if not handlers_of(seal.event.subject_kind):
                _tell(seal.event)
        total += len(seals)
        if len(seals) < sequencer.BATCH:
            # All is sealed, or another process is at it and will see to the rest.
            break
    return total


def _seal() -> list[Seal]:
    with transaction.atomic():
        seals = sequencer.seal_batch()
        Reaction.objects.bulk_create(map(_new_reaction, seals))
        fault("sequencer.before_commit")
    fault("sequencer.after_commit")
    return seals


def _new_reaction(seal: Seal) -> Reaction:
    event = seal.event
    has_handlers = bool(handlers_of(event.subject_kind))
    return Reaction(
        event=event,
        seq=seal.seq,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        state=Reaction.State.PENDING if has_handlers else Reaction.State.DONE,
        next_attempt_at=Now(),
        done_at=None if has_handlers else Now(),
    )


def is_anything_due() -> bool:
    """Tell whether an event waits to be worked off, without taking a lock."""
    return _due().exists()


def react_to_next() -> bool:
    """Work off one event that is due; False if none is.

    A failure undoes everything of this event and is tried again later, the
    fifth time it is parked for a human and no longer holds up its ticket.
    """
    reaction: Reaction | None = None
    try:
        with transaction.atomic():
            reaction = _claim()
            if reaction is None:
                return False
            _follow(reaction.event)
            Reaction.objects.filter(pk=reaction.pk).update(
                state=Reaction.State.DONE, done_at=Now(), error=""
            )
            fault("reactions.before_commit")
        fault("reactions.after_commit")
    except Exception as error:
        if reaction is None:
            raise
        logger.exception("reaction to event number %s failed", reaction.seq)
        _note_failure(reaction, error)
    _tell(reaction.event)
    return True


def retry(*, reaction_id: int) -> bool:
    """Let a parked reaction be tried again from the start; False if it is not parked."""
    parked = Reaction.objects.filter(pk=reaction_id, state=Reaction.State.PARKED)
    return bool(parked.update(state=Reaction.State.PENDING, attempts=0, next_attempt_at=Now()))


def _due() -> QuerySet[Reaction]:
    earlier = Reaction.objects.filter(
        state=Reaction.State.PENDING,
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        seq__lt=OuterRef("seq"),
    )
    return Reaction.objects.filter(
        ~Exists(earlier), Q(state=Reaction.State.PENDING), Q(next_attempt_at__lte=Now())
    ).order_by("seq")


def _claim() -> Reaction | None:
    return (
        _due()
        .select_related("event__seal")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )


def _follow(event: Event) -> None:
    for handler in handlers_of(event.subject_kind):
        handler(event=event)


def _tell(event: Event) -> None:
    for handler in AFTERWARDS:
        try:
            handler(event=event)
        except Exception:
            # The screens look again at the next event; what follows is written down already.
            logger.exception("event %s could not be told", event.pk)


def _note_failure(reaction: Reaction, error: Exception) -> None:
    attempts = reaction.attempts + 1
    is_last = attempts >= MAX_ATTEMPTS
    pause = timedelta(seconds=0 if is_last else BACK_OFF[attempts - 1])
    Reaction.objects.filter(pk=reaction.pk, state=Reaction.State.PENDING).update(
        state=Reaction.State.PARKED if is_last else Reaction.State.PENDING,
        attempts=attempts,
        error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH],
        next_attempt_at=ExpressionWrapper(Now() + Value(pause), output_field=DateTimeField()),
    )
