"""The entries of a thread, drawn in one go: a long one has a hundred of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop, ngettext

from helpdesk.desk.history import Line
from helpdesk.desk.templatetags.desk_files import address_of, draw_files
from helpdesk.desk.templatetags.desk_rows import call_link, channel_icon
from helpdesk.desk.thread import Entry
from helpdesk.lib.html import text_to_html
from helpdesk.lib.signatures import split_signature
from helpdesk.outbox.models import SettledAs
from helpdesk.outbox.queries import Delivery
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.wording import shown_html
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article, Ticket
from helpdesk.ui.templatetags.ui import avatar, icon, relative_time
from knowledgebase.rules import WRITE

register = template.Library()

LOOKS = {"note": "art-internal", "phone_note": "art-internal", "answer": "art-answer"}
# What went to somebody outside, and not to the citizen
LOOKS |= {"forward": "art-forward"}
DELIVERED = {"bad": " is-failed", "unsure": " is-failed", "good": " is-good"}
# How a delivery stands that somebody has to do something about.
OPEN = frozenset({"bad", "unsure"})
CALL = gettext_noop("CALL, for staff only")
TAKEN = {
    "counter": gettext_noop("VISIT, for staff only"),
    "letter": gettext_noop("LETTER, for staff only"),
    "desk": gettext_noop("OPENED BY HAND, for staff only"),
}
# Texts drawn lately, so long as they are no book; the same text is drawn the same way.
DRAWN, LONGEST = 512, 20_000
# Stands for an article's id in what is drawn once for all of them.
_ID = "~id~"


@dataclass(frozen=True, slots=True)
class _Words:
    """What every entry of a page shares: its words and the field that proves a form."""

    proof: str
    internal: str
    unknown: str
    original: str
    formatted: str
    take_back: str
    again: str
    settle: str = ""
    letter: str = ""
    # The menu of an article, each place of its id held by _ID; without and with splitting off.
    menu: str = ""
    known_menu: str = ""
    split_menu: str = ""
    opened_at: datetime | None = None


@register.simple_tag(takes_context=True)
def thread_entries(context: template.Context, entries: Iterable[Entry]) -> SafeString:
    """Draw articles and events in their order."""
    words = _words(str(context.get("csrf_token", "")))
    if words.proof:
        ticket, user = context["ticket"], getattr(context.get("request"), "user", None)
        menus = _menus(ticket, may_change=context.get("may_change"), may_write=can(user, WRITE))
        may_settle = can(user, "answer_ticket", ticket)
        words = replace(words, **menus)
        words = words if may_settle else replace(words, settle="", again="")
    parts = (
        _event(entry, entry.event)
        if entry.event
        else _article(entry, entry.article, words)
        if entry.article
        else ""
        for entry in entries
    )
    return mark_safe("".join(parts))  # noqa: S308 - all foreign text goes through escape()


def _words(token: str) -> _Words:
    proof = f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(token)}">'
    kind = f'<span class="art-kind">{icon("lock")}'
    return _Words(
        proof=proof if token else "",
        internal=f"{kind}{escape(gettext('INTERNAL, for staff only'))}</span>",
        unknown=escape(gettext("unknown sender")),
        original=escape(gettext("Original e-mail")),
        formatted=escape(gettext("Formatted view")),
        take_back=escape(gettext("Take back")),
        again=escape(gettext("Send again")),
        settle=escape(gettext("Another way …")),
        letter=escape(gettext("Print as a letter")),
    )


def _menus(ticket: Ticket, *, may_change: object, may_write: bool) -> dict[str, Any]:
    """Return the menu that every article has, and that of messages that can be split off.

    Of what a citizen wrote or read, whoever writes answers can make one; of a note nobody can.
    """
    page = reverse("desk:ticket", args=(ticket.number,))
    word = escape(gettext("Quote in the answer"))
    quote = f'<button type="button" data-quote="{_ID}">{icon("text")}{word}</button>'
    copy = (
        f'<button type="button" data-copy="{page}#a-{_ID}">{icon("file")}'
        f"{escape(gettext('Copy link'))}</button>"
    )
    address = reverse("desk:split", args=(ticket.number, 0)).replace("/0/", f"/{_ID}/")
    split = (
        f'<a href="{address}" data-sheet>{icon("merge")}'
        f"{escape(gettext('Split off as a new request'))}</a>"
    )
    begin = (
        f'<details class="menu art-menu" data-menu><summary class="btn btn-quiet btn-narrow">'
        f"{icon('more', gettext('More about this contribution'))}</summary>"
        f'<div class="menu-body">'
    )
    end = "</div></details>"
    known = _known(ticket) if may_write else ""
    return {
        "menu": f"{begin}{quote}{copy}{end}",
        "known_menu": f"{begin}{quote}{copy}{known}{end}",
        "split_menu": f"{begin}{quote}{copy}{split}{known}{end}" if may_change else "",
        "opened_at": ticket.received_at,
    }


def _known(ticket: Ticket) -> str:
    """Return the way from what was written to one citizen to an answer for all."""
    address = reverse("desk:knowledge_from_ticket", args=(ticket.number,))
    word = escape(gettext("Make an answer for everybody of it"))
    return f'<a href="{address}?article={_ID}">{icon("book")}{word}</a>'


def _menu(article: Article, words: _Words) -> str:
    """Return the menu of an article; the message that opened the ticket stays in it."""
    is_apart = article.kind == ArticleKind.MESSAGE and article.received_at != words.opened_at
    is_known = article.kind in {ArticleKind.MESSAGE, ArticleKind.ANSWER}
    menu = (is_apart and words.split_menu) or (is_known and words.known_menu) or words.menu
    return menu.replace(_ID, str(article.pk))


def _event(entry: Entry, event: Line) -> str:
    return (
        f'<p class="event" id="e-{event.id}">{escape(event.who)}: {escape(event.what)} · '
        f"{relative_time(entry.at, long=True)}</p>\n"
    )


def _article(entry: Entry, article: Article, words: _Words) -> str:
    look = LOOKS.get(article.kind, "art-citizen")
    unread = " is-first-unread" if entry.is_first_unread else ""
    undecided = " data-undecided" if entry.is_undecided else ""
    return (
        f'<article class="art {look}{unread}" id="a-{article.pk}" data-article="{article.pk}"'
        f"{undecided}>{avatar(article.author_user or article.author_citizen, decorative=True)}\n"
        f'<div class="art-box"><header class="art-head">{_head(article, words)}\n'
        f"{relative_time(article.received_at, long=True)}{_menu(article, words)}</header>\n"
        f"{''.join(map(_mark, entry.marks))}"
        f"{_text(article)}{_quote(entry.quoted_lines, article.full_text)}"
        f"{draw_files(entry.files)}{_foot(entry, article, words)}"
        "</div></article>\n"
    )


def _head(article: Article, words: _Words) -> str:
    """Return who wrote, and to or from where; a note says first of all that it is internal."""
    writer = article.author_user.name if article.author_user else ""
    name = writer or article.from_name or article.from_address
    who = f"<b>{escape(name) or words.unknown}</b>"
    if article.kind == "note":
        return words.internal + who
    if article.kind == "phone_note":
        return _taken(article) + who + _caller(article)
    if article.kind == "forward":
        return f'{who}<span class="muted">{escape(_forwarded_to(article))}</span>'
    if article.kind == "answer":
        return f'{who}<span class="muted">{escape(_whither(article))}</span>'
    where = " · ".join(filter(None, (article.from_address, article.get_channel_display())))
    return f'{who}<span class="muted">{escape(where)}</span>'


def _taken(article: Article) -> str:
    """Return by which way a note of an agent came, and that it is internal."""
    word = gettext(TAKEN.get(article.channel, CALL))
    return (
        f'<span class="art-kind">{icon("lock")}{channel_icon(article.channel)}{escape(word)}</span>'
    )


def _caller(article: Article) -> str:
    if not article.from_name:
        return ""
    call = f" · {call_link(article.from_address)}" if article.from_address else ""
    return f'<span class="muted">{escape(article.from_name)}{call}</span>'


def _whither(article: Article) -> str:
    if not article.to:
        return gettext("answer on the status page")
    return gettext("answer to %(to)s") % {"to": article.to[0].get("email", "")}


def _forwarded_to(article: Article) -> str:
    to = ", ".join(person.get("email", "") for person in article.to)
    return gettext("forwarded to %(to)s") % {"to": to}


def _mark(mark: str) -> str:
    return f'<p class="art-mark">{icon("warning")}<span>{escape(mark)}</span></p>\n'


def _text(article: Article) -> str:
    """Return the text; of a message from outside the signature is folded, never dropped."""
    text, signature = article.text, ""
    if article.kind == ArticleKind.MESSAGE:
        text, signature = split_signature(text)
    body = shown_html(article) if article.source else _body(text)
    return f'<div class="art-body">{body}</div>\n{_signature(signature)}'


def _signature(signature: str) -> str:
    if not signature:
        return ""
    return (
        f'<details class="quote"><summary>··· {escape(gettext("Signature"))}</summary>'
        f"<div>{escape(signature)}</div></details>\n"
    )


def _body(text: str) -> str:
    return text_to_html(text) if len(text) > LONGEST else _drawn(text)


_drawn = lru_cache(maxsize=DRAWN)(text_to_html)


def _quote(lines: int, whole: str) -> str:
    if not lines:
        return ""
    shown = ngettext("Quote (%(counter)s line)", "Quote (%(counter)s lines)", lines)
    return (
        f'<details class="quote"><summary>··· {escape(shown % {"counter": lines})}</summary>'
        f"<div>{escape(whole)}</div></details>\n"
    )


def _foot(entry: Entry, article: Article, words: _Words) -> str:
    """Return what became of an answer with what can be done about it, and the way to the mail."""
    parts = []
    if entry.delivery:
        parts.append(_delivery(entry.delivery, entry.delivery_icon))
        if entry.can_undo:
            parts.append(_button("desk:withdraw", article.pk, words.take_back, words.proof))
        if entry.delivery.can_retry and words.again:
            parts.append(_button("desk:retry", article.pk, words.again, words.proof))
        if entry.delivery.level in OPEN and words.proof and words.settle:
            parts.append(_sheet("desk:settle", article.pk, words.settle))
        if article.outgoing and article.outgoing.settled_as == SettledAs.LETTER:
            address = address_of("desk:letter", article.pk)
            parts.append(f'<a class="link" href="{address}">{words.letter}</a>')
    if article.authentication:
        parts.append(f'<span class="muted">{escape(_checked(article.authentication))}</span>')
    if article.raw_message_id:
        parts.append(_ways(article, words))
    return f'<div class="art-foot">{" ".join(parts)}</div>\n' if parts else ""


def _checked(results: str) -> str:
    """Return what our mail server found of the sender: "DMARC pass · DKIM pass · SPF fail"."""
    pairs = (result.partition("=") for result in results.split())
    shown = " · ".join(f"{name.upper()} {found}" for name, _, found in pairs)
    return gettext("Checked by the mail server: %(results)s") % {"results": shown}


def _ways(article: Article, words: _Words) -> str:
    """Return the ways to the mail behind a message: as its sender laid it out, and its bytes."""
    formatted = ""
    if getattr(article, "has_html", False):
        address = address_of("desk:formatted", article.pk)
        formatted = f'<a class="link" href="{address}" data-formatted>{words.formatted}</a>'
    raw = f'<a class="link" href="{address_of("desk:raw", article.pk)}">{words.original}</a>'
    return f'<span class="art-ways">{formatted}{raw}</span>'


def _delivery(delivery: Delivery, symbol: str) -> str:
    state = DELIVERED.get(delivery.level, "")
    said = " · ".join(filter(None, (delivery.words, delivery.plain)))
    quote = f' <q lang="en">{escape(delivery.reason)}</q>' if delivery.reason else ""
    return (
        f'<div class="delivery{state}">{icon(symbol)}<span>{escape(said)}{quote}</span></div>'
        f"{''.join(map(_left_out, delivery.left_out))}"
    )


def _left_out(who: str) -> str:
    words = gettext("Not sent to %(who)s") % {"who": who}
    return f'<div class="delivery is-failed">{icon("warning")}<span>{escape(words)}</span></div>'


def _sheet(name: str, key: int, label: str) -> str:
    return f'<a class="btn btn-narrow" href="{address_of(name, key)}" data-sheet>{label}</a>'


def _button(name: str, key: int, label: str, proof: str) -> str:
    return (
        f'<form method="post" action="{address_of(name, key)}">{proof}'
        f'<button class="btn btn-narrow">{label}</button></form>'
    )
