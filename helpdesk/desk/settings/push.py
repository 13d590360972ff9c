"""The page that lets browsers tell agents what is new, or not."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.push import PushForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.notifications.push import identity_of, switch_off, switch_on
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_push"


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def push(request: HttpRequest) -> HttpResponse:
    """Show whether it is on, and switch it on."""
    user = agent_of(request)
    identity = identity_of(user.authority_id)
    known = identity.contact.removeprefix("mailto:") if identity else user.email
    form = PushForm(posted(request), initial={"contact": known})

    def write() -> None:
        contact = form.cleaned_data["contact"]
        switch_on(authority_id=user.authority_id, contact=contact, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_push"))
    return settings_page(request, "push", {"form": form, "identity": identity}, current=CURRENT)


@verb_required("administer")
@require_POST
def push_end(request: HttpRequest) -> HttpResponse:
    """Tell no browser any more."""
    user = agent_of(request)
    switch_off(authority_id=user.authority_id, user=user)
    messages.success(request, gettext("Browsers are told nothing any more."))
    return HttpResponseRedirect(reverse("desk:settings_push"))
