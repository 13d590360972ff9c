"""The two-level tree of topics."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, Team
from helpdesk.forms.models import Form
from helpdesk.tickets.enums import Priority


class PlaceNeed(models.TextChoices):
    """Whether citizens are asked where it is."""

    NONE = "none", _("do not ask")
    OPTIONAL = "optional", _("ask, an answer is optional")
    REQUIRED = "required", _("ask, an answer is needed")


class Purpose(models.TextChoices):
    """What the portal files under a topic of its own accord, without asking for one."""

    BARRIER = "barrier", _("reports of barriers")


class Category(models.Model):
    """A topic: routing, form, priority; ``parent`` is set on the second level only.

    ``description`` tells citizens what belongs here, ``keywords`` are further words
    by which it is suggested; the fields below say what the portal's form asks. English
    readers of the portal see ``name_en`` and ``description_en`` where they are given. With
    ``shows_nearby`` they learn, while they report, that the same is known nearby. The
    one topic with a ``purpose`` gets what the portal files by itself.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="categories")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    form = models.ForeignKey(Form, models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    description = models.CharField(max_length=200, blank=True)
    description_en = models.CharField(max_length=200, blank=True)
    keywords = models.CharField(max_length=500, blank=True)
    place = models.CharField(max_length=8, choices=PlaceNeed.choices, default=PlaceNeed.OPTIONAL)
    asks_photos = models.BooleanField(default=True)
    allows_anonymous = models.BooleanField(default=True)
    in_portal = models.BooleanField(default=True)
    shows_nearby = models.BooleanField(default=False)
    purpose = models.CharField(max_length=8, choices=Purpose.choices, blank=True)

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
            models.UniqueConstraint(
                "authority",
                "purpose",
                condition=~models.Q(purpose=""),
                name="category_purpose_unique",
            ),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    def name_in(self, language: str) -> str:
        """Return the name for a reader of this language, the German one if there is no other."""
        return (self.name_en if language.startswith("en") else "") or self.name

    def description_in(self, language: str) -> str:
        """Return the hint for a reader of this language, the German one if there is no other."""
        return (self.description_en if language.startswith("en") else "") or self.description


class CategoryWords(models.Model):
    """What a town's own requests teach about a topic: word → how many people used it.

    Only words that several people used are kept, so that none of them tells of one person.
    """

    category = models.OneToOneField(Category, models.CASCADE, related_name="learned")
    requests = models.PositiveIntegerField(default=0)
    words = models.JSONField(default=dict)
    learned_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the topic."""
        return f"words of topic {self.category_id}"
