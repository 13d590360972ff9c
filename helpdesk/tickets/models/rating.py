"""What citizens say about how their requests ended."""

from django.db import models
from django.utils import timezone

from helpdesk.tickets.enums import Solved
from helpdesk.tickets.models.ticket import Ticket


class Rating(models.Model):
    """A citizen's word on one end of a request; a request that ends again is asked again.

    It is about the request and never about a person who worked on it.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="ratings")
    ended_at = models.DateTimeField()
    solved = models.CharField(max_length=6, choices=Solved.choices)
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint("ticket", "ended_at", name="rating_once_an_end"),
            models.CheckConstraint(
                condition=models.Q(stars__isnull=True) | models.Q(stars__range=(1, 5)),
                name="rating_stars_one_to_five",
            ),
        )

    def __str__(self) -> str:
        """Name its ticket."""
        return f"rating of ticket {self.ticket_id}"
