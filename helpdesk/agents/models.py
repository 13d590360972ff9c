"""Tables of who works here: authorities, users, teams, rights, absences, calendars."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from helpdesk.agents.scopes import SCOPES
from helpdesk.lib.languages import FURTHER, WHOLE
from helpdesk.lib.leases import SKEW


class Language(models.TextChoices):
    """Languages in which the product itself speaks."""

    GERMAN = "de", "Deutsch"
    ENGLISH = "en", "English"


class AfterSend(models.TextChoices):
    """Where an agent goes once an answer has taken a request off the table."""

    NEXT = "next", _("to the next request of the list")
    STAY = "stay", _("stay with the request")
    LIST = "list", _("back to the list")


class SendThen(models.TextChoices):
    """What follows an answer by the button that is at hand first."""

    RESOLVE = "resolve", _("Send and resolve")
    WAIT = "wait", _("Send and wait for the citizen")
    OPEN = "open", _("Send and keep open")


class Calendar(models.Model):
    """Working hours and holidays by which promised times are counted.

    ``hours`` maps a weekday number ("0" is Monday) to a list of
    ``["08:00", "16:00"]`` spans in ``time_zone``. ``subdivision`` is the
    ISO 3166-2 code of the Land ("BY"), whose holidays do not count; the town's own
    closing days are ``{"date": "2026-12-24", "name": "…"}``, or a bare ISO date.
    """

    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    country = models.CharField(max_length=2, default="DE")
    subdivision = models.CharField(max_length=6, blank=True)
    hours = models.JSONField(default=dict)
    extra_holidays = models.JSONField(default=list)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class Authority(models.Model):
    """A town, utility or housing company with its own teams, portal and brand."""

    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=20)
    portal_host = models.CharField(max_length=120, blank=True)
    base_url = models.URLField(blank=True)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.GERMAN)
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    color_light = models.CharField(max_length=7, default="#1d44ac")
    color_dark = models.CharField(max_length=7, default="#b3c3f5")
    reference_prefix = models.CharField(max_length=4, default="AN")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="authorities")
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_address = models.CharField(max_length=200, blank=True)
    require_second_factor = models.BooleanField(default=True)
    reopen_days = models.PositiveSmallIntegerField(default=14)
    asks_rating = models.BooleanField(default=False)
    takes_by_answer = models.BooleanField(default=True)
    further_languages = models.JSONField(default=list, blank=True)
    offers_accounts = models.BooleanField(default=False)
    map_address = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "authorities"

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which citizens are spoken to, those that all offer first."""
        chosen = [code for code in FURTHER if code in self.further_languages]
        return (*WHOLE, *chosen)


class Role(models.Model):
    """A named set of verbs of the permission registry, beyond the rights in teams."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="roles")
    name = models.CharField(max_length=80)
    verbs = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "name", name="role_name_unique"),)

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class UserKind(models.TextChoices):
    """Staff works here; a citizen user owns a Citizen and sees nothing else.

    A service is a program: it has rights in teams like staff, no password, and
    acts by its token alone.
    """

    STAFF = "staff", _("staff")
    CITIZEN = "citizen", _("citizen")
    SERVICE = "service", _("service")


class UserManager(BaseUserManager["User"]):
    """Find users by mail address without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this mail address."""
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """Somebody who can sign in; ``kind`` is demanded first by every desk and API route."""

    kind = models.CharField(max_length=8, choices=UserKind.choices, default=UserKind.STAFF)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="users")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.GERMAN)
    theme = models.CharField(max_length=6, default="system")
    # How the sections beside a ticket are arranged: their order, and which are folded.
    panel = models.JSONField(default=dict, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    signature = models.TextField(blank=True)
    # Single keys for commands: switched off, or which key runs the command of a standard one.
    keys_off = models.BooleanField(default=False)
    key_changes = models.JSONField(default=dict, blank=True)
    # Whether an answer begins with greeting and closing.
    greets = models.BooleanField(default=True)
    after_send = models.CharField(max_length=4, choices=AfterSend.choices, default=AfterSend.NEXT)
    # What this agent chose last, by team: no setting, and worth no fact.
    habits = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    roles = models.ManyToManyField(Role, blank=True, related_name="users")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    invited_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0)
    # The token by which this user acts in this request; not a column.
    via_token: int | None = None

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique"),)

    def __str__(self) -> str:
        """Return the display name."""
        return self.name

    @property
    def is_staff_kind(self) -> bool:
        """Tell whether this user works here and is active."""
        return self.is_active and self.kind == UserKind.STAFF

    @property
    def works_here(self) -> bool:
        """Tell whether rights in teams mean anything: active staff, or an active service."""
        return self.is_active and self.kind in {UserKind.STAFF, UserKind.SERVICE}

    @cached_property
    def role_verbs(self) -> frozenset[str]:
        """Return the verbs of all roles of this user."""
        return frozenset(
            verb for verbs in self.roles.values_list("verbs", flat=True) for verb in verbs
        )

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django ends a session whose hash differs; a higher epoch thus ends all others at once.
        return salted_hmac(
            "agents.User.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class Team(models.Model):
    """A unit that owns tickets."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60)
    email_name = models.CharField(max_length=120, blank=True)
    signature = models.TextField(blank=True)
    # language → greeting and closing of an answer, an empty line between them; ours without it.
    greetings = models.JSONField(default=dict, blank=True)
    send_then = models.CharField(max_length=8, choices=SendThen.choices, default=SendThen.RESOLVE)
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("authority", "slug", name="team_slug_unique"),
            models.UniqueConstraint("authority", "name", name="team_name_unique"),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class Membership(models.Model):
    """The rights of one user in one team; without ``can_read`` the others mean nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    can_read = models.BooleanField(default=True)
    can_create = models.BooleanField(default=True)
    can_answer = models.BooleanField(default=True)
    can_change = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint("user", "team", name="membership_unique"),)

    def __str__(self) -> str:
        """Name user and team by id."""
        return f"user {self.user_id} in team {self.team_id}"


class Absence(models.Model):
    """A time in which a substitute sees an agent's work."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences")
    substitute = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="substitutions"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()

    def __str__(self) -> str:
        """Name user and span."""
        return f"user {self.user_id} away {self.starts_on} to {self.ends_on}"


class OneTimeLink(models.Model):
    """An invitation or first-administrator link; only its digest is kept."""

    class Purpose(models.TextChoices):
        """What the link lets its holder do, once."""

        INVITATION = "invitation", _("invitation")
        FIRST_ADMINISTRATOR = "first_administrator", _("first administrator")

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="one_time_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the purpose only."""
        return f"{self.purpose} link {self.pk}"


class ApiToken(models.Model):
    """A key to the interface, of a person or of a service; only its digest is kept.

    ``prefix`` is public and finds the row. ``scopes`` narrow what the user may do
    and never widen it. A revoked row stays, so that histories can name it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the public part only."""
        return f"token {self.prefix}"

    @property
    def is_live(self) -> bool:
        """Tell whether it opens anything now; made in a time to come it is of no use yet."""
        now = timezone.now()
        return self.revoked_at is None and self.created_at - SKEW <= now < self.expires_at

    @property
    def permissions(self) -> list[StrOrPromise]:
        """Return its scopes in words."""
        return [SCOPES[scope] for scope in self.scopes if scope in SCOPES]
