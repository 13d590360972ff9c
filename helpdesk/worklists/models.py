"""Tables of saved views, and of how each reader wants their lists to look."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, Team, User

NAME_LENGTH = 60


class Audience(models.TextChoices):
    """Who finds a view in the navigation."""

    OWN = "own", _("only me")
    TEAM = "team", _("a team")
    ALL = "all", _("everybody")


class Density(models.TextChoices):
    """How high the rows of a list are."""

    COMPACT = "compact", _("compact")
    NORMAL = "normal", _("normal")
    ROOMY = "roomy", _("roomy")


class SavedView(models.Model):
    """A saved list: conditions upon one of the lists of the house, an order, columns.

    ``base`` is the slug of that list and ``filters`` maps the name of a field to its values,
    as they stand in an address. What somebody sees in it is decided when it is read: it only
    ever narrows what they may know of. A deleted one can be brought back for a while.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    audience = models.CharField(max_length=4, choices=Audience.choices, default=Audience.OWN)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    base = models.SlugField(max_length=80)
    filters: models.JSONField[Any, dict[str, list[str]]] = models.JSONField(default=dict)
    sort = models.CharField(max_length=12, blank=True)
    columns: models.JSONField[Any, list[str]] = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(audience="team", team__isnull=False)
                | (~models.Q(audience="team") & models.Q(team__isnull=True)),
                name="saved_view_team_where_shared_with_one",
            ),
        )
        indexes = (models.Index(fields=("authority", "audience", "owner"), name="saved_view_of"),)

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    @property
    def slug(self) -> str:
        """Return what stands in its address."""
        return f"{SLUG_PREFIX}{self.pk}"


# No list of the house begins like this.
SLUG_PREFIX = "s-"


class ListSettings(models.Model):
    """How one reader wants lists to look: density, and ``columns`` by the slug of a list."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", primary_key=True)
    density = models.CharField(max_length=7, choices=Density.choices, default=Density.NORMAL)
    columns: models.JSONField[Any, dict[str, list[str]]] = models.JSONField(default=dict)

    def __str__(self) -> str:
        """Name the reader by id."""
        return f"lists of user {self.user_id}"
