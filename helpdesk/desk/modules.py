"""Text modules for the composer: those that fit what was typed, filled in for the ticket."""

from collections.abc import Mapping

from django.utils import formats, timezone

from helpdesk.agents.models import User
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.queries import modules_for_team
from helpdesk.textmodules.render import render_module
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Ticket

SHOWN = 8
EXCERPT = 90
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def fold(text: str) -> str:
    """Return text as it is compared: lower case, umlauts written out."""
    return text.lower().translate(_FOLD)


def _rank(module: TextModule, typed: str) -> int | None:
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
    """Return at most eight modules with title, excerpt and the text to insert."""
    wanted = fold(typed)
    usable = modules_for_team(authority_id=ticket.authority_id, team_id=ticket.team_id)
    ranked = [(rank, module) for module in usable if (rank := _rank(module, wanted)) is not None]
    ranked.sort(key=lambda pair: (pair[0], pair[1].title))
    values = placeholder_values(ticket, user)
    language = letter_language(ticket)
    return [_entry(module, language, values) for _, module in ranked[:SHOWN]]


def _entry(module: TextModule, language: str, values: Mapping[str, str]) -> dict[str, str]:
    body = render_module(module, language=language, values=values).text
    return {"title": module.title, "excerpt": " ".join(body.split())[:EXCERPT], "body": body}


def placeholder_values(ticket: Ticket, user: User) -> dict[str, str]:
    """Return what placeholders stand for in this ticket; an empty value stays a placeholder."""
    name = "" if "@" in ticket.citizen_name else ticket.citizen_name
    english = letter_language(ticket) == "en"
    greeting = "Hello" if english else "Guten Tag"
    authority = ticket.authority
    return {
        "buerger.name": name,
        "buerger.anrede": f"{greeting} {name}".strip(),
        "anliegen.nummer": ticket.number,
        "anliegen.kennung": ticket.reference,
        "anliegen.betreff": ticket.title,
        "anliegen.eingang": formats.date_format(timezone.localtime(ticket.received_at), "d.m.Y"),
        "anliegen.link": status_url(ticket),
        "mitarbeiter.name": user.name,
        "mitarbeiter.telefon": user.phone,
        "team.name": ticket.team.name,
        "behoerde.name": authority.name,
        "behoerde.telefon": authority.contact_phone,
        "behoerde.anschrift": authority.contact_address,
        "heute": formats.date_format(timezone.localdate(), "d.m.Y"),
    }
