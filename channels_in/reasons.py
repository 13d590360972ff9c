"""Why a mail is where it is: the codes that RawMessage.reason may hold, with their words."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Notice(models.TextChoices):
    """Said of a mail that is filed, or on its way to be."""

    OVERSIZE = "oversize", _("too large: only its beginning was read, the rest is on the server")
    RESCUED = "rescued", _("could not be read; made a ticket by itself")
    DELIVERY_REPORT = "delivery_report", _("delivery report about a message of ours")
    BY_HAND = "by_hand", _("could not be read; made a ticket by hand")
    NOT_SPAM = "not_spam", _("was held as spam; released by hand")
    LET_IN = "let_in", _("became no request at first; let in by hand")


class Ignored(models.TextChoices):
    """Mail that becomes no article of its own; it stays listed, with its bytes."""

    OWN_MAIL = "own_mail", _("our own mail came back")
    BANNED = "banned", _("the sender is on the list of those kept out")
    COPY = "copy", _("copy of a mail that is in the request already")
    AUTOMATIC = "automatic", _("sent by a machine, and answers no request")
    BOUNCE = "bounce", _("delivery report about a message of ours")
    BOUNCE_UNKNOWN = "bounce_unknown", _("bounce without our message")
    REPORT = "report", _("read or delivery receipt about a message of ours")
    REPORT_UNKNOWN = "report_unknown", _("read or delivery receipt without our message")
    SPAM_PURGED = "spam_purged", _("held as spam, deleted after its time")
    PURGED = "purged", _("its request was deleted for good")


class Quarantine(models.TextChoices):
    """Mail that waits for a person, or for its becoming a ticket after 30 minutes."""

    UNREADABLE = "unreadable", _("could not be read")
    NOT_FILED = "not_filed", _("could not be filed")
    CRASHED = "crashed", _("ended its process several times")
    BYTES_MISSING = "bytes_missing", _("its stored bytes are missing")


# Before the name of the filter that made no request of a mail.
BY_FILTER = "filter:"
# Who lets a mail through by hand has decided more than any rule.
LET_THROUGH = frozenset({Notice.NOT_SPAM.value, Notice.LET_IN.value})
# What the program may have judged wrongly: a person may make a request of it all the same.
_IN_DOUBT = frozenset(
    {
        Ignored.BANNED.value,
        Ignored.AUTOMATIC.value,
        Ignored.BOUNCE_UNKNOWN.value,
        Ignored.REPORT_UNKNOWN.value,
    }
)
# Of these nothing is left but the row.
EMPTIED = frozenset({Ignored.SPAM_PURGED.value, Ignored.PURGED.value})
WORDS = {choice.value: choice.label for kind in (Notice, Ignored, Quarantine) for choice in kind}


def describe(reason: str) -> str:
    """Return a reason in words; a reason typed by hand is returned as it is."""
    if reason.startswith(BY_FILTER):
        return gettext("filter “%(name)s”") % {"name": reason.removeprefix(BY_FILTER)}
    return str(WORDS.get(reason, reason))


def is_in_doubt(reason: str) -> bool:
    """Tell whether what became no request for this reason may yet become one."""
    return reason in _IN_DOUBT or reason.startswith(BY_FILTER)


# Codes of Article.warnings: from the parser, from the mapping, and what an agent reads.
WARNINGS = {
    "name_is_another_address": _("The name of the sender is a different mail address"),
    "several_senders": _("The mail names several senders"),
    "reply_to_differs": _("Answers are wanted at another address"),
    "authentication_failed": _("The sender's domain disowns this mail: it may be forged"),
    "oversize": _("Too large: only the beginning of the mail was read"),
    "too_many_files": _(
        "This mail brought more files than are kept one by one; all of them are in the original "
        "e-mail"
    ),
    "sender_not_from": _("The mail names no author; the sender is taken from elsewhere"),
    "too_many_recipients": _("More recipients than are listed here"),
    "mime_too_deep": _("Nested too deeply: parts of the mail are attached unread"),
    "mime_too_many_parts": _("Too many parts: some of the mail is attached unread"),
}


# The same for codes that carry a value behind a colon.
WARNINGS_ABOUT = {
    "sent_by": _("Sent by %(value)s on behalf of the author named"),
    "forwarded_from": _("Passed on: written by %(value)s, as the mail says"),
}


def describe_warning(code: str) -> str:
    """Return a warning in words; an unknown code is returned as it is."""
    kind, _colon, value = code.partition(":")
    if value and kind in WARNINGS_ABOUT:
        return str(WARNINGS_ABOUT[kind]) % {"value": value}
    return str(WARNINGS.get(code, code))
