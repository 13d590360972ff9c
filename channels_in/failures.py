"""Why a mailbox can't be read: a short code that is stored, and its words for people."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_in.mail.mailbox import MailboxError
from channels_in.store import DiskFullError
from helpdesk.lib.secretbox import SecretUnreadableError
from helpdesk.outbox.advice import STEPS, Cause, cause_of, sentence
from helpdesk.outbox.oauth import GrantError

DISK, SECRET, TOKEN, SETTLE, LINE, INNER = "disk", "secret", "token", "settle", "line", "inner"
WORDS: Mapping[str, StrOrPromise] = {
    DISK: _("There is too little room on the disk. Make room: until then all mail stays there."),
    SECRET: _("The stored password can't be read. Enter it again."),
    TOKEN: _("There is no token to sign in with. Check the application and its secret."),
    SETTLE: _(
        "Mail is fetched, but not all of it could be marked, moved or deleted there, or a folder "
        "could not be opened. Check the folders, the rights there, and whether they are full."
    ),
    LINE: _("The connection broke off. It is tried again by itself."),
    INNER: _("Fetching stopped over an error of the program. It is tried again by itself."),
}
OWN: tuple[tuple[type[Exception], str], ...] = (
    (DiskFullError, DISK),
    (SecretUnreadableError, SECRET),
)


def code_of(error: Exception) -> str:
    """Return the code of a failure: one of ours, or step and cause as the connection test has."""
    own = next((code for kind, code in OWN if isinstance(error, kind)), None)
    if own is not None:
        return own
    if not isinstance(error, MailboxError):
        return INNER
    if isinstance(error.__cause__, GrantError):
        return TOKEN
    if error.step not in STEPS:
        return LINE
    cause = Cause.ANSWER if error.__cause__ is None else cause_of(error)
    return f"{error.step}/{cause}"


def words_of(code: str) -> str:
    """Return what failed and what to do, in the reader's language."""
    step, _slash, cause = code.partition("/")
    if step in STEPS and cause in set(Cause):
        return sentence(step, Cause(cause))
    return str(WORDS.get(code, WORDS[INNER]))
