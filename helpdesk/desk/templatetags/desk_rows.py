"""The rows of a list, drawn in one go: fifty of them stand on the page that is opened most."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from helpdesk.desk.columns import COLUMNS, USUAL
from helpdesk.desk.deadlines import due_state
from helpdesk.desk.listing import Listing
from helpdesk.lib.phones import normalise_phone
from helpdesk.tickets.enums import Channel, Priority
from helpdesk.tickets.queries import Row
from helpdesk.ui.templatetags.ui import avatar_of, due_badge, icon, relative_time, status_badge
from helpdesk.worklists.filters import ENDED_SORTS

register = template.Library()

NO_NAME = "–"
# Staff know the year; the list shows what comes after it.
YEAR = 5
SAMPLE = "0000-000000"
TAGS_SHOWN = 3
# As much of the text as a line or two of a list can show; fifty of them are half of its page.
SNIPPET = 120
# Draws what stands in a cell, with everything escaped.
Cell = Callable[[Row, "Drawing"], str]


@cache
def _pattern() -> str:
    """Return the address of a ticket's page with a number to be replaced."""
    return reverse("desk:ticket", args=(SAMPLE,))


# Way in → its symbol in img/icons.svg.
CHANNEL_ICONS = {
    "mail": "mail",
    "web": "globe",
    "phone": "phone",
    "counter": "counter",
    "letter": "letter",
    "rest": "key",
    "open311": "globe",
    "desk": "pencil",
}


@register.simple_tag
def channel_icon(channel: str) -> SafeString:
    """Show by which way something came, as a symbol with its word."""
    return _channel_icon(channel, static("img/icons.svg"), get_language() or "")


@lru_cache(maxsize=64)
def _channel_icon(channel: str, _sprite: str, _language: str) -> SafeString:
    word = str(dict(Channel.choices).get(channel, channel))
    glyph = icon(CHANNEL_ICONS.get(channel, "pencil"), word)
    return format_html('<span class="channel" title="{}">{}</span>', word, glyph)


@register.simple_tag
def call_link(number: str, *, promised: bool = False) -> SafeString:
    """Show a number to click; ``promised`` means that somebody waits for this call."""
    href = f"tel:{normalise_phone(number)}"
    if not promised:
        return format_html('<a class="link" href="{}">{}</a>', href, number)
    words = gettext("Call back: %(number)s") % {"number": number}
    return format_html(
        '<a class="callback" href="{}" title="{}">{}<span class="vh">{}</span>'
        '<span aria-hidden="true">{}</span></a>',
        href,
        words,
        icon("call-back"),
        words,
        number,
    )


@dataclass(frozen=True, slots=True)
class Drawing:
    """What all rows of a list share while they are drawn."""

    ending: str
    now: datetime
    columns: tuple[tuple[str, Cell], ...]
    unread: str
    select: str
    current: str = ""


@register.simple_tag
def list_rows(
    rows: Iterable[Row],
    view: Any,  # noqa: ANN401 - the list's view, of which the slug is used
    columns: Sequence[str] = USUAL,
    current: str = "",
) -> SafeString:
    """Draw the rows of a list; ``current`` is the number of the one that is open."""
    drawing = Drawing(
        ending=f"?view={escape(view.slug)}",
        now=timezone.now(),
        columns=tuple((COLUMNS[name].css, CELLS[name]) for name in columns),
        unread=escape(gettext("unread")),
        select=escape(gettext("Select")),
        current=current,
    )
    return mark_safe("".join(_row(row, drawing) for row in rows))  # noqa: S308 - see _row


def _row(row: Row, drawing: Drawing) -> str:
    """Return one row; every value of it is escaped in its cell."""
    new = ""
    if row.is_unread:
        new = f'<span class="dot"></span><span class="vh">{drawing.unread}</span>'
    cells = "".join(
        f'<td class="{css}">{cell(row, drawing)}</td>\n' for css, cell in drawing.columns
    )
    state = (" is-unread" if new else "") + (" is-open" if row.number == drawing.current else "")
    return (
        f'<tr class="row{state}" id="t-{row.pk}" data-row'
        f' data-version="{row.version}">\n'
        f'<td class="c-check"><input type="checkbox" name="ids" form="bulk" value="{row.pk}"'
        f' data-select aria-label="{drawing.select} {row.number[YEAR:]}"></td>\n'
        f'<td class="c-dot">{new}</td>\n{cells}</tr>\n'
    )


def _title(row: Row, drawing: Drawing) -> str:
    address = f"{_pattern().replace(SAMPLE, row.number)}{drawing.ending}"
    is_open = ' aria-current="page"' if row.number == drawing.current else ""
    return (
        f'{_promise(row)}<a class="row-link" href="{address}"{is_open}>{escape(row.title)}</a>'
        f"{_tags(row.tag_line)}"
        f' <span class="snip">{escape(_begun(row.snippet))}</span>'
    )


def _begun(text: str) -> str:
    return text if len(text) <= SNIPPET else f"{text[:SNIPPET].rstrip()}…"


def _tags(line: str) -> str:
    """Return the first tags of a row; what is more is counted, and the page shows all."""
    if not line:
        return ""
    names = line.split(",")
    more = [f"+{len(names) - TAGS_SHOWN}"] if len(names) > TAGS_SHOWN else []
    return "".join(
        f' <span class="tag">{escape(name)}</span>' for name in [*names[:TAGS_SHOWN], *more]
    )


def _citizen(row: Row, _drawing: Drawing) -> str:
    return f"{channel_icon(row.channel)}{escape(row.citizen_name or NO_NAME)}"


def _who(row: Row, _drawing: Drawing) -> str:
    avatar = avatar_of(row.owner_id, row.owner_name)
    return f'<span class="who">{avatar} {escape(row.team_name)}</span>'


def _priority(row: Row, _drawing: Drawing) -> str:
    word = escape(_priority_word(row.priority, get_language() or ""))
    return f"<b>{word}</b>" if row.priority > Priority.NORMAL else word


@lru_cache(maxsize=32)
def _priority_word(value: int, _language: str) -> str:
    return str(Priority(value).label)


CELLS: Mapping[str, Cell] = {
    "number": lambda row, _drawing: row.number[YEAR:],
    "status": lambda row, _drawing: status_badge(row.status),
    "title": _title,
    "citizen": _citizen,
    "place": lambda row, _drawing: escape(row.place),
    "who": _who,
    "priority": _priority,
    "due": lambda row, drawing: due_badge(due_state(row, drawing.now)),
    "waiting": lambda row, _drawing: relative_time(row.waiting_until, long=True),
    "topic": lambda row, _drawing: escape(row.category_name or ""),
    "received": lambda row, _drawing: relative_time(row.received_at),
    "active": lambda row, _drawing: relative_time(row.active_at),
}


@register.simple_tag
def list_heads(columns: Sequence[str], listing: Listing) -> SafeString:
    """Draw the headings of a list; those of columns that sort are links that do."""
    return mark_safe("".join(_head(name, listing) for name in columns))  # noqa: S308 - see _head


def _head(name: str, listing: Listing) -> str:
    """Return one heading; every value of it is escaped here."""
    column = COLUMNS[name]
    key, word = column.sort, escape(str(column.label))
    now = listing.sort
    if not key or (listing.of_ended and key not in ENDED_SORTS):
        return f'<th class="{column.css}" scope="col">{word}</th>'
    state, arrow = "", ""
    if now.removeprefix("-") == key:
        falls = now.startswith("-")
        state = f' aria-sort="{"descending" if falls else "ascending"}"'
        arrow = f' <span aria-hidden="true">{"↓" if falls else "↑"}</span>'
    wanted = f"-{key}" if now == key else key
    address = escape(listing.address_of(replace(listing.filters, sort=wanted)))
    return f'<th class="{column.css}" scope="col"{state}><a href="{address}">{word}{arrow}</a></th>'


def _promise(row: Row) -> str:
    return f"{call_link(row.callback_phone, promised=True)} " if row.callback_phone else ""
