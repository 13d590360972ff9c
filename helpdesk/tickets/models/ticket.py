"""The ticket, who takes part in it, and what points to it."""

from datetime import UTC, datetime

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority, Team, User
from helpdesk.citizens.models import Citizen
from helpdesk.forms.models import FormVersion
from helpdesk.outbox.models import Sender
from helpdesk.tickets.enums import (
    ACTIVE,
    ENDED,
    WAITING,
    Channel,
    LinkKind,
    Outcome,
    Priority,
    Status,
)
from helpdesk.tickets.models.category import Category

# What has no deadline sorts after everything that has one, by an index on both engines.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
UNFINISHED = tuple(sorted(ACTIVE | WAITING))
# What is in the bin stands in no list but its own.
FINISHED = tuple(sorted(ENDED - {Status.DELETED}))


class Ticket(models.Model):
    """One request, from arrival to outcome.

    ``number`` is the staff's ("2026-000123"), ``reference`` the citizen's
    speakable one with a check character. ``version`` grows with every change
    and is what a stale write is measured by. ``due_at`` is the earliest
    running clock and ``due_sort`` the same for sorting, never empty. At
    ``waiting_until`` a waiting ticket comes back by itself.
    ``callback_phone`` is the number that somebody has promised to call, ``referred_to`` who
    else is responsible and was sent it. ``tag_line`` holds
    the names of its tags between commas, for whoever shows them (see ``domain.tags``).
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="tickets")
    number = models.CharField(max_length=20)
    reference = models.CharField(max_length=20)
    title = models.CharField(max_length=250)
    snippet = models.CharField(max_length=200, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="tickets")
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="owned_tickets"
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEW)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    waiting_until = models.DateTimeField(null=True, blank=True)
    waiting_note = models.CharField(max_length=160, blank=True, default="")
    referred_to = models.CharField(max_length=160, blank=True, default="")
    callback_phone = models.CharField(max_length=40, blank=True)
    citizen = models.ForeignKey(
        Citizen, models.SET_NULL, null=True, blank=True, related_name="tickets", db_index=False
    )
    citizen_name = models.CharField(max_length=160, blank=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    sender = models.ForeignKey(
        Sender, models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    language = models.CharField(max_length=10, blank=True)
    tag_line = models.TextField(blank=True, default="")
    place = models.CharField(max_length=250, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    form_version = models.ForeignKey(
        FormVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answers = models.JSONField(default=dict)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_tickets"
    )
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    active_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, blank=True)
    due_sort = models.DateTimeField(default=NEVER)
    due_kind = models.CharField(max_length=12, blank=True)
    clock_paused = models.BooleanField(default=False)
    first_answer_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    # Whether a message was split off: then a reply is looked for by its own Message-ID first.
    has_given_away = models.BooleanField(default=False)
    last_article_id = models.BigIntegerField(null=True, blank=True)
    last_public_id = models.BigIntegerField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    link_nonce = models.CharField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint("authority", "number", name="ticket_number_unique"),
            models.UniqueConstraint("authority", "reference", name="ticket_reference_unique"),
        )
        indexes = (
            # The lists of unfinished work: few rows of many, sorted by deadline. The first
            # serves several teams at once; it and the second hold all that counting needs.
            models.Index(
                fields=("authority", "due_sort", "id", "team", "owner"),
                name="ticket_open_due",
                condition=models.Q(status__in=UNFINISHED),
            ),
            models.Index(
                fields=("team", "due_sort", "id", "owner", "authority"),
                name="ticket_open_team_due",
                condition=models.Q(status__in=UNFINISHED),
            ),
            models.Index(
                fields=("owner", "due_sort", "id"),
                name="ticket_open_owner_due",
                condition=models.Q(status__in=UNFINISHED),
            ),
            models.Index(
                fields=("authority", "-active_at", "-id", "team"),
                name="ticket_ended_active",
                condition=models.Q(status__in=FINISHED),
            ),
            # Whether somebody is known to a team: asked of each who may be meant by a name.
            models.Index(fields=("citizen", "team", "authority"), name="ticket_citizen_team"),
            models.Index(
                fields=("resolved_at",),
                name="ticket_deleted",
                condition=models.Q(status="deleted"),
            ),
            # What lies around a place; the others have none.
            models.Index(
                fields=("latitude", "longitude"),
                name="ticket_position",
                condition=models.Q(latitude__isnull=False),
            ),
            models.Index(
                fields=("waiting_until",),
                name="ticket_comes_back",
                condition=models.Q(waiting_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return the staff's number."""
        return self.number


class Participant(models.Model):
    """A citizen who takes part; their verified words reach the thread (mail.md 63)."""

    class Role(models.TextChoices):
        """Who asked, and who is kept informed."""

        REQUESTER = "requester"
        WATCHER = "watcher"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="participants")
    citizen = models.ForeignKey(Citizen, models.CASCADE, related_name="participations")
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.REQUESTER)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "citizen", name="participant_unique"),)

    def __str__(self) -> str:
        """Name both by id."""
        return f"citizen {self.citizen_id} in ticket {self.ticket_id}"


class TicketLink(models.Model):
    """A typed arrow from one ticket to another."""

    source = models.ForeignKey(Ticket, models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Ticket, models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    reason = models.CharField(max_length=160, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint("source", "target", "kind", name="ticket_link_unique"),
        )

    def __str__(self) -> str:
        """Name both ends."""
        return f"{self.source_id} {self.kind} {self.target_id}"


class TicketSeen(models.Model):
    """The last article of a ticket that an agent has had on the screen."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="seen_by")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    article_id = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "user", name="ticket_seen_unique"),)

    def __str__(self) -> str:
        """Name both by id."""
        return f"user {self.user_id} saw ticket {self.ticket_id}"


class NumberSeries(models.Model):
    """The last number given out in a year of an authority; its row is the lock."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "year", name="number_series_unique"),)

    def __str__(self) -> str:
        """Name year and last number."""
        return f"{self.year}-{self.last}"
