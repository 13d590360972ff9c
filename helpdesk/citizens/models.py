"""Tables of the people who ask."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, User
from helpdesk.citizens import lookups  # noqa: F401 - registers what the index of terms is asked by
from helpdesk.lib.terms import MAX_TERM


class Organisation(models.Model):
    """A firm, club or association that citizens belong to."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="organisations")
    name = models.CharField(max_length=160)
    domain = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class PreferredChannel(models.TextChoices):
    """How somebody wishes to be reached."""

    MAIL = "mail", _("e-mail")
    PHONE = "phone", _("phone")
    LETTER = "letter", _("letter")


class Citizen(models.Model):
    """A person who asks; most never have a user."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="citizens")
    name = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=10, blank=True)
    preferred_channel = models.CharField(max_length=8, choices=PreferredChannel.choices, blank=True)
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True)
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="citizen"
    )
    note = models.TextField(blank=True)
    # Somebody named by others who proved to be somebody known (docs/adr/0030).
    same_as = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    # Who entered somebody sees them also before there is a request.
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Return the name, or say that there is none."""
        return self.name or f"citizen {self.pk}"


class Caution(models.Model):
    """A warning to staff about how to meet somebody: it has a reason, and an end by itself."""

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="cautions")
    reason = models.CharField(max_length=300)
    until = models.DateField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the citizen, never the reason."""
        return f"caution about citizen {self.citizen_id}"


class ContactKind(models.TextChoices):
    """Ways to reach a person."""

    MAIL = "mail", _("e-mail")
    PHONE = "phone", _("phone")
    ADDRESS = "address", _("postal address")


class ContactPoint(models.Model):
    """One way to reach a citizen; ``normalised`` is what is compared and unique."""

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="contact_points")
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=ContactKind.choices)
    value = models.CharField(max_length=320)
    normalised = models.CharField(max_length=320)
    # Typed by others or into a form: it proves nothing, and leads nobody to this person but
    # those who know them (docs/adr/0030).
    is_claimed = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    undeliverable_at = models.DateTimeField(null=True, blank=True)
    undeliverable_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "authority",
                "normalised",
                condition=models.Q(kind="mail", is_claimed=False),
                name="contact_mail_unique",
            ),
        )
        indexes = (models.Index(fields=("kind", "normalised"), name="contact_normalised"),)

    def __str__(self) -> str:
        """Name the kind and citizen, never the value."""
        return f"{self.kind} of citizen {self.citizen_id}"


class SearchTerm(models.Model):
    """A word, address or end of a number by which a citizen is found; see lib.terms.

    Made from the other rows whenever they are written, and never read for anything else.
    """

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="terms", db_index=False)
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+", db_index=False)
    term = models.CharField(max_length=MAX_TERM)

    class Meta:
        constraints = (models.UniqueConstraint("citizen", "term", name="citizen_term_unique"),)
        indexes = (
            models.Index(
                fields=("authority", "term", "citizen"),
                name="citizen_term",
                # Comparable byte by byte, whatever the language of the database.
                opclasses=("int8_ops", "varchar_pattern_ops", "int8_ops"),
            ),
        )

    def __str__(self) -> str:
        """Name the citizen, never the term."""
        return f"term of citizen {self.citizen_id}"


class Consent(models.Model):
    """A permission a citizen gave, with the wording they saw."""

    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=60)
    wording = models.TextField()
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name purpose and citizen."""
        return f"{self.purpose} by citizen {self.citizen_id}"


class KeptChange(models.Model):
    """What staff changed of a person or a request, kept while they can take it back: moments.

    Never in a session: those outlive it by weeks, and hold nobody's data (docs/adr/0078).
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=32, unique=True)
    what = models.CharField(max_length=16)
    data = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    def __str__(self) -> str:
        """Name what it was and by whom, never the values."""
        return f"{self.what} by user {self.user_id}"
