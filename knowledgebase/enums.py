"""What an answer can be: its languages, its readers, its states."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KnowledgeLanguage(models.TextChoices):
    """Languages of answers; the values are what ``lang`` says in a page (BCP 47)."""

    GERMAN = "de", "Deutsch"
    ENGLISH = "en", "English"
    SIMPLE = "de-simple", "Leichte Sprache"


class Visibility(models.TextChoices):
    """Who may read a published answer."""

    PUBLIC = "public", _("public")
    SIGNED_IN = "account", _("citizens who are signed in")
    STAFF = "staff", _("all staff")
    TEAM = "team", _("this team only")


class State(models.TextChoices):
    """Where an answer stands; only a published one has readers."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    ARCHIVED = "archived", _("archived")


class Stage(models.TextChoices):
    """How far the working copy has come on its way to the readers."""

    WRITING = "writing", _("being written")
    REVIEW = "review", _("in review")
    APPROVED = "approved", _("approved")
    SCHEDULED = "scheduled", _("scheduled")


class FeedbackReason(models.TextChoices):
    """Why an answer did not help."""

    MISSING = "missing", _("Something is missing")
    UNCLEAR = "unclear", _("I do not understand it")
    WRONG = "wrong", _("Something is wrong or out of date")
    OTHER = "other", _("Another reason")
