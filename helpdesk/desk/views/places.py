"""Where requests lie: what is around one, and those of a list for whoever goes there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.desk.deadlines import due_state
from helpdesk.desk.listing import read_listing
from helpdesk.desk.plans import plan_around, plan_of
from helpdesk.desk.shell import shell
from helpdesk.desk.views.ticket import find_ticket, view_of
from helpdesk.lib.maps import geo_link, map_link
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.around import find_around

# So many numbers can be told apart on one sheet.
MOST = 60
COLUMNS = (
    *("number", "title", "status", "place", "latitude", "longitude", "due_at", "clock_paused"),
    "received_at",
)


@require_GET
@staff_required
def around(request: HttpRequest, number: str) -> HttpResponse:
    """Return what lies around a request, for the panel."""
    ticket = find_ticket(request, number)
    found = find_around(agent_of(request), ticket)
    context = {
        "found": found,
        "plan": plan_around(found) if found else None,
        "view_slug": view_of(request),
    }
    return render(request, "desk/parts/around.html", context)


@require_GET
@staff_required
def list_places(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where the requests of a list lie, in the order of the list."""
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    placed = listing.tickets().filter(latitude__isnull=False, longitude__isnull=False)
    rows = list(placed.only(*COLUMNS).order_by(*listing.order())[: MOST + 1])
    shown = rows[:MOST]
    lines = [
        {
            "ticket": row,
            "due": due_state(row),
            "spot": (str(row.latitude), str(row.longitude)),
            "geo": geo_link(row.latitude, row.longitude),
            "map": map_link(user.authority.map_address, row.latitude, row.longitude),
        }
        for row in shown
    ]
    context = {
        **shell(request, slug),
        "view": listing.view,
        "listing": listing,
        "lines": lines,
        "plan": plan_of(shown),
        "most": MOST if len(rows) > MOST else 0,
    }
    return render(request, "desk/places.html", context)
