"""Tables of things to be delivered; this room knows no ticket."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.agents.models import Authority, Team
from helpdesk.files.models import StoredFile
from helpdesk.lib.secretbox import SealedTextField


class Security(models.TextChoices):
    """How a connection to a mail server is protected; there is no fallback."""

    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("none (only on this machine)")


class Grant(models.Model):
    """Leave to use a mailbox by OAuth 2.0 (RFC 6749) in place of a password.

    The access token is kept, so that all processes share it; ``lease_until`` lets
    one at a time ask for a new one. ``expires_on`` is when the secret of the
    application ends, as its provider shows it to those who made it.
    """

    class Provider(models.TextChoices):
        """Who gives the tokens."""

        MICROSOFT = "microsoft", _("Microsoft 365")
        GOOGLE = "google", _("Google")
        OTHER = "other", _("another provider")

    class Flow(models.TextChoices):
        """How a token is asked for."""

        REFRESH = "refresh", _("on behalf of the mailbox, after signing in once")
        CLIENT = "client", _("as an application, without anybody signing in")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="grants")
    provider = models.CharField(max_length=9, choices=Provider.choices)
    flow = models.CharField(max_length=7, choices=Flow.choices, default=Flow.REFRESH)
    tenant = models.CharField(max_length=100, blank=True)
    authorize_url = models.CharField(max_length=500, blank=True)
    token_url = models.CharField(max_length=500)
    scope = models.CharField(max_length=500, blank=True)
    client_id = models.CharField(max_length=255)
    client_secret = SealedTextField(blank=True)
    refresh_token = SealedTextField(blank=True)
    access_token = SealedTextField(blank=True)
    access_until = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name provider and application, never a secret."""
        return f"{self.provider} {self.client_id}"

    @property
    def needs_sign_in(self) -> bool:
        """Whether somebody has to sign in before tokens can be asked for."""
        return self.flow == self.Flow.REFRESH and not self.refresh_token


class Sender(models.Model):
    """An address we write from, with the server that takes its mail.

    ``paused_until`` is set while its server can't be reached or refuses the
    login, so that a thousand waiting messages knock once and not a thousand times.
    """

    class Transport(models.TextChoices):
        """How messages leave."""

        SMTP = "smtp", _("SMTP server")
        DEMO = "demo", _("demo mailbox: nothing leaves the machine")

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="senders")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="senders")
    name = models.CharField(max_length=120)
    email = models.EmailField()
    transport = models.CharField(max_length=6, choices=Transport.choices, default=Transport.SMTP)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.STARTTLS)
    username = models.CharField(max_length=255, blank=True)
    password = SealedTextField(blank=True)
    # Whether mail to "address+tag" comes back to us (RFC 5233): see subaddress.py.
    subaddresses = models.BooleanField(default=False)
    # How an agent's name stands before our address; empty: agent and team (tickets' letters).
    name_template = models.CharField(max_length=120, blank=True)
    quotes_history = models.BooleanField(default=True)
    grant = models.ForeignKey(Grant, models.SET_NULL, null=True, blank=True, related_name="senders")
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("authority", "email", name="sender_email_unique"),
            models.UniqueConstraint(
                "authority", condition=models.Q(is_default=True), name="sender_one_default"
            ),
        )

    def __str__(self) -> str:
        """Return name and address."""
        return f"{self.name} <{self.email}>"


class MessageState(models.TextChoices):
    """Where an outgoing message stands; ``unsure`` asks a human (mail.md 96)."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNSURE = "unsure", _("unsure")
    CANCELLED = "cancelled", _("withdrawn")


class SettledAs(models.TextChoices):
    """What was done about a message that did not arrive."""

    OTHER = "other", _("sent to another address")
    LETTER = "letter", _("sent by letter")
    NOTHING = "nothing", _("nothing more to do")


class OutgoingMessage(models.Model):
    """Something to be delivered, whose Message-ID is minted when it is queued.

    ``idempotency_key`` makes a second queueing a no-op. ``not_before`` is the
    end of the undo window. ``delayed_at`` is when the first hour of waiting was
    reported. ``settled_as`` says what was done about one that did not arrive. ``forget_at`` is
    when what it opens is over, and its words are deleted.
    ``link_kind``/``link_id`` are for the room above that queued it; this room never reads them.
    """

    authority = models.ForeignKey(
        Authority,
        models.CASCADE,
        db_index=False,  # the index below begins with it
        related_name="outgoing_messages",
    )
    sender = models.ForeignKey(Sender, models.PROTECT, related_name="messages")
    idempotency_key = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=30)
    link_kind = models.CharField(max_length=20, blank=True)
    link_id = models.BigIntegerField(null=True, blank=True)
    message_id = models.CharField(max_length=255, unique=True)
    envelope_from = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=160, blank=True)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    is_automatic = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.QUEUED
    )
    not_before = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    delayed_at = models.DateTimeField(null=True, blank=True)
    settled_as = models.CharField(max_length=8, choices=SettledAs.choices, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    forget_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            # Each for one state: SQLite does not use an index whose condition lists several, and
            # takes one that begins with the state for useless, since nearly all rows are sent.
            models.Index(
                fields=("next_attempt_at", "id"),
                name="outgoing_due",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=("sender", "next_attempt_at", "id"),
                name="outgoing_of_sender",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=("not_before", "id"),
                name="outgoing_waiting",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=("lease_until", "id"),
                name="outgoing_sending",
                condition=models.Q(state="sending"),
            ),
            models.Index(fields=("authority", "state", "created_at"), name="outgoing_state"),
            models.Index(
                fields=("forget_at",),
                name="outgoing_forgotten",
                condition=models.Q(forget_at__isnull=False),
            ),
            models.Index(fields=("link_kind", "link_id"), name="outgoing_link"),
        )

    def __str__(self) -> str:
        """Name kind and state, never the recipients."""
        return f"{self.kind} {self.pk} ({self.state})"


class Recipient(models.Model):
    """One address of a message, with its own result."""

    class Field(models.TextChoices):
        """Where the address stands."""

        TO = "to", pgettext_lazy("recipient", "To")
        CC = "cc", _("Cc")
        BCC = "bcc", _("Bcc")

    class State(models.TextChoices):
        """What became of it; ``bounced`` comes later by a report.

        ``left_out`` was named by the writer and never tried; ``reply`` says why.
        """

        PENDING = "pending", _("pending")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        BOUNCED = "bounced", _("returned")
        LEFT_OUT = "left_out", _("left out")

    message = models.ForeignKey(OutgoingMessage, models.CASCADE, related_name="recipients")
    field = models.CharField(max_length=3, choices=Field.choices, default=Field.TO)
    name = models.CharField(max_length=160, blank=True)
    address = models.CharField(max_length=320)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    reply = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # What a report said when it came back: a code of RFC 3463, "5.1.1".
    status = models.CharField(max_length=12, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("message", "address", name="recipient_address_unique"),
        )
        indexes = (models.Index(fields=("address", "id"), name="recipient_address"),)

    def __str__(self) -> str:
        """Name message and state, never the address."""
        return f"recipient of message {self.message_id} ({self.state})"


class OutgoingFile(models.Model):
    """A file that goes with a message, in order; one with a ``cid`` is shown in its HTML."""

    message = models.ForeignKey(OutgoingMessage, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    cid = models.CharField(max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        """Name its message."""
        return f"file of message {self.message_id}"


class Attempt(models.Model):
    """One try to deliver, recorded before the wire and finished after it."""

    class Outcome(models.TextChoices):
        """How the try ended; ``data`` after a crash means that nobody knows."""

        STARTED = "started", _("started")
        DATA = "data", _("content on its way")
        ACCEPTED = "accepted", _("accepted")
        DELAYED = "delayed", _("to be tried again")
        REFUSED = "refused", _("refused")
        UNSURE = "unsure", _("unsure")

    message = models.ForeignKey(OutgoingMessage, models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.STARTED)
    server = models.CharField(max_length=255, blank=True)
    reply = models.CharField(max_length=300, blank=True)
    queue_id = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        """Name message and outcome."""
        return f"attempt for message {self.message_id} ({self.outcome})"
