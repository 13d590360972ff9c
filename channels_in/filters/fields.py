"""What a condition may look at: the table of fields, and a mail as they see it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_in.mail.headers import decode_header
from channels_in.mail.parsed import ParsedMail
from channels_in.trace import fields_of
from helpdesk.lib.conditions import CHOICE, NUMBER, TEXT, fold

KILOBYTE = 1024
MAX_HEADERS = 50
Choices = tuple[tuple[str, str | Promise], ...]

YES_NO: Choices = (("yes", _("yes")), ("no", _("no")))
RESULTS: Choices = (
    ("dmarc=pass", _("DMARC passed")),
    ("dmarc=fail", _("DMARC failed")),
    ("dkim=pass", _("DKIM passed")),
    ("dkim=fail", _("DKIM failed")),
    ("spf=pass", _("SPF passed")),
    ("spf=fail", _("SPF failed")),
    ("none", _("nothing was checked")),
)


@dataclass(slots=True)
class MailView:
    """A mail with all that conditions ask of it; a text is folded once, when first asked for.

    ``results`` are those of our own server (mail.md 55), ``spam_mark`` what a trusted
    server says, "" for nothing. ``recipients`` are all addresses it was written to.
    """

    mail: ParsedMail
    raw: bytes
    recipients: tuple[str, ...] = ()
    results: dict[str, str] = field(default_factory=dict)
    spam_mark: str = ""
    _kept: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _fields: list[tuple[str, bytes]] | None = None

    def texts(self, name: str, header: str = "") -> tuple[str, ...]:
        """Return the folded texts of a field."""
        key = (name, header)
        if key not in self._kept:
            self._kept[key] = tuple(map(fold, FIELDS[name].read(self, header)))
        return self._kept[key]

    def headers(self, name: str) -> Iterable[str]:
        """Return the decoded values of a header, topmost first."""
        if self._fields is None:
            self._fields = fields_of(self.raw)
        wanted = name.strip().rstrip(":").lower()
        values = [value for found, value in self._fields if found == wanted]
        return map(decode_header, values[:MAX_HEADERS])


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to look at, the operators that fit it, and the values it may have, if few."""

    label: str | Promise
    operators: tuple[str, ...]
    read: Callable[[MailView, str], Iterable[str]]
    choices: Choices = ()


def _people(view: MailView) -> Iterable[str]:
    for each in view.mail.senders or filter(None, (view.mail.sender,)):
        yield from filter(None, (each.email, each.name))


def _to(view: MailView) -> Iterable[str]:
    names = (each.name for each in (*view.mail.to, *view.mail.cc) if each.name)
    return (*view.recipients, *names)


def _results(view: MailView) -> Iterable[str]:
    return [f"{method}={result}" for method, result in view.results.items()] or ["none"]


def _yes(value: object) -> tuple[str]:
    return ("yes" if value else "no",)


FIELDS: dict[str, Field] = {
    "from": Field(_("Sender"), TEXT, lambda view, _header: _people(view)),
    "to": Field(_("Written to"), TEXT, lambda view, _header: _to(view)),
    "subject": Field(_("Subject"), TEXT, lambda view, _header: (view.mail.subject or "",)),
    "body": Field(_("Text"), TEXT, lambda view, _header: (view.mail.text,)),
    "header": Field(_("Header"), TEXT, lambda view, header: view.headers(header)),
    "file_name": Field(
        _("Name of an attachment"),
        TEXT,
        lambda view, _header: (file.name for file in view.mail.attachments),
    ),
    "file_type": Field(
        _("Type of an attachment"),
        TEXT,
        lambda view, _header: (file.content_type for file in view.mail.attachments),
    ),
    "file_size": Field(
        _("Size of an attachment in KB"),
        NUMBER,
        lambda view, _header: (str(file.size // KILOBYTE) for file in view.mail.attachments),
    ),
    "authentication": Field(
        _("Check of the sender"), CHOICE, lambda view, _header: _results(view), RESULTS
    ),
    "spam": Field(_("Marked as spam"), CHOICE, lambda view, _header: _yes(view.spam_mark), YES_NO),
    "automatic": Field(
        _("Sent by a machine"), CHOICE, lambda view, _header: _yes(view.mail.is_auto), YES_NO
    ),
}
