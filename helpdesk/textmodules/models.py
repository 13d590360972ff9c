"""Tables of reusable text."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority, Language, Team, User


class TextModule(models.Model):
    """A piece of text an agent inserts into an answer with ``::``; without a team, for all."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="text_modules")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True)
    title = models.CharField(max_length=120)
    keywords = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint("authority", "title", name="text_module_title_unique"),
        )

    def __str__(self) -> str:
        """Return its title."""
        return self.title


class TextModuleText(models.Model):
    """The wording of a text module in one language."""

    module = models.ForeignKey(TextModule, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=2, choices=Language.choices)
    body = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint("module", "language", name="text_module_language_unique"),
        )

    def __str__(self) -> str:
        """Name module and language."""
        return f"text module {self.module_id} ({self.language})"


class TextModuleUse(models.Model):
    """When an agent last put a module into a text about a topic; by it the lists are sorted.

    ``topic_id`` is the key of a category in the room above, 0 for none.
    """

    module = models.ForeignKey(TextModule, models.CASCADE, related_name="uses")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    topic_id = models.BigIntegerField(default=0)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint("module", "user", "topic_id", name="text_module_use_unique"),
        )
        indexes = (models.Index(fields=("user", "-used_at"), name="text_module_use_lately"),)

    def __str__(self) -> str:
        """Name the module only."""
        return f"use of text module {self.module_id}"
