"""The table of stored files, addressed by the SHA-256 of their bytes."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ScanState(models.TextChoices):
    """What the virus scanner said, if there is one."""

    NOT_SCANNED = "not_scanned", _("not scanned")
    CLEAN = "clean", _("clean")
    HELD = "held", _("held back")
    TOO_LARGE = "too_large", _("too large to be checked")


class WaitingFile(models.Model):
    """A stored file that nothing speaks of yet: it goes when its time is over."""

    file = models.ForeignKey("StoredFile", models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the file's row only."""
        return f"file {self.file_id} until {self.expires_at:%Y-%m-%d %H:%M}"


class StoredFile(models.Model):
    """Bytes that were written durably before this row came to be."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=120)
    scan_state = models.CharField(
        max_length=12, choices=ScanState.choices, default=ScanState.NOT_SCANNED
    )
    # What was found, or why there is no verdict yet; when to ask again, and how often it was.
    scan_note = models.CharField(max_length=200, blank=True)
    scan_after = models.DateTimeField(null=True, blank=True)
    scan_tries = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = (
            models.Index(
                fields=("id",),
                condition=models.Q(scan_state="not_scanned"),
                name="file_not_scanned",
            ),
        )

    def __str__(self) -> str:
        """Name the digest's head and the size."""
        return f"{self.sha256[:12]} ({self.size} bytes)"
