"""The page of other authorities to which requests are passed on."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.offices import OfficeForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.domain.offices import add_office, offices_of, remove_office

CURRENT = "settings_offices"


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def office_list(request: HttpRequest) -> HttpResponse:
    """Show the directory, and take a new entry."""
    user = agent_of(request)
    form = OfficeForm(posted(request))
    if request.method == "POST" and written(
        form, lambda: add_office(**form.cleaned_data, user=user)
    ):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_offices"))
    context = {
        "form": form,
        "title": gettext("Other authorities"),
        "entries": offices_of(user.authority_id),
        "removing": "desk:settings_office_delete",
    }
    return settings_page(request, "offices", context, current=CURRENT)


@verb_required("administer")
@require_POST
def office_delete(request: HttpRequest, office_id: int) -> HttpResponse:
    """Take an entry out; one of another authority is not there."""
    if not remove_office(office_id=office_id, user=agent_of(request)):
        raise Http404
    messages.success(request, gettext("The entry is out of the directory."))
    return HttpResponseRedirect(reverse("desk:settings_offices"))
