"""Text modules for the composer: those that fit what was typed, filled in for the ticket."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext

from helpdesk.agents.models import Language, User
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.queries import LATELY, Habits, habits_of, modules_for_team
from helpdesk.textmodules.render import language_of, render_module
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.domain.placeholders import placeholder_values
from helpdesk.tickets.models import Ticket

SHOWN = 5
EXCERPT = 90
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def fold(text: str) -> str:
    """Return text as it is compared: lower case, umlauts written out."""
    return text.lower().translate(_FOLD)


def _fit(module: TextModule, typed: str) -> int | None:
    """Return how well a module fits: title from its beginning first, then anywhere, then words."""
    title = fold(module.title)
    if title.startswith(typed):
        return 0
    if any(word.startswith(typed) for word in title.split()):
        return 1
    if typed in title or typed in fold(module.keywords):
        return 2
    bodies = " ".join(text.body for text in module.texts.all())
    return 3 if typed in fold(bodies) else None


def suggest_modules(*, ticket: Ticket, user: User, typed: str) -> list[dict[str, str]]:
    """Return at most five modules with title, excerpt and the text to insert.

    First those that were used for this topic, then the ten that this agent used last, then
    by how well they fit what was typed.
    """
    wanted = fold(typed)
    usable = modules_for_team(authority_id=ticket.authority_id, team_id=ticket.team_id)
    habits = habits_of(user.pk, topic_id=ticket.category_id)
    ranked = sorted(
        (_rank(module, fit, habits), module.title, module.pk, module)
        for module in usable
        if (fit := _fit(module, wanted)) is not None
    )
    values = placeholder_values(ticket, user)
    return [_entry(ticket, module, values) for *_, module in ranked[:SHOWN]]


def _rank(module: TextModule, fit: int, habits: Habits) -> tuple[bool, int, int]:
    key, lately = module.pk, habits.lately
    return key not in habits.of_topic, lately.index(key) if key in lately else LATELY, fit


def _entry(ticket: Ticket, module: TextModule, values: Mapping[str, str]) -> dict[str, str]:
    wanted = letter_language(ticket)
    language = language_of(module, wanted)
    body = render_module(module, language=language, values=values).text
    return {
        "title": module.title,
        "excerpt": " ".join(body.split())[:EXCERPT],
        "body": body,
        "mark": "" if language == wanted else _only_in(language),
        "used": reverse("desk:module_used", args=[ticket.number, module.pk]),
    }


def _only_in(language: str) -> str:
    known = language in Language.values
    return gettext("only in %(language)s") % {
        "language": Language(language).label if known else language
    }
