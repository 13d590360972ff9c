"""Who else may be responsible: offices outside this installation, to which requests are sent on."""

from django.db import models

from helpdesk.agents.models import Authority


class Office(models.Model):
    """One entry of an authority's small directory."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="offices")
    name = models.CharField(max_length=160)
    email = models.EmailField(max_length=254)
    # What it is responsible for, so that agents find it.
    note = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "name", name="office_unique"),)

    def __str__(self) -> str:
        """Return the name."""
        return self.name
