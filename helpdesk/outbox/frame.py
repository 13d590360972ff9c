"""The letter paper: what stands around the words of each mail, in its authority's colours.

Put on when a mail leaves, not when it is queued, so that rows hold words alone and a
thousand waiting letters get new colours at once. It is the last thing between us and
mail programs of all ages: tables where widths matter, a style sheet that may be dropped
without loss, colours that pass WCAG 2.2 AA by light and by dark, no picture from outside.
"""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from helpdesk.agents.models import Authority
from helpdesk.lib.contrast import is_colour, nearest_passing
from helpdesk.lib.languages import direction
from helpdesk.outbox.models import OutgoingMessage

LIGHT_PAPER, DARK_PAPER = "#ffffff", "#1d2034"
LIGHT_COLOUR, DARK_COLOUR = "#1d44ac", "#b3c3f5"
TEMPLATE = "mail/frame.html"


def framed(message: OutgoingMessage) -> str:
    """Return the whole HTML page of ``message``, nothing if it is text alone."""
    if not message.html:
        return ""
    authority = message.sender.authority
    language = message.language or authority.language
    values = {
        "authority": authority,
        "language": language,
        "direction": direction(language),
        "start": "right" if direction(language) == "rtl" else "left",
        "subject": message.subject,
        # Made by templates and text_to_html alone: what somebody typed is escaped in it.
        "body": mark_safe(message.html),  # noqa: S308 - see the line above
        **_colours(authority),
    }
    with translation.override(language):
        return render_to_string(TEMPLATE, values)


def _colours(authority: Authority) -> dict[str, str]:
    """Return the authority's two colours, each moved as far as its paper demands."""
    light = authority.color_light if is_colour(authority.color_light) else LIGHT_COLOUR
    dark = authority.color_dark if is_colour(authority.color_dark) else DARK_COLOUR
    return {
        "light": nearest_passing(light, LIGHT_PAPER),
        "dark": nearest_passing(dark, DARK_PAPER),
        "light_paper": LIGHT_PAPER,
        "dark_paper": DARK_PAPER,
    }
