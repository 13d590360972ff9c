"""Answers beside the questions of the report form: an offer, never a wall."""

from typing import Any

from django import template
from django.template import Context

from helpdesk.agents.models import Authority
from helpdesk.portal.answers import entries_of, reader_language
from helpdesk.portal.reading import is_signed_in
from knowledgebase.search import suggest_answers

register = template.Library()
OFFERED = 3


@register.inclusion_tag("knowledgebase/helps.html", takes_context=True)
def answers_that_may_help(context: Context, authority: Authority, text: str) -> dict[str, Any]:
    """Show at most three answers to what somebody is writing; nothing when none is near."""
    if not text:
        return {"entries": []}
    found = suggest_answers(
        authority.pk, text, reader_language(), OFFERED, signed_in=is_signed_in(context["request"])
    )
    return {"entries": entries_of(found)}
