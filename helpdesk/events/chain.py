"""Proves that no event was changed, removed or slipped in after it was sealed."""

from helpdesk.events.models import Event, EventPayload, Seal, Unsealed
from helpdesk.events.publish import payload_digest
from helpdesk.events.sequencer import GENESIS, link

PAGE = 1000


def verify() -> int | None:
    """Walk the whole chain and return the number of the first broken seal, or None.

    Broken means: a number is missing, an event no longer gives its hash, or a
    payload that still exists no longer gives its digest. An erased payload is
    not a break. A chain cut off at its end looks whole; compare :func:`head`
    with one that was kept elsewhere.
    """
    seq, previous = 0, GENESIS
    while page := _page(seq):
        for seal in page:
            if seal.seq != seq + 1:
                return seq + 1
            seq = seal.seq
            if link(previous, seal.event, seq) != seal.hash or not _payload_holds(seal.event):
                return seq
            previous = seal.hash
    return None


def head() -> tuple[int, str]:
    """Return number and hash of the last seal, to be kept outside of the database."""
    last = Seal.objects.order_by("-seq").first()
    return (last.seq, last.hash) if last else (0, GENESIS)


def holds(seq: int, seal_hash: str) -> bool:
    """Tell whether the chain still has the seal that was its head once."""
    return (seq, seal_hash) == (0, GENESIS) or Seal.objects.filter(seq=seq, hash=seal_hash).exists()


def strays() -> int:
    """Count events that are neither sealed nor waiting: written past the one door."""
    waiting = Unsealed.objects.values("event_id")
    return Event.objects.filter(seal=None).exclude(id__in=waiting).count()


def _page(seq: int) -> list[Seal]:
    seals = Seal.objects.filter(seq__gt=seq).select_related("event__payload")
    return list(seals.order_by("seq")[:PAGE])


def _payload_holds(event: Event) -> bool:
    try:
        payload = event.payload
    except EventPayload.DoesNotExist:
        return True
    return payload_digest(payload.salt, payload.data) == event.payload_digest
