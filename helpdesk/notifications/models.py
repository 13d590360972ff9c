"""Wishes to be told something, that wait for a moment in which nobody measures the time."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority


class LinkRequest(models.Model):
    """Somebody asks for the link of a request; gone as soon as it has been looked at.

    The same row is written whether the request exists or not, so that neither the
    answer nor its time tells. Reference and address are as they were typed.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=20)
    email = models.CharField(max_length=320)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Name itself by id alone: what was typed is personal."""
        return f"link request {self.pk}"
