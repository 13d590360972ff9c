"""The composer of a request: drawn once, as long as nothing stands in its forms."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from html import escape
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from helpdesk.desk.composing import EMPTY, Pane
from helpdesk.desk.dossier import Choice
from helpdesk.outbox.models import Sender
from helpdesk.tickets.domain.drafts import SENDER_LINE
from helpdesk.tickets.models import Article, Attachment
from helpdesk.ui.skeletons import draw_once, drawn, flat
from helpdesk.ui.templatetags.ui import short_time

register = template.Library()

# So much of a message tells which it is.
BEGINNING = 48
COMPOSER = "desk/parts/composer.html"
# What the composer's templates branch on; everything else that they show is a word of the request.
SHAPE = ("mode", "may_answer", "may_change", "publishes", "is_reader_missing")
LISTS = ("send_ways", "send_again", "answer_outcomes")
LIMITS = ("files_most", "files_bytes", "files_denied")
WORDS = (
    *("form_key", "view_slug", "seen", "others", "signature_short", "signature_lines"),
    *("letter_language", "house_language", "phone", "no_answer"),
)


@register.simple_tag(takes_context=True)
def composer(context: template.Context) -> SafeString:
    """Draw the four forms; once for all requests, unless one holds a draft or was refused."""
    values = flat(context)
    along = along_of(values)
    if all(each is EMPTY for each in values["panes"].values()) and not values.get("refused"):
        return draw_once(COMPOSER, _shape(values), _words(values) | along)
    with context.push(**along):
        return drawn(COMPOSER, context)


def along_of(values: Mapping[str, Any]) -> dict[str, SafeString]:
    """Return what a form offers as often as there is some: senders, and what can go along."""
    pane = values["panes"]["forward"]
    chosen = values["panes"]["answer"].fields.get(SENDER_LINE, "")
    return {
        "sender_choices": _senders(values.get("sender"), values["senders"], chosen),
        "forward_messages": _choices(values["forwardable"], pane, values["forwarded_first"]),
        "forward_files": _files(values["forwardable_files"], pane),
    }


def _shape(values: Mapping[str, Any]) -> dict[str, Hashable]:
    shape: dict[str, Hashable] = {name: values.get(name) for name in SHAPE}
    lists = {name: tuple(values[name]) for name in LISTS}
    limits = {name: values[name] for name in LIMITS}
    return shape | lists | limits


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is shown of this request, by the names that the templates know."""
    ticket, greeting, outside = values["ticket"], values["greeting"], values["outside"]
    recipient, sender = values.get("recipient"), values.get("sender")
    return {
        "ticket.number": ticket.number,
        "ticket.id": str(ticket.pk),
        "csrf_token": str(values["csrf_token"]),
        "greeting.opening": greeting.opening,
        "greeting.closing": greeting.closing,
        "greeting.text": greeting.text,
        "outside.opening": outside.opening,
        "outside.closing": outside.closing,
        "outside.text": outside.text,
        "recipient.name": recipient.name if recipient else "",
        "recipient.address": recipient.address if recipient else "",
        "sender.email": sender.email if sender else "",
        **{name: as_word(values.get(name)) for name in WORDS},
    }


def as_word(value: object) -> str:
    """Return a value as a template would write it; HTML stays HTML."""
    if value is None or isinstance(value, str):
        return value or ""
    return str(value)


def _choices(articles: Iterable[Article], pane: Pane, chosen_first: Collection[int]) -> SafeString:
    """Draw a box for each message: ticked as they were left, at first those of ``chosen_first``."""
    is_left = pane.draft or pane.fields
    ticked = set(map(str, pane.fields.get("articles", ()) if is_left else chosen_first))
    return mark_safe("".join(_choice(each, str(each.pk) in ticked) for each in articles))  # noqa: S308 - escaped in _choice


def _senders(first: Sender | None, all_: Iterable[Choice], chosen: str) -> SafeString:
    """Draw the senders there are to choose from, the one at hand first; nothing for a single one.

    That one has no value: where nobody chooses, the request says who answers when it leaves.
    """
    others = [each for each in all_ if first and each.pk != first.pk]
    if not first or not others:
        return mark_safe("")
    options = [("", first.email), *((str(each.pk), each.label) for each in others)]
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((pk, mark_safe(" selected") if pk == chosen else "", email) for pk, email in options),
    )


def _files(files: Iterable[Attachment], pane: Pane) -> SafeString:
    """Draw a box for each file that may go along."""
    ticked = set(map(str, pane.fields.get("attachments", ())))
    return mark_safe("".join(_file(each, str(each.pk) in ticked) for each in files))  # noqa: S308 - escaped in _file


def _file(file: Attachment, is_ticked: bool) -> str:  # noqa: FBT001 - how it is drawn
    checked = " checked" if is_ticked else ""
    return (
        f'<label><input type="checkbox" name="attachments" value="{file.pk}"{checked}>'
        f" <span>{escape(file.name)} ({filesizeformat(file.size)})</span></label>\n"
    )


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
