"""One change of many tickets: the job, and what became of each of them."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.tickets.models.ticket import Ticket


class BulkJob(models.Model):
    """What an agent wants done with tickets; ``undo_from`` is when they wanted it undone.

    ``text`` are the words of an answer to all of them, or of a tag; ``seen_article_id`` is
    the newest contribution that was there when the answer was written.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    action = models.CharField(max_length=12)
    value = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True, default="")
    seen_article_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    undo_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("id",),
                name="bulk_job_unfinished",
                condition=models.Q(finished_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        """Name job and action."""
        return f"job {self.pk}: {self.action} {self.value}".strip()


class BulkItem(models.Model):
    """One ticket of a job: what it was before and after, or why nothing was done."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        UNDONE = "undone"
        KEPT = "kept"

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=20, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint("job", "ticket", name="bulk_item_unique"),)
        indexes = (models.Index(fields=("job", "state", "id"), name="bulk_item_state"),)

    def __str__(self) -> str:
        """Name its ticket and state."""
        return f"ticket {self.ticket_id}: {self.state}"
