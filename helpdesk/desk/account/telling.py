"""What an agent is told and how, and when they are away: parts of the profile."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from helpdesk.agents.absences import absence_of
from helpdesk.agents.domain.absence import end_absence, set_absence
from helpdesk.agents.models import User
from helpdesk.desk.account.pages import profile_page
from helpdesk.desk.account.telling_forms import AbsenceForm, NoticesForm
from helpdesk.desk.agent import agent_of
from helpdesk.notifications.queries import forget_own
from helpdesk.notifications.ways import save_choices
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.rules import readable_teams


@require_POST
@staff_required
def notices(request: HttpRequest) -> HttpResponse:
    """Save how this agent wants to be told."""
    form = NoticesForm(request.POST)
    if not form.is_valid():
        return profile_page(request, notices_form=form)
    save_choices(user=agent_of(request), values=form.cleaned_data)
    messages.success(request, gettext("Saved"))
    return _back("notices")


@require_POST
@staff_required
def absence(request: HttpRequest) -> HttpResponse:
    """Save when this agent is away, and who stands in."""
    user = agent_of(request)
    form = AbsenceForm(request.POST, user=user)
    if not form.is_valid():
        return profile_page(request, absence_form=form)
    try:
        saved = set_absence(user_id=user.pk, details=form.details(), by=user)
    except ValidationError as refused:
        form.add_error(None, refused)
        return profile_page(request, absence_form=form)
    messages.success(request, gettext("Saved"))
    if saved.substitute:
        forget_own([saved.substitute.pk])
        _warn(request, user, saved.substitute)
    return _back("absence")


@require_POST
@staff_required
def end(request: HttpRequest) -> HttpResponse:
    """Say that this agent is back, or stays."""
    user = agent_of(request)
    known = absence_of(user)
    end_absence(user_id=user.pk, by=user)
    if known and known.substitute:
        forget_own([known.substitute.pk])
    messages.success(request, gettext("Saved"))
    return _back("absence")


def _warn(request: HttpRequest, user: User, substitute: User) -> None:
    """Say of which teams a substitute will see nothing."""
    theirs = {team.pk for team in readable_teams(substitute)}
    hidden = [team.name for team in readable_teams(user) if team.pk not in theirs]
    if hidden:
        names = {"name": substitute.name, "teams": ", ".join(hidden)}
        words = gettext("%(name)s may not read the requests of these teams: %(teams)s.") % names
        messages.warning(request, words)


def _back(part: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("account_profile") + f"#{part}")
