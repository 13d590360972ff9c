"""Pages of teams."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.domain import teams as doors
from helpdesk.agents.models import SendThen, Team, User
from helpdesk.agents.queries import active_staff_of, memberships_of_team, teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.teams import (
    RIGHTS,
    TeamForm,
    matrix_rights,
    matrix_rows,
    team_initial,
)
from helpdesk.desk.settings.frame import REFUSED, matching, posted, settings_page, written
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_teams"


@verb_required("administer")
@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    """Show all teams."""
    words = request.GET.get("q", "").strip()
    teams = matching(teams_of(agent_of(request).authority_id), words, lambda team: team.name)
    return settings_page(request, "teams", {"teams": teams, "words": words}, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    """Create a team."""
    return _team_page(request, None)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """Show and change a team with its members."""
    return _team_page(request, find_team(request, team_id))


@verb_required("administer")
@require_POST
def team_active(request: HttpRequest, team_id: int) -> HttpResponse:
    """Deactivate a team, or offer it again."""
    shown = find_team(request, team_id)
    user = agent_of(request)
    if not shown.is_active:
        doors.reactivate_team(team_id=shown.pk, user=user)
        messages.success(request, gettext("The team is offered again."))
        return HttpResponseRedirect(reverse("desk:settings_teams"))
    try:
        doors.deactivate_team(team_id=shown.pk, user=user)
    except doors.TeamNeededError as refused:
        context = _context(shown, TeamForm(initial=_initial(shown)), user)
        context["reasons"] = refused.reasons
        return settings_page(request, "team", context, current=CURRENT, status=REFUSED)
    messages.success(request, gettext("The team is switched off."))
    return HttpResponseRedirect(reverse("desk:settings_teams"))


def find_team(request: HttpRequest, team_id: int) -> Team:
    """Return a team of the administrator's authority; any other is not there."""
    found = Team.objects.filter(pk=team_id, authority_id=agent_of(request).authority_id).first()
    if found is None:
        raise Http404
    return found


def _initial(shown: Team | None) -> dict[str, Any]:
    if shown is None:
        return {"send_then": SendThen.RESOLVE}
    return team_initial(shown)


def _team_page(request: HttpRequest, shown: Team | None) -> HttpResponse:
    user = agent_of(request)
    form = TeamForm(posted(request), initial=_initial(shown))
    if request.method == "POST" and written(form, lambda: _write(request, shown, form)):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_teams"))
    context = _context(shown, form, user)
    if request.method == "POST":
        keys = [row.key for row in context["rows"]]
        ticked = matrix_rights(request.POST, keys)
        context["rows"] = matrix_rows(_people(user.authority_id, list(ticked)), ticked)
    return settings_page(request, "team", context, current=CURRENT)


def _write(request: HttpRequest, shown: Team | None, form: TeamForm) -> None:
    user = agent_of(request)
    details = form.details()
    saved = (
        doors.create_team(authority_id=user.authority_id, details=details, user=user)
        if shown is None
        else doors.change_team(team_id=shown.pk, details=details, user=user)
    )
    keys = active_staff_of(user.authority_id).values_list("pk", flat=True)
    rights = matrix_rights(request.POST, keys)
    doors.set_team_rights(team_id=saved.pk, rights=rights, user=user)


def _people(authority_id: int, first: list[int]) -> list[tuple[int, str, str]]:
    people = list(active_staff_of(authority_id))
    people.sort(key=lambda person: (person.pk not in first, person.name.casefold()))
    return [(person.pk, person.name, person.email) for person in people]


def _context(shown: Team | None, form: TeamForm, user: User) -> dict[str, Any]:
    held = memberships_of_team(shown.pk) if shown else {}
    return {
        "form": form,
        "team": shown,
        "rows": matrix_rows(_people(user.authority_id, list(held)), held),
        "rights": RIGHTS.values(),
    }
