"""The page of the settings on which an administrator names the provider where citizens sign in."""

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.accounts.domain.identities import ProviderDetails, save_provider
from helpdesk.accounts.models import IdentityProvider
from helpdesk.accounts.oidc import ProviderError, probe
from helpdesk.desk.account.throttle import APP
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.identity import ProviderForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.notifications.account_mails import absolute
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_portal"
FIELDS = ("is_active", "name", "issuer", "client_id")


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: HttpRequest) -> HttpResponse:
    """Show and change the provider; it is saved as it stands, and asked whether it answers."""
    user = agent_of(request)
    kept = IdentityProvider.objects.filter(authority_id=user.authority_id).first()
    initial = {name: getattr(kept, name) for name in FIELDS} if kept else {}
    form = ProviderForm(posted(request), initial=initial)
    form.demand_secret(has_secret=bool(kept and kept.client_secret))

    def write() -> None:
        given = form.cleaned_data
        details = ProviderDetails(
            **{name: given[name] for name in FIELDS},
            client_secret=given["client_secret"] or None,
        )
        save_provider(authority_id=user.authority_id, details=details, user=user)

    if request.method == "POST" and written(form, write):
        _tell(request, form.cleaned_data["issuer"].strip())
        return HttpResponseRedirect(reverse("desk:settings_identity"))
    context = {
        "form": form,
        "back_url": absolute(reverse("portal:identity_back"), user.authority),
        "offers_accounts": user.authority.offers_accounts,
    }
    return settings_page(request, "identity", context, current=CURRENT)


def _tell(request: HttpRequest, issuer: str) -> None:
    if ratelimit.consume(request, app=APP, action="mailbox_check") is None:
        messages.success(request, gettext("Saved. It was tested often; try again in an hour."))
        return
    try:
        probe(issuer)
    except ProviderError as error:
        words = gettext("Saved, but nobody can sign in there: %(reason)s")
        messages.error(request, words % {"reason": error})
    else:
        messages.success(request, gettext("Saved. The provider answers as it should."))
