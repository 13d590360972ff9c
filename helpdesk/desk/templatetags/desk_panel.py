"""The side panel of a ticket, section by section: one that fails takes no other with it."""

import logging
from collections.abc import Iterable
from html import escape
from itertools import groupby
from operator import attrgetter

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from helpdesk.desk.dossier import Choice
from helpdesk.desk.sections import Section
from helpdesk.ui.templatetags.ui import option

register = template.Library()
logger = logging.getLogger(__name__)


@register.simple_tag(takes_context=True)
def panel_sections(context: template.Context) -> SafeString:
    """Draw the sections in their order; what says nothing is left out."""
    return mark_safe("".join(_drawn(context, each) for each in context["sections"]))  # noqa: S308 - templates escape


@register.simple_tag
def choice_options(choices: Iterable[Choice], chosen: int | None) -> SafeString:
    """Draw the options of a select, those that belong together in a group."""
    parts = (
        _group(name, [option(str(one.pk), one.label, one.pk == chosen) for one in grouped])
        for name, grouped in groupby(choices, key=attrgetter("group"))
    )
    return mark_safe("".join(parts))  # noqa: S308 - escaped in option and _group


def _group(name: str, drawn: Iterable[str]) -> str:
    inner = "".join(drawn)
    return f'<optgroup label="{escape(name)}">\n{inner}</optgroup>\n' if name else inner


def _drawn(context: template.Context, section: Section) -> str:
    content = _content(context, section)
    if not content.strip():
        return ""
    state = " open" if section.is_open else ""
    return (
        f'<details class="sec" id="sec-{section.key}" data-section="{section.key}"{state}>'
        f"<summary><h2>{escape(section.words)}</h2></summary>\n{content}</details>\n"
    )


def _content(context: template.Context, section: Section) -> str:
    drawn = get_template(section.template)
    try:
        with context.push():
            return str(drawn.template.render(context))  # type: ignore[attr-defined]  # of Django's own engine
    except Exception:  # whatever it is, the rest of the page stands
        logger.exception("the section %s of a ticket's panel failed", section.key)
        return f'<p class="muted">{escape(gettext("not available"))}</p>\n'
