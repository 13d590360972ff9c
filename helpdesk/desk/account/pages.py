"""Pages of our own: accepting an invitation, the profile, one's second factor."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from helpdesk.agents.absences import absence_of
from helpdesk.agents.domain.invite import (
    LinkUsedUpError,
    accept_administrator_link,
    accept_invitation,
)
from helpdesk.agents.domain.membership import AgentDetails, ProfileDetails, change_profile
from helpdesk.agents.domain.signin import has_second_factor
from helpdesk.agents.models import OneTimeLink, User
from helpdesk.agents.queries import find_link, first_authority
from helpdesk.desk.account.forms import FirstAdministratorForm, InvitationForm, ProfileForm
from helpdesk.desk.account.telling_forms import AbsenceForm, NoticesForm, notices_initial
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.shell import shell
from helpdesk.notifications.push import browsers_of, identity_of
from helpdesk.permissions.decorators import staff_required

MAXIMUM_TOKEN = 64


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page of a one-time link; only the filled-in form uses the link up."""
    link = find_link(token) if len(token) <= MAXIMUM_TOKEN else None
    if link is None or (link.user and not link.user.is_active and not _for_administrator(link)):
        return render(request, "account/invitation_expired.html", status=404)
    form = _invitation_form(request, link)
    if request.method == "POST" and form.is_valid() and _accept(link, token, form):
        messages.success(request, gettext("Your password is set. You can sign in now."))
        return HttpResponseRedirect(reverse("account_login"))
    context = {"form": form, "link": link, "authority": first_authority()}
    return render(request, "account/invitation.html", context, status=422 if form.errors else 200)


def _for_administrator(link: OneTimeLink) -> bool:
    return link.purpose == OneTimeLink.Purpose.FIRST_ADMINISTRATOR


def _invitation_form(request: HttpRequest, link: OneTimeLink) -> InvitationForm:
    data = request.POST if request.method == "POST" else None
    if link.user is None:
        typed = User(name=request.POST.get("name", ""), email=request.POST.get("email", ""))
        return FirstAdministratorForm(data, user=typed)
    return InvitationForm(data, user=link.user)


def _accept(link: OneTimeLink, token: str, form: InvitationForm) -> bool:
    password = form.cleaned_data["password"]
    try:
        if not _for_administrator(link):
            accept_invitation(token=token, password=password)
            return True
        authority = first_authority()
        if authority is None:
            raise Http404
        details = AgentDetails(
            name=form.cleaned_data.get("name", ""), email=form.cleaned_data.get("email", "")
        )
        accept_administrator_link(
            token=token, authority=authority, details=details, password=password
        )
    except LinkUsedUpError:
        form.add_error(None, gettext("This link has been used already."))
    except ValidationError as refused:
        form.add_error(None, refused)
    else:
        return True
    return False


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what agents may change about themselves."""
    user = agent_of(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=_known(user))
    if request.method == "POST" and form.is_valid():
        change_profile(user_id=user.pk, details=ProfileDetails(**form.cleaned_data))
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("account_profile"))
    return profile_page(request, form=form)


def _known(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ProfileForm.base_fields}


def profile_page(request: HttpRequest, **forms: SettingsForm) -> HttpResponse:
    """Show the profile with its three forms; those given are shown as they were filled in."""
    user = agent_of(request)
    shown = {
        "form": ProfileForm(initial=_known(user)),
        "notices_form": NoticesForm(initial=notices_initial(user)),
        "absence_form": AbsenceForm(user=user),
        **forms,
    }
    wrong = next((form for form in shown.values() if form.errors), None)
    context = {
        **shell(request, "profile"),
        **shown,
        "wrong_form": wrong,
        "absence": absence_of(user),
        "push": identity_of(user.authority_id),
        "browsers": browsers_of(user),
        "has_code": has_second_factor(user),
    }
    return render(request, "account/profile.html", context, status=422 if wrong else 200)


@staff_required
def second_factor(_request: HttpRequest) -> HttpResponse:
    """Lead to the profile, which shows the state of the second factor."""
    return HttpResponseRedirect(reverse("account_profile") + "#code")
