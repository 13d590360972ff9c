"""Tables of what a town says of itself in its portal."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority, Language
from helpdesk.pages.enums import Conformance, Method, Page, Readers, Reason, TextKind
from helpdesk.pages.videos import Video


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


class PageVariant(models.Model):
    """A page of the portal in plain language and in sign language, as far as there is either.

    ``simple`` is HTML that has been cleaned; ``video_url`` is as in :mod:`helpdesk.pages.videos`.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="page_variants")
    page = models.CharField(max_length=16, choices=Page.choices)
    simple = models.TextField(blank=True)
    video_url = models.CharField(max_length=500, blank=True)
    video_length = models.CharField(max_length=40, blank=True)
    video_words_url = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "page", name="page_variant_unique"),)

    def __str__(self) -> str:
        """Name the page."""
        return f"{self.page} in other forms"

    @property
    def video(self) -> Video | None:
        """Return its video, None where there is none."""
        if not self.video_url:
            return None
        return Video(self.video_url, self.video_length, self.video_words_url)


class Statement(models.Model):
    """What the accessibility statement of a portal is generated from (BITV 2.0 § 7)."""

    authority = models.OneToOneField(Authority, models.CASCADE, related_name="statement")
    conformance = models.CharField(max_length=6, choices=Conformance.choices)
    method = models.CharField(max_length=5, choices=Method.choices)
    assessed_on = models.DateField()
    assessed_by = models.CharField(max_length=160, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    enforcement = models.TextField()
    created_on = models.DateField()
    checked_on = models.DateField()

    def __str__(self) -> str:
        """Name its authority."""
        return f"statement of authority {self.authority_id}"


class Barrier(models.Model):
    """Something in the portal that is not accessible, why, and what does instead."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="barriers")
    what = models.CharField(max_length=300)
    what_en = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    alternative = models.CharField(max_length=500)
    alternative_en = models.CharField(max_length=500, blank=True)
    gone_by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        """Return what is not accessible."""
        return self.what


class Embedding(models.Model):
    """The sites ("https://www.musterstadt.de") that may show the portal's frame."""

    authority = models.OneToOneField(Authority, models.CASCADE, related_name="embedding")
    origins = models.JSONField(default=list)

    def __str__(self) -> str:
        """Name its authority."""
        return f"embedding of authority {self.authority_id}"


class Notice(models.Model):
    """Something to know now: a disruption, changed hours, a time when nobody can work here."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="notices")
    text = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300, blank=True)
    readers = models.CharField(max_length=8, choices=Readers.choices, default=Readers.CITIZENS)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ("-begins_at", "-id")

    def __str__(self) -> str:
        """Return its words."""
        return self.text


class KnownPlace(models.Model):
    """A street or place of a town, or one outside of it with who is ``responsible`` there.

    ``key`` is the name as it is compared (:func:`helpdesk.pages.places.key_of`).
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="known_places")
    name = models.CharField(max_length=120)
    part = models.CharField(max_length=80, blank=True)
    is_outside = models.BooleanField(default=False)
    responsible = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index("authority", "is_outside", "key", name="known_place_key"),)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class Border(models.Model):
    """Where a town ends: closed lines of [longitude, latitude], and whom to ask ``beyond``."""

    authority = models.OneToOneField(Authority, models.CASCADE, related_name="border")
    rings = models.JSONField(default=list)
    beyond = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        """Name its authority."""
        return f"border of authority {self.authority_id}"
