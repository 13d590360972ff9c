"""The words of an answer, as text and as HTML from one source (mail.md 102, 103)."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.lib.html import text_to_html
from helpdesk.tickets.domain.wording import Wording
from helpdesk.tickets.enums import Channel
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Article, Ticket

MAX_QUOTED_LINES = 60


@dataclass(frozen=True, slots=True)
class Words:
    """What an answer says; ``quoted`` is the message below it, ``too_large`` what it points to."""

    ticket: Ticket
    user: User
    wording: Wording
    quoted: Article | None = None
    too_large: tuple[InboundFile, ...] = ()
    ends: bool = False


def signature_of(ticket: Ticket, user: User) -> str:
    """Return what stands below a mail: the agent's own signature, else the team's."""
    return user.signature or ticket.team.signature or ticket.authority.name


def write_words(words: Words) -> tuple[str, str]:
    """Return text and HTML in the language that is active."""
    ticket, quote = words.ticket, _quoted_lines(words.quoted)
    values = {
        # Words of a person are values in these templates and never templates themselves.
        "text": words.wording.text,
        "text_html": words.wording.shown,
        "quote": quote,
        "quote_html": mark_safe(text_to_html("\n".join(quote))),  # noqa: S308 - it escapes
        "intro": _intro(words.quoted) if quote else "",
        "separator": gettext("-- Please write your answer above this line --"),
        "signature": signature_of(ticket, words.user),
        "too_large": [f"{file.name} ({filesizeformat(file.size)})" for file in words.too_large],
        "reference": ticket.reference,
        "status_url": status_url(ticket),
        "ends": words.ends,
    }
    text = render_to_string("mail/answer/body.txt", values)
    html = render_to_string("mail/answer/body.html", values)
    return text.strip() + "\n", html.strip()


def _quoted_lines(message: Article | None) -> list[str]:
    """Return what the citizen wrote last, themselves: no history, no note, nobody else's words."""
    if message is None or message.channel != Channel.MAIL or not message.text.strip():
        return []
    lines = message.text.strip().splitlines()
    return lines[:MAX_QUOTED_LINES] + (["…"] if len(lines) > MAX_QUOTED_LINES else [])


def _intro(message: Article | None) -> str:
    received = message.received_at if message else timezone.now()
    when = formats.date_format(timezone.localtime(received), "DATETIME_FORMAT")
    return gettext("On %(when)s you wrote:") % {"when": when}
