"""The two-level tree of topics."""

from django.db import models

from helpdesk.agents.models import Authority, Team
from helpdesk.forms.models import Form
from helpdesk.tickets.enums import Priority


class Category(models.Model):
    """A topic: routing, form, priority; ``parent`` is set on the second level only."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="categories")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    form = models.ForeignKey(Form, models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(
                "authority",
                "parent",
                "name",
                name="category_name_unique",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name
