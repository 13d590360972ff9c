"""Tables of what happened: events, their personal payload, and the seals that number them."""

from django.db import models
from django.utils import timezone


class Event(models.Model):
    """An immutable fact: who did what to which subject, when and why.

    Actor and subject are plain kind + id without a foreign key, since the
    history outlives what retention deletes. ``data`` holds nothing personal;
    personal values lie in :class:`EventPayload`, and ``payload_digest`` keeps
    the chain verifiable after erasure. SQL triggers refuse UPDATE and DELETE.
    """

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    authority_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    data = models.JSONField(default=dict)
    payload_digest = models.CharField(max_length=64, blank=True)
    cause_id = models.BigIntegerField(null=True)
    # Which users the reactions have just told of it, for those who speak to screens; not a column.
    told: frozenset[int] = frozenset()

    class Meta:
        indexes = (models.Index(fields=("subject_kind", "subject_id", "id"), name="event_subject"),)

    def __str__(self) -> str:
        """Name the fact and its subject."""
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"


class EventPayload(models.Model):
    """Personal values of an event, deletable by erasure without breaking the chain."""

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True, related_name="payload")
    salt = models.CharField(max_length=32)
    data = models.JSONField()

    def __str__(self) -> str:
        """Name the event only, never the personal values."""
        return f"payload of event {self.event_id}"


class Unsealed(models.Model):
    """The queue of the sequencer: a row for each event that has no number yet.

    Written with the event and removed with its seal, so the table holds exactly
    what is committed and unsealed, in whatever order transactions end. A cursor
    over ids could not: ids are drawn before the commit and may commit out of order.
    """

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        """Name the event."""
        return f"unsealed event {self.event_id}"


class Seal(models.Model):
    """The number of an event, given after commit by the one sequencer.

    ``hash`` is SHA-256 over the event's canonical content and the previous
    seal. Every cursor of the product reads by ``seq``.
    """

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Name number and event."""
        return f"seal {self.seq} of event {self.event_id}"
