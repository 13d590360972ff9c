"""The bin: what was put into it, until when it can be brought back."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import shell
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.trash import KEPT, gone_at, trashed

PAGE = 50


@require_GET
@staff_required
def trash_list(request: HttpRequest) -> HttpResponse:
    """List what is in the bin of the viewer's teams, the last first."""
    user = agent_of(request)
    found = trashed(user).select_related("team")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lines = [
        {"ticket": each, "gone_at": gone_at(each), "may": can(user, "change_ticket", each)}
        for each in page.object_list
    ]
    context = {**shell(request, "desk:trash"), "page": page, "lines": lines, "days": KEPT.days}
    return render(request, "desk/trash.html", context)
