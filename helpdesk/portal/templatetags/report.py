"""Controls of the report form that are more than one field: choices with hints, dates."""

from django import template
from django.forms import BoundField, Form
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helpdesk.lib.languages import WHOLE
from helpdesk.tickets.models import Category
from helpdesk.ui.qr import qr_svg
from helpdesk.ui.templatetags.ui import errors_of, heading_of, hint_of

register = template.Library()

EMPTY = mark_safe("")
GERMAN = "de"


@register.simple_tag
def field_errors(bound: BoundField) -> SafeString:
    """Show what is wrong with a field that a template draws itself."""
    return errors_of(bound)


@register.simple_tag
def request_qr(address: str) -> SafeString:
    """Draw the link to a request, for the camera of another device and from paper."""
    return qr_svg(address, _("QR code of the link to your request"))


@register.simple_tag
def topic_choice(form: Form, topic: Category, place: int) -> SafeString:
    """Draw one topic to choose, with what belongs to it."""
    hint = topic_hint(topic) if topic.description_in(_language()) else ""
    return _radio(form, place, str(topic.pk), topic_name(topic), hint)


def _language() -> str:
    return get_language() or GERMAN


@register.simple_tag
def topic_name(topic: Category) -> SafeString:
    """Show a topic's name for this reader, marked where it is there in German only."""
    return _marked(topic.name_in(_language()), topic.name_en)


@register.simple_tag
def german_note() -> SafeString:
    """Say beforehand, to who reads a language that no town writes in, what is in German."""
    if _language()[:2] in WHOLE:
        return EMPTY
    text = _("Topics, questions and answers of the town are written in German.")
    return format_html('<p class="hint">{}</p>', text)


@register.simple_tag
def topic_hint(topic: Category) -> SafeString:
    """Show what belongs to a topic for this reader, marked where it is there in German only."""
    return _marked(topic.description_in(_language()), topic.description_en)


@register.simple_tag
def topic_path(topic: Category) -> SafeString:
    """Show a topic's name behind that of the topic above it."""
    if topic.parent is None:
        return topic_name(topic)
    return format_html("{}: {}", topic_name(topic.parent), topic_name(topic))


def _marked(text: str, english: str) -> SafeString:
    if _language().startswith(GERMAN) or (english and _language().startswith("en")):
        return format_html("{}", text)
    return format_html('<span lang="{}">{}</span>', GERMAN, text)


@register.simple_tag
def other_choice(form: Form, place: int, value: str, label: str, hint: str) -> SafeString:
    """Draw the way out of the list."""
    return _radio(form, place, value, label, hint)


def _radio(form: Form, place: int, value: str, label: str, hint: str) -> SafeString:
    checked = mark_safe(" checked") if str(form["topic"].value() or "") == value else EMPTY
    wrong = (
        mark_safe(' aria-invalid="true" aria-describedby="id_topic_error"')
        if form["topic"].errors
        else EMPTY
    )
    explained = format_html('<span class="hint">{}</span>', hint) if hint else EMPTY
    return format_html(
        '<label class="choice"><input type="radio" name="topic" id="id_topic_{}" value="{}"{}{}>'
        "<span>{}{}</span></label>",
        place,
        value,
        checked,
        wrong,
        label,
        explained,
    )


@register.simple_tag
def date_field(form: Form) -> SafeString:
    """Draw day, month and year as three fields, which everybody can fill in by keyboard."""
    bound = form["answer"]
    parts = (("day", _("Day"), 2), ("month", _("Month"), 2), ("year", _("Year"), 4))
    wrong = mark_safe(' aria-invalid="true"') if bound.errors else EMPTY
    inputs = format_html_join(
        "",
        '<div><label for="{0}">{1}</label><input class="input" id="{0}" name="{2}" value="{3}" '
        'inputmode="numeric" maxlength="{4}" size="{4}"{5}></div>',
        (
            (
                "id_answer" if name == "day" else f"id_{name}",
                label,
                name,
                form[name].value() or "",
                size,
                wrong,
            )
            for name, label, size in parts
        ),
    )
    css = "field has-error" if bound.errors else "field"
    described = " ".join(
        f"{bound.auto_id}_{kind}"
        for kind, shown in (("helptext", bound.help_text), ("error", bound.errors))
        if shown
    )
    return format_html(
        '<fieldset class="{}"{}>{}{}{}<div class="date">{}</div></fieldset>',
        css,
        format_html(' aria-describedby="{}"', described) if described else EMPTY,
        heading_of(bound, "legend", page=True),
        hint_of(bound),
        errors_of(bound),
        inputs,
    )
