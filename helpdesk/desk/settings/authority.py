"""Pages of the authority: the overview, and its form."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from channels_in.accounts import accounts_of
from helpdesk.agents.domain.authority import (
    DARK_GROUND,
    LIGHT_GROUND,
    AuthorityDetails,
    change_authority,
)
from helpdesk.agents.models import Authority
from helpdesk.agents.queries import active_staff_of, service_tokens_of, teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.authority import AuthorityForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.lib.contrast import is_colour, nearest_passing, ratio
from helpdesk.pages.queries import missing_texts
from helpdesk.permissions.decorators import verb_required
from helpdesk.textmodules.queries import modules_of
from helpdesk.tickets.domain.offices import offices_of
from helpdesk.tickets.models import Category

FIELDS = tuple(AuthorityDetails.__dataclass_fields__)


@verb_required("administer")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is set up, how much of it, and what is still missing."""
    authority_id = agent_of(request).authority_id
    context = {
        "counts": {
            "teams": teams_of(authority_id).filter(is_active=True).count(),
            "agents": active_staff_of(authority_id).count(),
            "topics": Category.objects.filter(authority_id=authority_id, is_active=True).count(),
            "texts": modules_of(authority_id).filter(is_active=True).count(),
            "offices": offices_of(authority_id).count(),
            "programs": service_tokens_of(authority_id).count(),
            "mailboxes": accounts_of(authority_id).filter(is_active=True).count(),
        },
        "missing_pages": [kind.label for kind in missing_texts(authority_id)],
        "failing": accounts_of(authority_id).exclude(failing_since=None).filter(is_active=True),
    }
    return settings_page(request, "overview", context, current="settings")


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def authority(request: HttpRequest) -> HttpResponse:
    """Show and change the authority."""
    user = agent_of(request)
    current = user.authority
    form = AuthorityForm(posted(request), initial={name: getattr(current, name) for name in FIELDS})

    def write() -> None:
        details = AuthorityDetails(**form.cleaned_data)
        change_authority(authority_id=current.pk, details=details, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_authority"))
    context = {"form": form, "samples": _samples(current), "proposals": _proposals(form)}
    return settings_page(request, "authority", context, current="settings_authority")


def _samples(shown: Authority) -> list[dict[str, object]]:
    pairs = ((shown.color_light, LIGHT_GROUND), (shown.color_dark, DARK_GROUND))
    return [
        {"colour": colour, "ground": ground, "contrast": round(ratio(colour, ground), 1)}
        for colour, ground in pairs
    ]


def _proposals(form: AuthorityForm) -> list[dict[str, str]]:
    """Return the shades that would pass, to be taken over with one button each."""
    if not form.is_bound:
        return []
    grounds = {"color_light": LIGHT_GROUND, "color_dark": DARK_GROUND}
    typed = {name: form.data.get(name, "") for name in grounds if name in form.errors}
    return [
        {"field": name, "shade": nearest_passing(colour, grounds[name])}
        for name, colour in typed.items()
        if is_colour(colour)
    ]
