"""Tables of the ways in: accounts, raw messages kept once, and where they were seen."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from channels_in.filter_models import FilterCondition, FurtherAddress, HeldMail, MailFilter
from channels_in.reasons import describe
from helpdesk.agents.models import Authority, Team
from helpdesk.files.models import StoredFile
from helpdesk.lib.secretbox import SealedTextField
from helpdesk.outbox.models import Grant, OutgoingMessage, Security, Sender
from helpdesk.tickets.models import Article, Ticket

__all__ = (
    "Account",
    "FilterCondition",
    "FolderState",
    "FurtherAddress",
    "HeldMail",
    "MailFilter",
    "RawMessage",
    "Sighting",
)


class Account(models.Model):
    """One configured way in: a mailbox that is fetched, or the built-in listener."""

    class Kind(models.TextChoices):
        """How its mail gets here."""

        IMAP = "imap", _("IMAP mailbox")
        LISTENER = "listener", _("built-in SMTP listener or pipe")

    class AfterFiling(models.TextChoices):
        """What happens to a filed mail on the server."""

        SEEN = "seen", _("mark as read")
        MOVE = "move", _("move to a folder")
        DELETE = "delete", _("delete")

    class SpamMarks(models.TextChoices):
        """Which marks of spam in the headers of a mail count (mail.md 88)."""

        NONE = "", _("none")
        ABOVE = "above", _("those above the line of this server")
        ALL = "all", _("all: this server removes those of senders")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="accounts")
    team = models.ForeignKey(Team, models.PROTECT, related_name="accounts")
    sender = models.ForeignKey(Sender, models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=80)
    address = models.EmailField()
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    username = models.CharField(max_length=255, blank=True)
    password = SealedTextField(blank=True)
    grant = models.ForeignKey(
        Grant, models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    # The folder that is watched; the further ones are looked through at each poll.
    folder = models.CharField(max_length=255, default="INBOX")
    further_folders = models.JSONField(default=list, blank=True)
    after_filing = models.CharField(
        max_length=6, choices=AfterFiling.choices, default=AfterFiling.SEEN
    )
    move_to = models.CharField(max_length=255, blank=True)
    authserv_id = models.CharField(max_length=255, blank=True)
    # Where copies of what was sent are laid, and the number of the last event that was looked at.
    sent_folder = models.CharField(max_length=255, blank=True)
    sent_seq = models.BigIntegerField(null=True, blank=True)
    # Whether those in copy of a new request take part in it (mail.md 59).
    cc_watch = models.BooleanField(default=False)
    # Whether mail of machines that answers no request makes none of its own (mail.md 79).
    leaves_out_automatic = models.BooleanField(default=False)
    # Whether a copy of what another mailbox of ours got makes no request of its own (mail.md 5).
    leaves_out_copies = models.BooleanField(default=False)
    spam_marks = models.CharField(max_length=5, choices=SpamMarks.choices, blank=True)
    spam_hop = models.CharField(max_length=255, blank=True)
    spam_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    spam_keep_days = models.PositiveSmallIntegerField(default=30)
    # Changes with whatever filters and addresses say; "" means that there is nothing to ask.
    rules_mark = models.CharField(max_length=32, blank=True, editable=False)
    import_since = models.DateTimeField(null=True, blank=True)
    # Whether a known sender is told that a mail was too large to be read whole (mail.md 13).
    tells_oversize = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=60, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_mail_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    # The code of the last failure; failures.py has its words.
    failure = models.CharField(max_length=40, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    # When its failure was last told of by mail: one alarm, then a digest a day (mail.md 17).
    alarmed_at = models.DateTimeField(null=True, blank=True)
    backlog = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint("authority", "address", "kind", name="account_unique"),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    @property
    def spam_keep(self) -> timedelta:
        """Return how long held spam is kept."""
        return timedelta(days=self.spam_keep_days)

    @property
    def folders(self) -> list[str]:
        """Return the names of all folders that are read, the watched one last."""
        return [*self.further_folders, self.folder]


class FolderState(models.Model):
    """How far a folder on a server is known.

    ``uidvalidity`` is its generation, None until the first connect. UIDs below
    ``first_uid`` were there then: of those only what arrived after ``import_since``
    is taken, and everything where that is None.
    """

    account = models.ForeignKey(
        Account,
        models.CASCADE,
        db_index=False,  # the constraint below begins with it
        related_name="folder_states",
    )
    name = models.CharField(max_length=255)
    import_since = models.DateTimeField(null=True, blank=True)
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    first_uid = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("account", "name", name="folder_state_unique"),)

    def __str__(self) -> str:
        """Name the folder."""
        return self.name


class RawMessage(models.Model):
    """The unaltered bytes of one mail, committed before anything looks into them.

    ``content_hash`` is the SHA-256 of the bytes after the trace headers, so
    that one mail seen twice by one account is one row (mail.md 3). Bytes up
    to 64 KB lie in ``body``, larger ones in ``file``.
    """

    class State(models.TextChoices):
        """What became of it; every mail ends in one of those behind "stored" (I9)."""

        STORED = "stored", _("waiting")
        FILED = "filed", _("filed")
        IGNORED = "ignored", _("ignored")
        QUARANTINED = "quarantined", _("in quarantine")
        DISCARDED = "discarded", _("discarded by hand")
        SPAM = "spam", _("held as spam")

    account = models.ForeignKey(Account, models.PROTECT, related_name="raw_messages")
    message_id = models.CharField(max_length=500)
    content_hash = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    body = models.BinaryField(null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    envelope_from = models.CharField(
        max_length=320, null=True
    )  # null: no envelope was seen, "": the null sender
    envelope_to = models.JSONField(default=list)
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=11, choices=State.choices, default=State.STORED)
    reason = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, related_name="+")
    article = models.ForeignKey(Article, models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "account", "message_id", "content_hash", name="raw_message_unique"
            ),
        )
        indexes = (
            models.Index(fields=("id",), name="raw_waiting", condition=models.Q(state="stored")),
            models.Index(
                fields=("stored_at",),
                name="raw_quarantine",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=("-id",),
                name="raw_left_out",
                # As the list asks: SQLite sees no more in values than that two are the same.
                condition=models.Q(state="ignored") | models.Q(state="discarded"),
            ),
        )

    def __str__(self) -> str:
        """Name row and state."""
        return f"raw message {self.pk} ({self.state})"

    @property
    def reason_words(self) -> str:
        """Return the reason as a person reads it."""
        return describe(self.reason)


class Sighting(models.Model):
    """A place on a server where a raw message was seen; flags and moves hang on it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="sightings")
    folder = models.CharField(max_length=255)
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    raw_message = models.ForeignKey(RawMessage, models.CASCADE, null=True, related_name="sightings")
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "account", "folder", "uidvalidity", "uid", name="sighting_unique"
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "uid"),
                name="sighting_unsettled",
                condition=models.Q(settled_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        """Name folder and UID."""
        return f"{self.folder} {self.uidvalidity}/{self.uid}"


class SentCopy(models.Model):
    """A copy of a sent message on its way into the mailbox; nothing of it reaches the outbox."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    message = models.OneToOneField(OutgoingMessage, models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="sent_copies")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("next_attempt_at", "id"),
                name="sent_copy_due",
                condition=models.Q(state="waiting"),
            ),
        )

    def __str__(self) -> str:
        """Name message and state."""
        return f"copy of message {self.message_id} ({self.state})"


class SenderRule(models.Model):
    """An address or a whole domain whose mail is kept out, or let in all the same (mail.md 58).

    ``pattern`` is compared in its normal form; of an address and its domain the
    address counts.
    """

    class Verdict(models.TextChoices):
        """What becomes of the mail."""

        BAN = "ban", _("keep out")
        ALLOW = "allow", _("let in")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="sender_rules")
    pattern = models.CharField(max_length=320)
    verdict = models.CharField(max_length=5, choices=Verdict.choices, default=Verdict.BAN)
    note = models.CharField(max_length=200, blank=True)
    hits = models.PositiveIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "pattern", name="sender_rule_unique"),)

    def __str__(self) -> str:
        """Name itself by id alone: an address is personal."""
        return f"sender rule {self.pk}"
