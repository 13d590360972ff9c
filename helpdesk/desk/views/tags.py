"""What the field of tags finds while somebody types."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.desk.views.ticket import find_ticket
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.tags import clean_tag, names_of, normalise_tag, suggest_tags
from helpdesk.tickets.models import Ticket


@require_GET
@staff_required
def suggestions(request: HttpRequest, number: str) -> JsonResponse:
    """Return tags that begin as typed; those of the ticket can be taken away, a new one be made."""
    ticket = find_ticket(request, number)
    typed = request.GET.get("q", "").replace("\0", "")
    found = [tag.name for tag in suggest_tags(user=agent_of(request), typed=typed)]
    return JsonResponse({"results": _results(ticket, clean_tag(typed), found)})


def _results(ticket: Ticket, typed: str, found: list[str]) -> list[dict[str, Any]]:
    key = normalise_tag(typed)
    mine = [name for name in names_of(ticket) if normalise_tag(name).startswith(key)]
    worn = {normalise_tag(name) for name in mine}
    rest = [name for name in found if normalise_tag(name) not in worn]
    results: list[dict[str, Any]] = [{"title": name, "value": name} for name in rest]
    results += [
        {"title": name, "value": name, "note": gettext("take off"), "chosen": True, "remove": True}
        for name in mine
    ]
    if key and key not in {normalise_tag(name) for name in (*mine, *rest)}:
        results.append({"title": typed, "value": typed, "note": gettext("new tag")})
    return results
