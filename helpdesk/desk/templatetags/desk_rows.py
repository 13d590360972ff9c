"""The rows of a list, drawn in one go: fifty of them stand on the page that is opened most."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from helpdesk.desk.deadlines import due_state
from helpdesk.tickets.queries import Row
from helpdesk.ui.templatetags.ui import avatar_of, due_badge, relative_time, status_badge

register = template.Library()

NO_NAME = "–"
# Staff know the year; the list shows what comes after it.
YEAR = 5
SAMPLE = "0000-000000"


@cache
def _pattern() -> str:
    """Return the address of a ticket's page with a number to be replaced."""
    return reverse("desk:ticket", args=(SAMPLE,))


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
        f'<td class="c-dot">{new}</td>\n'
        f'<td class="c-num">{row.number[YEAR:]}</td>\n'
        f'<td class="c-status">{status_badge(row.status)}</td>\n'
        f'<td class="c-title"><a class="row-link" href="{address}">{escape(row.title)}</a>'
        f' <span class="snip">{escape(row.snippet)}</span></td>\n'
        f'<td class="c-citizen">{escape(row.citizen_name or NO_NAME)}</td>\n'
        f'<td class="c-who"><span class="who">{avatar_of(row.owner_id, row.owner_name)}'
        f" {escape(row.team_name)}</span></td>\n"
        f'<td class="c-due">{due_badge(due_state(row, now))}</td>\n'
        f'<td class="c-cat">{escape(row.category_name or "")}</td>\n'
        f'<td class="c-age">{relative_time(row.active_at)}</td>\n'
        "</tr>\n"
    )
