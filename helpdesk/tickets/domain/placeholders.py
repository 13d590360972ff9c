"""What the placeholders of a text stand for in one ticket."""

from django.utils import formats, timezone

from helpdesk.agents.models import User
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Ticket


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
