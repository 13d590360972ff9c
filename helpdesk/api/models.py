"""What the interface keeps of its own: answers by key, and files that wait to be used."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import ApiToken
from helpdesk.files.models import StoredFile


class KeptAnswer(models.Model):
    """The first answer to an Idempotency-Key, replayed to whoever sends the key again.

    The row is there before anything is done: ``status`` 0 means in flight.
    ``claim`` names who is at it; an old claim may be taken over, and only the
    holder of the claim can keep an answer, in the transaction of what it did.
    """

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    claim = models.CharField(max_length=32)
    claimed_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint("token", "key", name="kept_answer_unique"),)
        indexes = (models.Index(fields=("created_at",), name="kept_answer_age"),)

    def __str__(self) -> str:
        """Name the token by id, never the key."""
        return f"answer {self.pk} for token {self.token_id}"


class Upload(models.Model):
    """A file a token has sent and not yet used; its name can't be guessed."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    name = models.CharField(max_length=32, unique=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=("created_at",), name="upload_age"),)

    def __str__(self) -> str:
        """Name the row only."""
        return f"upload {self.pk}"
