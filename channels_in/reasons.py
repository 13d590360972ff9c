"""Why a mail is where it is: the codes that RawMessage.reason may hold, with their words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.TextChoices):
    """Said of a mail that is filed, or on its way to be."""

    OVERSIZE = "oversize", _("too large: only its beginning was read, the rest is on the server")
    RESCUED = "rescued", _("could not be read; made a ticket by itself")
    BY_HAND = "by_hand", _("could not be read; made a ticket by hand")


class Ignored(models.TextChoices):
    """Mail that becomes no article of its own; it stays listed, with its bytes."""

    OWN_MAIL = "own_mail", _("our own mail came back")
    BOUNCE = "bounce", _("delivery report about a message of ours")
    BOUNCE_UNKNOWN = "bounce_unknown", _("bounce without our message")
    REPORT = "report", _("read or delivery receipt about a message of ours")
    REPORT_UNKNOWN = "report_unknown", _("read or delivery receipt without our message")


class Quarantine(models.TextChoices):
    """Mail that waits for a person, or for its becoming a ticket after 30 minutes."""

    UNREADABLE = "unreadable", _("could not be read")
    NOT_FILED = "not_filed", _("could not be filed")
    CRASHED = "crashed", _("ended its process several times")
    BYTES_MISSING = "bytes_missing", _("its stored bytes are missing")


WORDS = {choice.value: choice.label for kind in (Notice, Ignored, Quarantine) for choice in kind}


def describe(reason: str) -> str:
    """Return a reason in words; a reason typed by hand is returned as it is."""
    return str(WORDS.get(reason, reason))
