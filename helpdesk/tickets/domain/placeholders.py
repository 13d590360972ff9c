"""What the placeholders of a text stand for in one ticket."""

from django.utils import formats, timezone, translation
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.tickets.domain.letters import letter_language
from helpdesk.tickets.links import status_url
from helpdesk.tickets.models import Ticket


def known_name(ticket: Ticket) -> str:
    """Return the citizen's name, or nothing where all we know is an address."""
    return "" if "@" in ticket.citizen_name else ticket.citizen_name.strip()


def opening_of(ticket: Ticket) -> str:
    """Return the first line of a letter to the citizen, in their language: by name, if known."""
    name = known_name(ticket)
    with translation.override(letter_language(ticket)):
        return gettext("Hello %(name)s,") % {"name": name} if name else gettext("Hello,")


def placeholder_values(ticket: Ticket, user: User) -> dict[str, str]:
    """Return what placeholders stand for in this ticket; an empty value stays a placeholder."""
    authority = ticket.authority
    return {
        "buerger.name": known_name(ticket),
        "buerger.anrede": opening_of(ticket).rstrip(","),
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
