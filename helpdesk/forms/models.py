"""Tables of versioned question sets and of drafts kept on the server."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority
from helpdesk.files.models import StoredFile


class Form(models.Model):
    """A named set of questions of an authority."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="forms")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "key", name="form_key_unique"),)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class FormVersion(models.Model):
    """An edition of a form; answers always point to the edition they were given to.

    A published one never changes. The newest of a form may not be published yet: it
    is what is being worked on in the settings, and nobody is asked it.
    """

    form = models.ForeignKey(Form, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    schema = models.JSONField(default=list)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("form", "number", name="form_version_unique"),)

    def __str__(self) -> str:
        """Name form and edition."""
        return f"form {self.form_id} version {self.number}"


class Draft(models.Model):
    """What somebody typed so far, kept between steps; the key's digest is the only address."""

    version = models.ForeignKey(FormVersion, models.PROTECT, null=True, related_name="drafts")
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="drafts")
    digest = models.CharField(max_length=64, unique=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name its row only."""
        return f"draft {self.pk}"


class DraftLink(models.Model):
    """A link mailed to somebody who goes on later; the token's digest is all that is kept of it."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Name its draft."""
        return f"link to draft {self.draft_id}"


class DraftFile(models.Model):
    """A file added to a draft: the photos, or the answer to the question ``question``.

    ``public`` is the copy without hidden data that may become public; the file itself
    is for the staff. A removed one is swept away with its bytes a while later.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    question = models.SlugField(max_length=60, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    public = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        """Name its draft."""
        return f"file {self.pk} of draft {self.draft_id}"
