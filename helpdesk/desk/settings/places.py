"""The page of the settings for the places a town knows, and what lies outside of it."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.portal import PlacesForm
from helpdesk.desk.settings.frame import settings_page, written
from helpdesk.pages.domain.places import write_places
from helpdesk.pages.places import border_of, lines_of
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_portal"


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def places(request: HttpRequest) -> HttpResponse:
    """Show and change the lists of places and the border."""
    user = agent_of(request)
    is_sent = request.method == "POST"
    form = PlacesForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial=_kept(user.authority_id),
    )

    def write() -> None:
        write_places(authority_id=user.authority_id, details=form.details, user=user)

    if is_sent and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_places"))
    context = {"form": form, "title": gettext("Places"), "public_url": reverse("portal:report")}
    return settings_page(request, "places", context, current=CURRENT)


def _kept(authority_id: int) -> dict[str, Any]:
    border = border_of(authority_id)
    shape = {"type": "Polygon", "coordinates": border.rings} if border and border.rings else None
    return {
        "streets": lines_of(authority_id, outside=False),
        "outside": lines_of(authority_id, outside=True),
        "border": json.dumps(shape) if shape else "",
        "beyond": border.beyond if border else "",
    }
