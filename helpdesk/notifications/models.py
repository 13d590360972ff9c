"""What agents are told and how they want it, and wishes to be told that wait their turn."""

from datetime import time

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Authority, User
from helpdesk.lib.secretbox import SealedTextField
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.models import Ticket


class LinkRequest(models.Model):
    """Somebody asks for the link of a request; gone as soon as it has been looked at.

    The same row is written whether the request exists or not, so that neither the
    answer nor its time tells. Reference and address are as they were typed.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=20)
    email = models.CharField(max_length=320)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Name itself by id alone: what was typed is personal."""
        return f"link request {self.pk}"


class Reason(models.TextChoices):
    """Why somebody is told; the first that fits counts."""

    MENTIONED = "mentioned", _("I am named in a note")
    ASSIGNED = "assigned", _("A request is assigned to me")
    DEADLINE = "deadline", _("A deadline of mine comes near or has passed")
    REPLIED = "replied", _("A citizen writes to a request of mine")
    WATCHED = "watched", _("Something happens to a request I follow")


class Way(models.TextChoices):
    """How somebody wants to be told; all but ``off`` show it at the bell as well."""

    MAIL = "mail", _("at the bell and by mail at once")
    BUNDLED = "bundled", _("at the bell and by mail, gathered for 15 minutes")
    DAILY = "daily", _("at the bell and by mail once a day")
    BELL = "bell", _("at the bell only")
    OFF = "off", _("not at all")


MAILED = (Way.MAIL, Way.BUNDLED, Way.DAILY)


class Notice(models.Model):
    """One fact that concerns one agent; made with the reaction to the fact, exactly once.

    It holds ids and no word of anybody. ``away`` is for whom its reader stands in.
    ``mail_at`` is when it is to be mailed, if it is and nobody has read it by then;
    ``outgoing`` is the mail it stood in. ``push_at`` is the same for the reader's browsers.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notices", db_index=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notices")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    fact = models.CharField(max_length=60)
    event_id = models.BigIntegerField()
    article_id = models.BigIntegerField(null=True, blank=True)
    actor = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    away = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    way = models.CharField(max_length=8, choices=Way.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    mail_at = models.DateTimeField(null=True, blank=True)
    # When browsers are told of it, if any are; while it is being done, when that is tried again.
    push_at = models.DateTimeField(null=True, blank=True)
    outgoing = models.ForeignKey(
        OutgoingMessage, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint("user", "event_id", name="notice_unique"),)
        indexes = (
            models.Index(
                fields=("user", "ticket"),
                name="notice_unread",
                condition=models.Q(read_at__isnull=True),
            ),
            models.Index(fields=("user", "-id"), name="notice_of_user"),
            models.Index(
                fields=("mail_at",),
                name="notice_to_mail",
                condition=models.Q(mail_at__isnull=False),
            ),
            models.Index(
                fields=("push_at",),
                name="notice_to_push",
                condition=models.Q(push_at__isnull=False),
            ),
            models.Index(fields=("created_at",), name="notice_age"),
        )

    def __str__(self) -> str:
        """Name reader, reason and ticket by id."""
        return f"user {self.user_id} told of ticket {self.ticket_id}: {self.reason}"


class NoticeChoices(models.Model):
    """How one agent wants to be told of what; who has chosen nothing has no row.

    Quiet hours hold mails back, never the bell; ``quiet_from`` equal to ``quiet_until``
    means that there are none.
    """

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="notice_choices"
    )
    mentioned = models.CharField(max_length=8, choices=Way.choices, default=Way.MAIL)
    assigned = models.CharField(max_length=8, choices=Way.choices, default=Way.BELL)
    deadline = models.CharField(max_length=8, choices=Way.choices, default=Way.MAIL)
    replied = models.CharField(max_length=8, choices=Way.choices, default=Way.BELL)
    watched = models.CharField(max_length=8, choices=Way.choices, default=Way.BELL)
    quiet_from = models.TimeField(default=time(0))
    quiet_until = models.TimeField(default=time(0))
    quiet_weekends = models.BooleanField(default=False)
    daily_at = models.TimeField(default=time(7))

    def __str__(self) -> str:
        """Name the agent by id."""
        return f"how user {self.user_id} is told"


class PushIdentity(models.Model):
    """The keys by which an authority proves itself to push services; there while push is on.

    ``contact`` is whom the operator of a push service may write to ("mailto:…", RFC 8292 2.1).
    """

    authority = models.OneToOneField(
        Authority, models.CASCADE, primary_key=True, related_name="push_identity"
    )
    public_key = models.CharField(max_length=100)
    private_key = SealedTextField()
    contact = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        """Name its authority."""
        return f"push identity of authority {self.authority_id}"


class PushBrowser(models.Model):
    """A browser that its user lets us tell of what is new; the address and its keys are sealed.

    Whoever knows them could push to it. ``failure`` is what its push service said last.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="push_browsers")
    digest = models.CharField(max_length=64, unique=True)
    endpoint = SealedTextField()
    p256dh = SealedTextField()
    auth = SealedTextField()
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    told_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        """Name its user by id."""
        return f"browser {self.pk} of user {self.user_id}"


class Follower(models.Model):
    """A citizen who wants to hear what becomes of somebody else's request; see ``following``.

    A mail address and no more: nobody who works here sees it, and it is forgotten when the
    request has been over for a while. ``told_end`` is the end they heard of last, ``told_news``
    the newest words.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="followers")
    email = models.CharField(max_length=320)
    language = models.CharField(max_length=10)
    nonce = models.CharField(max_length=32)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_end = models.DateTimeField(null=True, blank=True)
    told_news = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "email", name="follower_unique"),)

    def __str__(self) -> str:
        """Name itself and the ticket by id alone."""
        return f"follower {self.pk} of ticket {self.ticket_id}"


class FollowerNews(models.Model):
    """Words that staff wrote for all who follow a request."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="follower_news")
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField()
    key = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "key", name="follower_news_once"),)

    def __str__(self) -> str:
        """Name itself and the ticket by id alone."""
        return f"news {self.pk} for followers of ticket {self.ticket_id}"
