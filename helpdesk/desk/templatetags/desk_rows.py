"""The rows of a list, drawn in one go: fifty of them stand on the page that is opened most."""

from collections.abc import Iterable
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

from helpdesk.desk.deadlines import due_state
from helpdesk.lib.phones import normalise_phone
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.queries import Row
from helpdesk.ui.templatetags.ui import avatar_of, due_badge, icon, relative_time, status_badge

register = template.Library()

NO_NAME = "–"
# Staff know the year; the list shows what comes after it.
YEAR = 5
SAMPLE = "0000-000000"
TAGS_SHOWN = 3


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


@register.simple_tag
def list_rows(rows: Iterable[Row], view: Any) -> SafeString:  # noqa: ANN401 - the list's view, of which the slug is used
    """Draw the rows of a list."""
    now, unread = timezone.now(), escape(gettext("unread"))
    ending = f"?view={escape(view.slug)}"
    return mark_safe("".join(_row(row, ending, unread, now) for row in rows))  # noqa: S308 - see _row


def _row(row: Row, ending: str, unread: str, now: datetime) -> str:
    """Return one row; every value of it is escaped here."""
    new = f'<span class="dot"></span><span class="vh">{unread}</span>' if row.is_unread else ""
    address = f"{_pattern().replace(SAMPLE, row.number)}{ending}"
    return (
        f'<tr class="row{" is-unread" if new else ""}" id="t-{row.pk}" data-row'
        f' data-ticket="{row.pk}" data-version="{row.version}">\n'
        f'<td class="c-check"><input type="checkbox" name="ids" form="bulk" value="{row.pk}"'
        f' data-select aria-label="{_select()} {row.number[YEAR:]}"></td>\n'
        f'<td class="c-dot">{new}</td>\n'
        f'<td class="c-num">{row.number[YEAR:]}</td>\n'
        f'<td class="c-status">{status_badge(row.status)}</td>\n'
        f'<td class="c-title">{_promise(row)}<a class="row-link" href="{address}">'
        f"{escape(row.title)}</a>{_tags(row.tag_line)} "
        f'<span class="snip">{escape(row.snippet)}</span></td>\n'
        f'<td class="c-citizen">{channel_icon(row.channel)}'
        f"{escape(row.citizen_name or NO_NAME)}</td>\n"
        f'<td class="c-who"><span class="who">{avatar_of(row.owner_id, row.owner_name)}'
        f" {escape(row.team_name)}</span></td>\n"
        f'<td class="c-due">{due_badge(due_state(row, now))}</td>\n'
        f'<td class="c-cat">{escape(row.category_name or "")}</td>\n'
        f'<td class="c-age">{relative_time(row.active_at)}</td>\n'
        "</tr>\n"
    )


def _tags(line: str) -> str:
    """Return the first tags of a row; what is more is counted, and the page shows all."""
    if not line:
        return ""
    names = line.split(",")
    more = [f"+{len(names) - TAGS_SHOWN}"] if len(names) > TAGS_SHOWN else []
    return "".join(
        f' <span class="tag">{escape(name)}</span>' for name in [*names[:TAGS_SHOWN], *more]
    )


def _select() -> str:
    return escape(gettext("Select"))


def _promise(row: Row) -> str:
    return f"{call_link(row.callback_phone, promised=True)} " if row.callback_phone else ""
