"""Answers beside the questions of the report form: an offer, never a wall."""

from typing import Any

from django import template

from helpdesk.portal.answers import entries_of, reader_language
from knowledgebase.search import suggest_answers

register = template.Library()
OFFERED = 3


@register.inclusion_tag("knowledgebase/helps.html")
def answers_that_may_help(authority_id: int, text: str) -> dict[str, Any]:
    """Show at most three answers to what somebody is writing; nothing when none is near."""
    found = suggest_answers(authority_id, text, reader_language(), OFFERED) if text else []
    return {"entries": entries_of(found)}
