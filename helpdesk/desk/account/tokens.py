"""Pages of one's own access keys."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.agents.domain.tokens import make_personal_token, revoke_token
from helpdesk.agents.queries import tokens_of
from helpdesk.agents.scopes import SCOPES
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.tokens import TokenForm
from helpdesk.desk.settings.frame import REFUSED, add_refusal, posted
from helpdesk.desk.shell import shell
from helpdesk.permissions.decorators import staff_required


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def tokens(request: HttpRequest) -> HttpResponse:
    """List one's keys and make a new one, whose secret is shown this once."""
    user = agent_of(request)
    form = TokenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = make_personal_token(user=user, details=form.details)
        except ValidationError as refused:
            add_refusal(form, refused)
        else:
            context = shell(request, "profile") | {"token": token, "secret": secret}
            return render(request, "account/token_made.html", context)
    context = shell(request, "profile") | {
        "form": form,
        "tokens": tokens_of(user.pk),
        "scopes": SCOPES,
    }
    return render(request, "account/tokens.html", context, status=REFUSED if form.errors else 200)


@staff_required
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own keys at once; any other is not there."""
    user = agent_of(request)
    token = tokens_of(user.pk).filter(pk=token_id).first()
    if token is None:
        raise Http404
    revoke_token(token_id=token.pk, user=user)
    messages.success(
        request, gettext("The key “%(name)s” no longer opens anything.") % {"name": token.name}
    )
    return HttpResponseRedirect(reverse("account_tokens"))
