"""Texts and people of mails that are files of other mails."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from channels_in.mail.parsed import Mailbox, ParsedMail
from helpdesk.lib.html import text_to_html

register = template.Library()
LONGEST = 200_000


@register.filter
def person(mailbox: Mailbox) -> str:
    """Return name and address as one reads them in a mail."""
    return f"{mailbox.name} <{mailbox.email}>" if mailbox.name else mailbox.email


@register.filter
def text_of_mail(mail: ParsedMail) -> SafeString:
    """Return the whole text as escaped paragraphs, at most 200,000 characters of it."""
    return mark_safe(text_to_html(mail.text[:LONGEST]))  # noqa: S308 - all of it is escaped there
