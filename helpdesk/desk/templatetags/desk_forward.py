"""What can go along with a forwarded message, drawn in one go: a long request has many of them."""

from collections.abc import Collection, Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from helpdesk.desk.composing import Pane
from helpdesk.tickets.models import Article
from helpdesk.ui.templatetags.ui import short_time

register = template.Library()

# So much of a message tells which it is.
BEGINNING = 48


@register.simple_tag
def forward_choices(
    articles: Iterable[Article], pane: Pane, chosen_first: Collection[int]
) -> SafeString:
    """Draw a box for each message: ticked as they were left, at first those of ``chosen_first``."""
    is_left = pane.draft or pane.fields
    ticked = set(map(str, pane.fields.get("articles", ()) if is_left else chosen_first))
    return mark_safe("".join(_choice(each, str(each.pk) in ticked) for each in articles))  # noqa: S308 - escaped in _choice


def _choice(article: Article, is_ticked: bool) -> str:  # noqa: FBT001 - how it is drawn
    user = article.author_user
    who = user.name if user else article.from_name or article.from_address
    checked = " checked" if is_ticked else ""
    return (
        f'<label><input type="checkbox" name="articles" value="{article.pk}"{checked}>'
        f" <span><b>{escape(who)}</b> · {short_time(article.received_at)} ·"
        f' <span class="muted">{escape(beginning_of(article.text))}</span></span></label>\n'
    )


def beginning_of(text: str) -> str:
    """Return the first letters of a text in one line."""
    line = " ".join(text[: 4 * BEGINNING].split())
    return line if len(line) < BEGINNING else f"{line[: BEGINNING - 1]}…"
