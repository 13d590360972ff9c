"""The dialog of a note, which stands on every page of the desk and is drawn once a language."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from helpdesk.desk.forms.note import NoteForm
from helpdesk.tickets.enums import Channel, Result

register = template.Library()


@register.simple_tag
def call_dialog() -> SafeString:
    """Show the closed dialog: the same for everybody, so nothing of a user stands in it."""
    return _dialog(get_language() or "")


@lru_cache(maxsize=8)
def _dialog(_language: str) -> SafeString:
    values = dict.fromkeys(NoteForm.base_fields, "")
    start = {"channel": Channel.PHONE.value, "result": Result.DONE.value}
    call = {"values": values | start, "errors": {}, "hits": (), "is_page": False, "may_take": True}
    return render_to_string("desk/parts/call_dialog.html", {"call": call})
