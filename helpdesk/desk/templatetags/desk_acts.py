"""What can be done with a request, in its head: drawn once for all requests that stand alike."""

from django import template
from django.utils.safestring import SafeString

from helpdesk.ui.skeletons import draw_once, flat

register = template.Library()

SHAPE = ("may_restore", "may_change", "may_answer", "is_ended")
LISTS = ("snoozes", "reminders", "outcomes")


@register.simple_tag(takes_context=True)
def ticket_acts(context: template.Context) -> SafeString:
    """Draw the buttons and menus of a request."""
    values = flat(context)
    ticket, user = values["ticket"], values["user"]
    stands = {name: bool(values.get(name)) for name in SHAPE}
    stands |= {"is_mine": ticket.owner_id == user.pk, "is_merged": bool(ticket.merged_into_id)}
    offers = {name: tuple(values[name]) for name in LISTS}
    words = {
        "ticket.number": ticket.number,
        "view_slug": str(values.get("view_slug") or ""),
        "csrf_token": str(values.get("csrf_token") or ""),
    }
    return draw_once("desk/parts/acts.html", {**stands, **offers}, words)
