"""The table of what still has to follow from each sealed event."""

from django.db import models
from django.utils import timezone

from helpdesk.events.models import Event


class Reaction(models.Model):
    """The work that follows one event, exactly once; made together with the seal.

    There is no lease column: the work is one transaction, so the lock on this row
    is the lease and ends with the process that held it.
    """

    class State(models.TextChoices):
        """``parked`` failed too often and waits for a human."""

        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"

    event = models.OneToOneField(Event, models.PROTECT, related_name="reaction")
    seq = models.BigIntegerField(unique=True)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("seq",),
                name="reaction_pending",
                condition=models.Q(state="pending"),
            ),
            # Whether an earlier event of the same subject still waits.
            models.Index(
                fields=("subject_kind", "subject_id", "seq"),
                name="reaction_pending_subject",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=("seq",), name="reaction_parked", condition=models.Q(state="parked")
            ),
        )

    def __str__(self) -> str:
        """Name sequence number and state."""
        return f"reaction to {self.seq} ({self.state})"


class Heartbeat(models.Model):
    """When a kind of background work last showed that it lives."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the work."""
        return self.name
