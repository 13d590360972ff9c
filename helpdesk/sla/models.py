"""Tables of promised times and of the clocks that measure them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, Calendar
from helpdesk.tickets.models import Ticket


class Agreement(models.Model):
    """What an authority promises, in working minutes of a calendar."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="agreements")
    name = models.CharField(max_length=80)
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+")
    first_answer_minutes = models.PositiveIntegerField(null=True, blank=True)
    solution_minutes = models.PositiveIntegerField(null=True, blank=True)
    # A promise in days is kept as such, since the length of a day changes with the calendar.
    first_answer_days = models.PositiveSmallIntegerField(null=True, blank=True)
    solution_days = models.PositiveSmallIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)
    # The clock after which counting anew goes on; null where nothing is to be counted.
    recount_after = models.BigIntegerField(null=True, blank=True)
    recounted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "authority", condition=models.Q(is_default=True), name="agreement_one_default"
            ),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name


# The last working time before a deadline in which somebody is warned: two hours, and of a
# short promise a quarter.
NEAR_MINUTES = 120
NEAR_SHARE = 4


class Clock(models.Model):
    """The running measure of one promise on one ticket.

    ``spent_minutes`` are the working minutes used up before ``running_since``;
    a paused clock has no ``running_since``. ``due_at`` is kept exact for a
    running clock and is null while paused or stopped; so is ``near_at``, from
    which on little working time is left. ``extended_minutes`` of the target were
    added by hand, with a reason (see domain.extending).
    """

    class Kind(models.TextChoices):
        """What is promised."""

        FIRST_ANSWER = "first_answer", _("first answer")
        SOLUTION = "solution", _("solution")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clocks")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    target_minutes = models.PositiveIntegerField()
    extended_minutes = models.PositiveIntegerField(default=0)
    spent_minutes = models.PositiveIntegerField(default=0)
    running_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    near_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "kind", name="clock_kind_unique"),)
        indexes = (
            models.Index(
                fields=("due_at",),
                name="clock_running",
                condition=models.Q(stopped_at__isnull=True, missed_at__isnull=True),
            ),
            models.Index(
                fields=("near_at",),
                name="clock_not_warned",
                condition=models.Q(
                    stopped_at__isnull=True, missed_at__isnull=True, warned_at__isnull=True
                ),
            ),
        )

    def __str__(self) -> str:
        """Name kind and ticket."""
        return f"{self.kind} of ticket {self.ticket_id}"
