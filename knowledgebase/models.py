"""Tables of the knowledge base.

An answer has one working copy and, once published, one live version beside it. Both are rows
of :class:`AnswerText`, one a language: without a version they are the working copy. What
decides about rights (visibility, team, state) stands on the answer and holds at once.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority, Team
from helpdesk.files.models import StoredFile
from helpdesk.tickets.models import Category, Ticket
from knowledgebase.addresses import file_path
from knowledgebase.enums import FeedbackReason, KnowledgeLanguage, Stage, State, Visibility

TITLE_LENGTH = 160
SUMMARY_LENGTH = 500
FACT_LENGTH = 200
NOTE_LENGTH = 300
SNIPPET_ABOUT = 160


class Section(models.Model):
    """A node of the tree of sections, at most three levels deep."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="sections")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    slug = models.SlugField(max_length=60)
    summary = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    # Two people for each publishing, here and in the sections below.
    needs_review = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint("authority", "slug", name="section_slug_unique"),
            models.UniqueConstraint(
                "authority", "parent", "name", name="section_name_unique", nulls_distinct=False
            ),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class Answer(models.Model):
    """One help text with everything about it but its words.

    ``revision`` grows with each saving of the working copy: two editors notice each other by
    it. ``has_changes`` says that the working copy differs from the live version. ``team`` is
    responsible; with visibility "team" it is also the only one that may know of the answer.

    ``stage`` is how far the working copy has come; ``stage_note`` is why it came back.
    ``submitted_by`` wants it published, ``approved_by`` has found it right, and any change
    of the words takes both away.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="answers")
    section = models.ForeignKey(Section, models.PROTECT, related_name="answers")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    category = models.ForeignKey(Category, models.SET_NULL, null=True, blank=True, related_name="+")
    visibility = models.CharField(
        max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    has_changes = models.BooleanField(default=True)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.WRITING)
    stage_note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What holds from the next publishing on, where two people are demanded (see `placing`).
    wanted_section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="+"
    )
    wanted_visibility = models.CharField(max_length=8, choices=Visibility.choices, blank=True)
    wanted_team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    publish_at = models.DateTimeField(null=True, blank=True)
    publish_note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    internal = models.TextField(blank=True)
    review_on = models.DateField(null=True, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    # The review date of which its owner has been told.
    reminded_of = models.DateField(null=True, blank=True)
    live_version = models.ForeignKey(
        "AnswerVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors"
    )
    related = models.ManyToManyField("self", blank=True)
    # The request whose messages it was drafted from; no relation, for the request may be deleted.
    from_ticket = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(visibility=Visibility.TEAM) | models.Q(team__isnull=False),
                name="answer_of_a_team_has_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.PUBLISHED) | models.Q(live_version__isnull=False),
                name="answer_published_has_version",
            ),
            models.CheckConstraint(
                condition=models.Q(stage=Stage.SCHEDULED, publish_at__isnull=False)
                | (~models.Q(stage=Stage.SCHEDULED) & models.Q(publish_at__isnull=True)),
                name="answer_scheduled_has_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=("authority", "state", "visibility", "section"), name="answer_shown"
            ),
            models.Index(
                fields=("publish_at",),
                name="answer_to_publish",
                condition=models.Q(publish_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Name it by its key; its words stand in its texts."""
        return f"answer {self.pk}"

    @property
    def state_mark(self) -> str:
        """Return what tells one state of its draft from all later ones."""
        return self.updated_at.isoformat()


class AnswerVersion(models.Model):
    """What was published once, kept as it was: its texts, its internal block, its files."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    internal = models.TextField(blank=True)
    files: "models.ManyToManyField[AnswerFile, models.Model]" = models.ManyToManyField(
        "AnswerFile", blank=True, related_name="versions"
    )
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Who found it right, where it was another one; and what was changed and why.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    # The keys of the answers that its texts link to.
    links = models.JSONField(default=list)
    # The shared texts as they were then: language → name → HTML.
    snippets = models.JSONField(default=dict)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint("answer", "number", name="answer_version_unique"),)

    def __str__(self) -> str:
        """Name answer and number."""
        return f"version {self.number} of answer {self.answer_id}"


class AnswerText(models.Model):
    """The words of an answer in one language; without a version it is the working copy.

    ``body`` is sanitised HTML and nothing else: only the doors write it.
    """

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="texts")
    version = models.ForeignKey(
        AnswerVersion, models.CASCADE, null=True, blank=True, related_name="texts"
    )
    language = models.CharField(max_length=10, choices=KnowledgeLanguage.choices)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    summary = models.CharField(max_length=SUMMARY_LENGTH, blank=True)
    body = models.TextField(blank=True)
    cost = models.CharField(max_length=FACT_LENGTH, blank=True)
    duration = models.CharField(max_length=FACT_LENGTH, blank=True)
    documents = models.TextField(blank=True)
    online_url = models.CharField(max_length=500, blank=True)
    online_label = models.CharField(max_length=120, blank=True)
    # In German sign language: where the video is, how long it runs, where its words stand.
    video_url = models.CharField(max_length=500, blank=True, default="")
    video_length = models.CharField(max_length=40, blank=True, default="")
    video_words_url = models.CharField(max_length=500, blank=True, default="")
    # The words it was translated from, and whether those have changed since.
    source = models.JSONField(default=dict, blank=True)
    is_outdated = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "answer",
                "version",
                "language",
                name="answer_text_unique",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        """Name answer and language."""
        return f"text of answer {self.answer_id} ({self.language})"


class Snippet(models.Model):
    """A text that many answers share: a fee, opening hours. Answers name it by ``name``.

    ``proposed`` (language → HTML) waits for a second person, where answers need two.
    """

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="snippets")
    name = models.SlugField(max_length=60)
    about = models.CharField(max_length=SNIPPET_ABOUT, blank=True)
    proposed = models.JSONField(default=dict, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint("authority", "name", name="snippet_name_unique"),)

    def __str__(self) -> str:
        """Return its name."""
        return self.name

    @property
    def reference(self) -> str:
        """Return what editors write where it shall stand."""
        return f"{{{{ {self.name} }}}}"

    @property
    def state_mark(self) -> str:
        """Return what tells one state of it from all later ones."""
        return self.updated_at.isoformat()


class SnippetText(models.Model):
    """The words of a shared text in one language; ``body`` is sanitised HTML."""

    snippet = models.ForeignKey(Snippet, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10, choices=KnowledgeLanguage.choices)
    body = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint("snippet", "language", name="snippet_text_unique"),)

    def __str__(self) -> str:
        """Name the shared text and the language."""
        return f"{self.snippet_id} ({self.language})"


class SnippetUse(models.Model):
    """A text of an answer names a shared text."""

    snippet = models.ForeignKey(Snippet, models.PROTECT, related_name="uses")
    text = models.ForeignKey(AnswerText, models.CASCADE, related_name="snippet_uses")

    class Meta:
        constraints = (models.UniqueConstraint("snippet", "text", name="snippet_use_unique"),)

    def __str__(self) -> str:
        """Name both keys."""
        return f"{self.snippet_id} in text {self.text_id}"


class AnswerFile(models.Model):
    """A file of an answer; a picture is described by ``alt`` or called decorative.

    A removed one stays for the versions that hold it, out of reach of readers.
    """

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    is_image = models.BooleanField(default=False)
    # In pixels; 0 where nobody has read them.
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    alt = models.CharField(max_length=300, blank=True)
    is_decorative = models.BooleanField(default=False)
    is_removed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        """Name it by its key."""
        return f"file {self.pk} of answer {self.answer_id}"

    @property
    def is_video(self) -> bool:
        """Tell whether it may be a video in sign language."""
        return self.content_type.startswith("video/")

    @property
    def is_captions(self) -> bool:
        """Tell whether it may be the captions of a video."""
        return self.content_type == "text/vtt"

    @property
    def public_path(self) -> str:
        """Return the address at which readers find it."""
        return file_path(self.pk)


class AnswerFeedback(models.Model):
    """Whether an answer helped; nothing in it tells who said so."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="feedback")
    language = models.CharField(max_length=10, choices=KnowledgeLanguage.choices)
    is_helpful = models.BooleanField()
    reason = models.CharField(max_length=10, choices=FeedbackReason.choices, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=("answer", "-created_at"), name="answer_feedback_newest"),)

    def __str__(self) -> str:
        """Name the answer."""
        return f"feedback {self.pk} on answer {self.answer_id}"


class AnswerDay(models.Model):
    """How often an answer was read, put into an answer to a citizen, or not enough, on one day."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="days")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)
    insertions = models.PositiveIntegerField(default=0)
    # Requests that were begun at the answer, because questions were left.
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint("answer", "day", name="answer_day_unique"),)

    def __str__(self) -> str:
        """Name answer and day."""
        return f"answer {self.answer_id} on {self.day}"


class Synonym(models.Model):
    """Words that citizens use for the same thing, as editors keep them."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="synonyms")
    words = models.JSONField(default=list)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        """Return the words."""
        return " = ".join(self.words)


class Asked(models.Model):
    """What visitors searched for; nothing in it tells who searched.

    ``marks`` are at most three numbers below 4096 that only serve to tell two visitors apart;
    they are deleted as soon as there were enough visitors to show the words to editors.
    """

    query = models.CharField(max_length=60)
    visitors = models.PositiveSmallIntegerField(default=0)
    marks = models.JSONField(default=list)
    searches = models.PositiveIntegerField(default=0)
    first_on = models.DateField()
    last_on = models.DateField()
    is_ignored = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return the words."""
        return self.query


class SearchMiss(Asked):
    """What was searched for and not found."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="search_misses")

    class Meta:
        constraints = (models.UniqueConstraint("authority", "query", name="search_miss_unique"),)
        indexes = (
            models.Index(fields=("authority", "visitors", "-searches"), name="search_miss_most"),
        )


class SearchUse(Asked):
    """What was searched for and found, and how often one of what was found was opened."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="search_uses")
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint("authority", "query", name="search_use_unique"),)
        indexes = (
            models.Index(fields=("authority", "visitors", "-searches"), name="search_use_most"),
        )


class AnswerUse(models.Model):
    """An answer was put into an answer to the citizen of a request."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "answer", name="answer_use_unique"),)

    def __str__(self) -> str:
        """Name both keys."""
        return f"answer {self.answer_id} in ticket {self.ticket_id}"
