"""The files of a thread's entry, drawn with it: cards, links, folded pictures."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from html import escape
from zoneinfo import ZoneInfo

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext

from channels_in.mail.calendar import Card
from channels_in.mail.certificates import OPENPGP, Certificate
from helpdesk.desk.mail_files import MESSAGES, Files
from helpdesk.files.locks import lock_of, words_of
from helpdesk.files.pictures import READABLE
from helpdesk.files.serve import PDF
from helpdesk.tickets.models import Attachment
from helpdesk.ui.templatetags.ui import icon

_SAMPLE = 0
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?(?: \(([A-Za-z_/+-]{1,40})\))?")
# What an invitation wants, by its method (RFC 5546).
_METHODS = {
    "REQUEST": gettext_noop("Invitation"),
    "REPLY": gettext_noop("Answer to an invitation"),
    "COUNTER": gettext_noop("Another time is proposed"),
    "CANCEL": gettext_noop("Cancelled"),
}


@cache
def _pattern(name: str) -> str:
    """Return the address of something with a number, without that number."""
    return reverse(name, args=(_SAMPLE,))


def address_of(name: str, key: int) -> str:
    """Return the address of a route whose only argument is a number."""
    return _pattern(name).replace(f"/{_SAMPLE}/", f"/{key}/")


def draw_files(files: Files) -> str:
    """Return the cards, the list of files and the folded pictures."""
    return "".join(map(_card, files.cards)) + _list(files.listed) + _folded(files.folded)


def _list(files: Iterable[Attachment]) -> str:
    items = "".join(f"<li>{_file(file)}</li>" for file in files)
    return f'<ul class="files">{items}</ul>\n' if items else ""


def _file(file: Attachment) -> str:
    """Return a link to a file, or without one why it is not opened."""
    lock = lock_of(file.name, file.content_type, file.scan_state)
    told = f' <span class="muted">({escape(words_of(lock))})</span>' if lock else ""
    name = f"<span>{escape(file.name)} · {filesizeformat(file.size)}{told}</span>"
    if lock.is_shut:
        return f'<span class="file">{icon("lock")}{name}</span>'
    link = (
        f'<a class="file" href="{address_of("desk:attachment", file.pk)}"{_picture(file)}>'
        f"{_look(file)}{name}</a>"
    )
    if file.content_type not in MESSAGES:
        return link
    address = address_of("desk:message", file.pk)
    return f'{link} <a class="link" href="{address}">{escape(gettext("Read this e-mail"))}</a>'


def _picture(file: Attachment) -> str:
    """Return what lets a picture or a PDF open in a dialog of the page."""
    if file.content_type == PDF:
        address = address_of("desk:document", file.pk)
        return f' data-document="{address}" data-name="{escape(file.name)}"'
    if file.content_type not in READABLE:
        return ""
    address = address_of("desk:picture", file.pk)
    return f' data-picture="{address}" data-name="{escape(file.name)}"'


def _look(file: Attachment) -> str:
    """Return a sign for a file; for a picture itself, small, loaded when it comes into sight."""
    if file.content_type not in READABLE:
        return str(icon("file"))
    address = address_of("desk:thumbnail", file.pk)
    return f'<img src="{address}" alt="" width="44" height="34" loading="lazy" decoding="async">'


def _folded(files: tuple[Attachment, ...]) -> str:
    if not files:
        return ""
    words = ngettext(
        "%(counter)s picture of the text or the signature",
        "%(counter)s pictures of the text or the signature",
        len(files),
    ) % {"counter": len(files)}
    return (
        f'<details class="quote pictures"><summary>··· {escape(words)}</summary>'
        f"{_list(files)}</details>\n"
    )


def _card(card: Card | Certificate) -> str:
    return _certificate(card) if isinstance(card, Certificate) else _invitation(card)


def _invitation(card: Card) -> str:
    rows = {
        gettext("When"): _span(card.start, card.end),
        gettext("Where"): card.location,
        gettext("From"): card.organizer,
    }
    kind = gettext(_METHODS.get(card.method, gettext_noop("Date")))
    return _drawn("clock", kind, card.summary or gettext("No title"), rows)


def _certificate(card: Certificate) -> str:
    """Return what came along to check a signature by, told as what it is: unchecked."""
    rows = {
        gettext("Issued by"): card.issuer,
        gettext("Valid"): _days(card.since, card.until),
        gettext("Fingerprint"): " ".join(re.findall(".{1,4}", card.fingerprint)),
    }
    kind = gettext("Certificate that came along, not checked")
    if card.kind == OPENPGP:
        kind = gettext("OpenPGP key that was named or came along, not checked")
    return _drawn("info", kind, card.holder or gettext("No name"), rows)


def _days(since: date | None, until: date | None) -> str:
    days = (date_format(day, "DATE_FORMAT") for day in (since, until) if day)
    return " \u2013 ".join(days)


def _drawn(sign: str, kind: str, title: str, rows: Mapping[str, str]) -> str:
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items() if value
    )
    return (
        f'<section class="date-card">{icon(sign)}<div><p class="date-kind">{escape(kind)}</p>'
        f"<p><b>{escape(title)}</b></p><dl>{lines}</dl></div></section>\n"
    )


def _span(start: str, end: str) -> str:
    """Return from when to when, in words and in the reader's own time zone where that is known."""
    since, until = _local(start), _local(end)
    if since is None:
        return " \u2013 ".join(filter(None, (start, end)))
    day, time = since
    if until is None:
        return f"{day}, {time}" if time else day
    if until[0] == day and time:
        return f"{day}, {time}\u2013{until[1]}"
    return " \u2013 ".join(", ".join(filter(None, moment)) for moment in (since, until))


def _local(moment: str) -> tuple[str, str] | None:
    """Return day and time of day of a moment as `Card` writes it, None if it can't be told."""
    match = _MOMENT.fullmatch(moment)
    if match is None:
        return None
    day, time, zone = match.groups()
    try:
        if not time:
            return date_format(date.fromisoformat(day), "DATE_FORMAT"), ""
        naive = datetime.fromisoformat(f"{day} {time}")
        aware = naive.replace(tzinfo=ZoneInfo(zone)) if zone else timezone.make_aware(naive)
        local = timezone.localtime(aware)
    except (ValueError, KeyError, OSError):
        return None
    return date_format(local, "DATE_FORMAT"), date_format(local, "TIME_FORMAT")
