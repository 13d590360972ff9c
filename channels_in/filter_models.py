"""Tables of what is decided about a mail before it is filed: filters, addresses, held spam."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, Team
from helpdesk.tickets.domain.tags import MAX_TAGS
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models import MAX_TAG, Category

NAME_LENGTH = 50
VALUE_LENGTH = 200
# So many tags as a request may have, parted by commas.
TAGS_LENGTH = MAX_TAGS * (MAX_TAG + 1)


class MailFilter(models.Model):
    """Conditions on a mail and what happens to one that meets them (mail.md 89).

    Filters are asked in the order of ``position``; ``account`` None means all mailboxes.
    An empty action leaves what the mailbox or an earlier filter said.
    """

    class Matching(models.TextChoices):
        """How many of its conditions a mail has to meet."""

        ALL = "all", _("all conditions")
        ANY = "any", _("one of the conditions")

    class Verdict(models.TextChoices):
        """Whether a mail becomes a request at all."""

        NONE = "", _("leave it as it is")
        SPAM = "spam", _("hold it as spam")
        WANTED = "wanted", _("never take it for spam")
        DROP = "drop", _("make no request of it")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="mail_filters")
    account = models.ForeignKey(
        "channels_in.Account", models.CASCADE, null=True, blank=True, related_name="filters"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    matching = models.CharField(max_length=3, choices=Matching.choices, default=Matching.ALL)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, null=True, blank=True)
    tags = models.CharField(max_length=TAGS_LENGTH, blank=True)
    takes_reply_to = models.BooleanField(default=False)
    withholds_receipt = models.BooleanField(default=False)
    verdict = models.CharField(max_length=6, choices=Verdict.choices, blank=True)
    is_last = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint("authority", "name", name="mail_filter_name_unique"),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class FilterCondition(models.Model):
    """One row of a filter: a field of the mail, an operator, a value; ``header`` names a header."""

    filter = models.ForeignKey(MailFilter, models.CASCADE, related_name="conditions")
    position = models.PositiveSmallIntegerField(default=0)
    field = models.CharField(max_length=16)
    header = models.CharField(max_length=80, blank=True)
    operator = models.CharField(max_length=12)
    value = models.CharField(max_length=VALUE_LENGTH, blank=True)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        """Return it as a row."""
        return f"{self.field} {self.operator} {self.value}".strip()


class FurtherAddress(models.Model):
    """An address besides the mailbox's own that its mail is written to, and where it leads."""

    account = models.ForeignKey(
        "channels_in.Account", models.CASCADE, related_name="further_addresses"
    )
    address = models.EmailField()
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "further addresses"
        ordering = ("address",)
        constraints = (
            models.UniqueConstraint("account", "address", name="further_address_unique"),
        )

    def __str__(self) -> str:
        """Return the address."""
        return self.address


class HeldMail(models.Model):
    """A mail that was taken for spam: what its list shows, until it is released or purged."""

    raw_message = models.OneToOneField(
        "channels_in.RawMessage", models.CASCADE, related_name="held"
    )
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    snippet = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    held_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=("team", "-held_at", "-id"), name="held_mail_team"),)

    def __str__(self) -> str:
        """Name the mail."""
        return f"held raw message {self.raw_message_id}"
