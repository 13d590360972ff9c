"""Seals what was committed and lets every event have its consequences, once and in order.

Order holds within one subject: an event waits while an earlier one of the same
ticket is pending. Several processes may work at once; the lock on the row of a
reaction is the lease on its event, and ends with the process that held it. Times
are the database's.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Now

from helpdesk.events import sequencer
from helpdesk.events.models import Event, Seal
from helpdesk.lib.faults import fault
from helpdesk.lib.leases import is_over
from helpdesk.lib.statements import Change, Lookup
from helpdesk.lib.together import together
from helpdesk.reactions.models import Reaction
from helpdesk.reactions.order import AFTERWARDS, ASKED_AHEAD, handlers_of

logger = logging.getLogger(__name__)

# Seconds until the next try after each failure; after the last failure it is parked.
BACK_OFF = (1, 5, 30, 120)
LONGEST_PAUSE = timedelta(seconds=max(BACK_OFF))
MAX_ATTEMPTS = len(BACK_OFF) + 1
ERROR_LENGTH = 500
PENDING = Reaction.State.PENDING
DONE: Mapping[str, object] = {"state": Reaction.State.DONE, "done_at": Now(), "error": ""}


def seal_committed() -> list[Reaction]:
    """Number what was committed, and return the reactions entered in the same transaction."""
    entered: list[Reaction] = []
    while sequencer.has_unsealed():
        reactions = _seal()
        entered += [reaction for reaction in reactions if reaction.state == PENDING]
        for reaction in reactions:
            if reaction.state != PENDING:
                _tell(reaction.event)
        if len(reactions) < sequencer.BATCH:
            # All is sealed, or another process is at it and will see to the rest.
            break
    return entered


def _seal() -> list[Reaction]:
    with transaction.atomic():
        reactions = [_new_reaction(seal) for seal in sequencer.seal_batch()]
        Reaction.objects.bulk_create(reactions)
        fault("sequencer.before_commit")
    fault("sequencer.after_commit")
    return reactions


def _new_reaction(seal: Seal) -> Reaction:
    event = seal.event
    has_handlers = bool(handlers_of(event.subject_kind))
    return Reaction(
        event=event,
        seq=seal.seq,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        state=PENDING if has_handlers else Reaction.State.DONE,
        next_attempt_at=Now(),
        done_at=None if has_handlers else Now(),
    )


def due(*, limit: int) -> list[Reaction]:
    """Return what could be worked off now, the first of each subject, without taking a lock."""
    if not _ANY_DUE.first():
        return []
    return list(_due().select_related("event__seal").order_by("seq")[:limit])


def react(reaction: Reaction) -> bool:
    """Work off one event; False if it is not its turn, or another process has seen to it.

    A failure undoes everything of this event and is tried again later, the
    fifth time it is parked for a human and no longer holds up its ticket.
    """
    try:
        with transaction.atomic():
            # Marked first: the lock on the row keeps others away until the end.
            if not _mark_done(reaction):
                return False
            for handler in handlers_of(reaction.subject_kind):
                handler(event=reaction.event)
            fault("reactions.before_commit")
        fault("reactions.after_commit")
    except Exception as error:
        logger.exception("reaction to event number %s failed", reaction.seq)
        _note_failure(reaction, error)
    _tell(reaction.event)
    return True


def react_together(reactions: Sequence[Reaction]) -> bool:
    """Work off several first events of their subjects by one commit, else each by its own.

    What another process holds is left to it. If anything is wrong with one, nothing of
    this was done, and each shows by itself what it has.
    """
    try:
        taken = _react_to_all(reactions)
    except Exception as error:  # noqa: BLE001 - alone each fails with its own error and is noted
        logger.warning("%s events are worked off one by one: %r", len(reactions), error)
        return sum(map(react, reactions)) > 0
    for reaction in taken:
        fault("reactions.after_commit")
        _tell(reaction.event)
    return bool(taken)


def _react_to_all(reactions: Sequence[Reaction]) -> list[Reaction]:
    with together(len(reactions)):
        taken = _take(reactions)
        events = [reaction.event for reaction in taken]
        for ask in ASKED_AHEAD:
            ask(events=events)
        for reaction in taken:
            for handler in handlers_of(reaction.subject_kind):
                handler(event=reaction.event)
            fault("reactions.before_commit")
    return taken


def _take(reactions: Sequence[Reaction]) -> list[Reaction]:
    """Mark as done those whose turn it is and that nobody else holds; return them."""
    wanted = _due().filter(pk__in=[reaction.pk for reaction in reactions])
    # Two processes with the same rows in hand never wait for each other.
    free = wanted.select_for_update(skip_locked=True).order_by("seq")
    mine = set(free.values_list("pk", flat=True))
    Reaction.objects.filter(pk__in=mine).update(**DONE)
    return [reaction for reaction in reactions if reaction.pk in mine]


def retry(*, reaction_id: int) -> bool:
    """Let a parked reaction be tried again from the start; False if it is not parked."""
    parked = Reaction.objects.filter(pk=reaction_id, state=Reaction.State.PARKED)
    return bool(parked.update(state=PENDING, attempts=0, next_attempt_at=Now()))


@cache
def _due() -> QuerySet[Reaction]:
    """Return the query of what may be worked off; built once, and each filter makes its own."""
    earlier = Reaction.objects.filter(
        state=PENDING,
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        seq__lt=OuterRef("seq"),
    )
    return Reaction.objects.filter(
        ~Exists(earlier), Q(state=PENDING), is_over("next_attempt_at", LONGEST_PAUSE)
    )


# Asked each second, and nearly always in vain.
_ANY_DUE = Lookup(lambda: _due().values_list("pk")[:1])
_DONE = Change(
    lambda pk: (_due().filter(pk=pk), dict(DONE)),
    "pk",
)


def _mark_done(reaction: Reaction) -> bool:
    return _DONE.apply(pk=reaction.pk) == 1


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
    Reaction.objects.filter(pk=reaction.pk, state=PENDING).update(
        state=Reaction.State.PARKED if is_last else PENDING,
        attempts=attempts,
        error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH],
        next_attempt_at=ExpressionWrapper(Now() + Value(pause), output_field=DateTimeField()),
    )
