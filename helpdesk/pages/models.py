"""Tables of what a town says of itself in its portal."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority, Language
from helpdesk.pages.enums import TextKind


class LegalText(models.Model):
    """Imprint, privacy or contact in one language; ``body`` is HTML that has been cleaned."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="legal_texts")
    kind = models.CharField(max_length=8, choices=TextKind.choices)
    language = models.CharField(max_length=2, choices=Language.choices)
    body = models.TextField()
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint("authority", "kind", "language", name="legal_text_unique"),
        )

    def __str__(self) -> str:
        """Name kind and language."""
        return f"{self.kind} in {self.language}"
