"""What was offered beside a request and does not fit it."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.tickets.models.ticket import Ticket


class Aside(models.Model):
    """A suggestion that somebody has set aside for one request: nobody is offered it there again.

    ``other_id`` is no foreign key: answers live on a floor above, and what is gone is offered
    to nobody anyway.
    """

    class Kind(models.TextChoices):
        """What was offered."""

        REQUEST = "request"
        ANSWER = "answer"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="set_aside")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    other_id = models.BigIntegerField()
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "kind", "other_id", name="aside_unique"),)

    def __str__(self) -> str:
        """Name both by id."""
        return f"{self.kind} {self.other_id} does not fit ticket {self.ticket_id}"
