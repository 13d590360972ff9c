"""The table of stored files, addressed by the SHA-256 of their bytes."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ScanState(models.TextChoices):
    """What the virus scanner said, if there is one."""

    NOT_SCANNED = "not_scanned", _("not scanned")
    CLEAN = "clean", _("clean")
    HELD = "held", _("held back")


class StoredFile(models.Model):
    """Bytes that were written durably before this row came to be."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=120)
    scan_state = models.CharField(
        max_length=12, choices=ScanState.choices, default=ScanState.NOT_SCANNED
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Name the digest's head and the size."""
        return f"{self.sha256[:12]} ({self.size} bytes)"
