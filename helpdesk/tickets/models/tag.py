"""Words that agents put on requests to find them again."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority
from helpdesk.tickets.models.ticket import Ticket

MAX_TAG = 40


class Tag(models.Model):
    """One word of an authority; ``normalised`` is what is compared and unique."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=MAX_TAG)
    normalised = models.CharField(max_length=MAX_TAG * 3)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "normalised", name="tag_unique"),)

    def __str__(self) -> str:
        """Return the word."""
        return self.name


class TicketTag(models.Model):
    """A tag on a ticket; the ticket's own ``tag_line`` says the same for whoever only shows it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="tags", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="uses", db_index=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "tag", name="ticket_tag_unique"),)
        indexes = (models.Index(fields=("tag", "ticket"), name="ticket_tag_tag"),)

    def __str__(self) -> str:
        """Name both by id."""
        return f"tag {self.tag_id} on ticket {self.ticket_id}"
