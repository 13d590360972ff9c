"""The kinds of things a ticket knows, and which change of status is allowed."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """The kind of way in."""

    MAIL = "mail", _("e-mail")
    WEB = "web", _("web form")
    PHONE = "phone", _("phone")
    COUNTER = "counter", _("counter")
    LETTER = "letter", _("letter")
    REST = "rest", _("interface")
    OPEN311 = "open311", _("Open311")
    DESK = "desk", _("desk")


class Status(models.TextChoices):
    """Named states of a ticket; the value is the kind."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WAITING_CITIZEN = "waiting_citizen", _("Waiting for the citizen")
    WAITING_THIRD = "waiting_third", _("Waiting for a third party")
    WAITING_DATE = "waiting_date", _("Waiting for a date")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    MERGED = "merged", _("Merged")
    DELETED = "deleted", _("Deleted")


ACTIVE = frozenset({Status.NEW, Status.OPEN})
WAITING = frozenset({Status.WAITING_CITIZEN, Status.WAITING_THIRD, Status.WAITING_DATE})
ENDED = frozenset({Status.RESOLVED, Status.CLOSED, Status.MERGED, Status.DELETED})

_AGENT_TARGETS = (ACTIVE | WAITING | {Status.RESOLVED, Status.CLOSED}) - {Status.NEW}
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.NEW: _AGENT_TARGETS,
    Status.OPEN: _AGENT_TARGETS,
    Status.WAITING_CITIZEN: _AGENT_TARGETS,
    Status.WAITING_THIRD: _AGENT_TARGETS,
    Status.WAITING_DATE: _AGENT_TARGETS,
    Status.RESOLVED: _AGENT_TARGETS,
    # A closed ticket only opens again; it never goes straight into waiting.
    Status.CLOSED: frozenset({Status.OPEN}),
    # Merging is a door of its own, and so is un-merging.
    Status.MERGED: frozenset(),
    # So are the ways into the bin and out of it.
    Status.DELETED: frozenset(),
}


class Outcome(models.TextChoices):
    """How a request ended, separate from its status."""

    ANSWERED = "answered", _("answered")
    FIXED = "fixed", _("fixed")
    DECLINED = "declined", _("declined")
    DUPLICATE = "duplicate", _("duplicate")
    NOT_RESPONSIBLE = "not_responsible", _("not responsible")
    WITHDRAWN = "withdrawn", _("withdrawn by the citizen")
    NO_REPLY = "no_reply", _("no reply from the citizen")
    SPAM = "spam", _("spam")
    TAKEN_BACK = "taken_back", _("taken back right after it was noted")


class Solved(models.TextChoices):
    """What a citizen says of the end of their request."""

    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class Priority(models.IntegerChoices):
    """Urgency; higher is more urgent."""

    LOW = 10, _("low")
    NORMAL = 20, _("normal")
    HIGH = 30, _("high")
    URGENT = 40, _("urgent")


class Result(models.TextChoices):
    """What becomes of a request in the moment in which a call or a visit is noted."""

    DONE = "done", _("done")
    OPEN = "open", _("open")
    CALLBACK = "callback", _("call back")
    KEEP = "keep", _("status stays as it is")


# Where somebody talked with the citizen; a letter that came in has not been answered by that.
SPOKEN = frozenset({Channel.PHONE, Channel.COUNTER})


class ArticleKind(models.TextChoices):
    """One contribution inside a ticket; what is no message and no answer is never shown outside."""

    MESSAGE = "message", _("message")
    ANSWER = "answer", pgettext_lazy("contribution", "answer")
    NOTE = "note", _("internal note")
    PHONE_NOTE = "phone_note", _("phone note")
    FORWARD = "forward", _("forwarded")


class Trust(models.TextChoices):
    """How sure we are that a message comes from whom it claims (mail.md 63, 64)."""

    PARTICIPANT = "participant", _("participant")
    THIRD_PERSON = "third_person", _("third person")
    UNVERIFIED = "unverified", _("sender not verified")
    STAFF_CLAIM = "staff_claim", _("claims to be staff")


class LinkKind(models.TextChoices):
    """Why two tickets point to each other."""

    MENTIONS = "mentions", _("mentions")
    FOLLOWS = "follows", _("follows")
    SAME_MAIL = "same_mail", _("same mail to another mailbox")
    RELATED = "related", _("related")
    PART_OF = "part_of", _("part of")
    CAUSED_BY = "caused_by", _("caused by")
    SPLIT = "split", _("split off")
