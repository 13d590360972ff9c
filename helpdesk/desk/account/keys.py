"""The keys of one's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.agents.domain.membership import change_keys
from helpdesk.desk.agent import agent_of
from helpdesk.desk.commands import COMMANDS
from helpdesk.desk.forms.keys import KeysForm
from helpdesk.desk.shell import shell
from helpdesk.permissions.decorators import staff_required


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show the whole key map, and change it."""
    user = agent_of(request)
    form = KeysForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and "standard" in request.POST:
        change_keys(user_id=user.pk, is_off=False, changes={})
        return _saved(request, gettext("All keys are as they were at first."))
    if request.method == "POST" and form.is_valid():
        is_off = form.cleaned_data["keys_off"]
        change_keys(user_id=user.pk, is_off=is_off, changes=form.changes)
        return _saved(request, gettext("Saved"))
    fixed = [command for command in COMMANDS if command.is_fixed]
    context = shell(request, "profile") | {"form": form, "fixed": fixed}
    return render(request, "account/keys.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("account_keys"))
