"""Articles, their files, the Message-IDs they know, and drafts of what comes next."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen
from helpdesk.files.models import StoredFile
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.enums import ArticleKind, Channel, Trust
from helpdesk.tickets.models.ticket import Ticket


class Article(models.Model):
    """One contribution; nothing a citizen wrote is ever edited or dropped.

    ``text`` is what an agent sees first, ``full_text`` keeps quotes and
    signatures. ``html`` is sanitised before it gets here; of what an agent marked it is the
    look, ``text`` the plain form and ``source`` what was typed. ``raw_message_id`` is the id
    of the raw mail in the room above, unique within the ticket;
    ``request_key`` names the submission of a form, a note or an API call.
    ``published_at`` is when an answer that is no mail appears on the status page.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="articles")
    kind = models.CharField(max_length=10, choices=ArticleKind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    author_user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    author_citizen = models.ForeignKey(
        Citizen, models.SET_NULL, null=True, blank=True, related_name="articles", db_index=False
    )
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    reply_address = models.CharField(max_length=320, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    full_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    source = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    message_id = models.CharField(max_length=500, blank=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    raw_message_id = models.BigIntegerField(null=True, blank=True)
    request_key = models.CharField(max_length=80, null=True, blank=True)
    outgoing = models.OneToOneField(
        OutgoingMessage, models.PROTECT, null=True, blank=True, related_name="article"
    )
    trust = models.CharField(max_length=12, choices=Trust.choices, default=Trust.PARTICIPANT)
    is_automatic = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(default=False)
    crypto = models.CharField(max_length=10, blank=True)
    authentication = models.CharField(max_length=80, blank=True)
    warnings = models.JSONField(default=list)
    received_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                "ticket",
                "raw_message_id",
                condition=models.Q(raw_message_id__isnull=False),
                name="article_raw_unique",
            ),
            # Absent, not empty, where there is none: both engines then look up by the whole index.
            models.UniqueConstraint("request_key", name="article_request_unique"),
        )
        indexes = (
            # Not partial: SQLite can't tell that a bound value is not empty, and would walk
            # through all articles for every mail.
            models.Index(fields=("message_id",), name="article_message_id"),
            # Both, so that neither a citizen's nor an agent's articles are walked through to
            # tell whether this agent has taken in this citizen.
            models.Index(fields=("author_citizen", "author_user"), name="article_taken_in"),
            models.Index(
                fields=("raw_message_id",),
                name="article_raw",
                condition=models.Q(raw_message_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Name kind and ticket."""
        return f"{self.kind} {self.pk} in ticket {self.ticket_id}"


# What a thread shows. Not the HTML of mails, which is large; of authors the name alone.
SHOWN_IN_THREAD = (
    *(field.name for field in Article._meta.concrete_fields if field.name != "html"),  # noqa: SLF001 - Django's own name for it
    *("author_user__name", "author_citizen__name"),
    *("outgoing__state", "outgoing__not_before", "outgoing__attempts_made"),
    *("outgoing__last_error", "outgoing__settled_as", "outgoing__forget_at"),
)


class MessageReference(models.Model):
    """A Message-ID that a stored mail refers to, so that siblings find each other (mail.md 68)."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="references")
    message_id = models.CharField(max_length=500)

    class Meta:
        indexes = (models.Index(fields=("message_id",), name="message_reference_id"),)

    def __str__(self) -> str:
        """Name its article."""
        return f"reference of article {self.article_id}"


class Attachment(models.Model):
    """A file of an article under the cleaned name its sender gave it.

    ``public_file`` is the copy without hidden data that pages outside may show; the
    file itself is for the staff. ``thumbnail`` is that copy again, small. ``scan_state`` is
    that of the file, where a page was read.
    """

    scan_state: str = ""

    article = models.ForeignKey(Article, models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    public_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+"
    )
    thumbnail = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    is_inline = models.BooleanField(default=False)
    cid = models.CharField(max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        indexes = (
            # Few have one, and whoever deletes a file asks for it.
            models.Index(
                fields=("thumbnail",),
                name="attachment_thumbnail",
                condition=models.Q(thumbnail__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Name its article."""
        return f"attachment {self.pk} of article {self.article_id}"


class DraftKind(models.TextChoices):
    """Which text of the composer a draft holds."""

    ANSWER = "answer"
    NOTE = "note"
    FORWARD = "forward"
    CALL = "call"


class ArticleDraft(models.Model):
    """What an agent has typed but not sent, kept on the server within seconds.

    ``fields`` holds what else stands in the form: who gets copies, what was chosen.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=8, choices=DraftKind.choices)
    body = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    seen_article_id = models.BigIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint("ticket", "user", "kind", name="article_draft_unique"),
        )

    def __str__(self) -> str:
        """Name kind, ticket and user."""
        return f"{self.kind} draft of user {self.user_id} in ticket {self.ticket_id}"


class DraftFile(models.Model):
    """A file that goes along with a draft, as :class:`Attachment` holds it later."""

    draft = models.ForeignKey(ArticleDraft, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    public_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        """Name its draft."""
        return f"file {self.pk} of draft {self.draft_id}"
