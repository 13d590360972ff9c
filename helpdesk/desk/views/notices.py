"""What an agent was told, by request: a page, and the panel at the bell."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.bell import silence_bell
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import shell
from helpdesk.notifications.queries import Group, groups_of, newest_id, own_of
from helpdesk.notifications.wording import sentence
from helpdesk.permissions.decorators import staff_required

IN_PANEL = 12


@require_GET
@staff_required
def notices(request: HttpRequest) -> HttpResponse:
    """Show everything unread and the last week."""
    user = agent_of(request)
    context = shell(request, "notices") | {
        "groups": [_shown(group) for group in groups_of(user)],
        "newest": newest_id(user),
        "unread_notices": own_of(user).requests,
    }
    return render(request, "desk/notices.html", context)


@require_GET
@staff_required
def panel(request: HttpRequest) -> HttpResponse:
    """Return the beginning of it for the bell."""
    user = agent_of(request)
    context = {
        "groups": [_shown(group) for group in groups_of(user, limit=IN_PANEL)],
        "newest": newest_id(user),
    }
    return render(request, "desk/parts/notices_panel.html", context)


@require_POST
@staff_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Take everything as read that stood on the page."""
    silence_bell(agent_of(request), read_id(request.POST.get("upto", "")) or 0)
    messages.success(request, gettext("All marked as read."))
    return redirect("desk:notices")


def _shown(group: Group) -> dict[str, object]:
    lines = [
        {"text": sentence(each), "at": each.created_at, "is_new": each.read_at is None}
        for each in group.notices
    ]
    return {"ticket": group.ticket, "is_unread": group.is_unread, "lines": lines}
