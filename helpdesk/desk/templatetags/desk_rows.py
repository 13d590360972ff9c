"""The row of a list, drawn in one go: fifty of them stand on the page that is opened most."""

from functools import cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from helpdesk.tickets.models import Ticket
from helpdesk.ui.templatetags.ui import avatar, due_badge, relative_time, status_badge

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
def list_row(row: Ticket, view: Any) -> SafeString:  # noqa: ANN401 - the list's view, of which the slug is used
    """Draw one row of a list; every value of it is escaped here."""
    facts = vars(row)
    unread = gettext("unread")
    is_unread = facts["is_unread"]
    dot = f'<span class="dot"></span><span class="vh">{escape(unread)}</span>' if is_unread else ""
    address = f"{_pattern().replace(SAMPLE, row.number)}?view={view.slug}"
    return mark_safe(  # noqa: S308 - all foreign text goes through escape()
        f'<tr class="row{" is-unread" if is_unread else ""}" id="t-{row.pk}" data-row'
        f' data-ticket="{row.pk}" data-version="{row.version}">\n'
        f'<td class="c-dot">{dot}</td>\n'
        f'<td class="c-num">{escape(row.number[YEAR:])}</td>\n'
        f'<td class="c-status">{status_badge(row.status)}</td>\n'
        f'<td class="c-title"><a class="row-link" href="{escape(address)}">{escape(row.title)}</a>'
        f' <span class="snip">{escape(row.snippet)}</span></td>\n'
        f'<td class="c-citizen">{escape(row.citizen_name or NO_NAME)}</td>\n'
        f'<td class="c-who"><span class="who">{avatar(row.owner)} {escape(row.team.name)}</span>'
        "</td>\n"
        f'<td class="c-due">{due_badge(facts["due"])}</td>\n'
        f'<td class="c-cat">{escape(row.category.name) if row.category else ""}</td>\n'
        f'<td class="c-age">{relative_time(row.active_at)}</td>\n'
        "</tr>\n"
    )
