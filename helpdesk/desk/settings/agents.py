"""Pages of agents: the list, the invitation, one agent."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.agents.domain import membership as doors
from helpdesk.agents.domain.invite import invite_agent
from helpdesk.agents.domain.signin import has_second_factor
from helpdesk.agents.domain.teams import set_user_rights
from helpdesk.agents.models import User
from helpdesk.agents.queries import (
    find_agent,
    memberships_of_user,
    roles_of,
    staff_of,
    teams_of,
)
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.agents import AgentForm
from helpdesk.desk.forms.teams import RIGHTS, matrix_rights, matrix_rows
from helpdesk.desk.settings.frame import matching, posted, settings_page, written
from helpdesk.desk.settings.invitations import hand_over
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.models.ticket import UNFINISHED

CURRENT = "settings_agents"


@verb_required("administer")
@require_safe
def agent_list(request: HttpRequest) -> HttpResponse:
    """Show everybody who works or worked here."""
    words = request.GET.get("q", "").strip()
    agents = staff_of(agent_of(request).authority_id).order_by("-is_active", "name")
    agents = agents.prefetch_related("roles", "memberships__team")
    guarded = set(
        Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user_id", flat=True)
    )
    found = matching(agents, words, lambda person: f"{person.name} {person.email}")
    context = {"agents": found, "words": words, "guarded": guarded}
    return settings_page(request, "agents", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def agent_new(request: HttpRequest) -> HttpResponse:
    """Invite an agent."""
    user = agent_of(request)
    form = AgentForm(
        posted(request),
        initial={"language": user.authority.language},
        roles=roles_of(user.authority_id),
    )
    rows = _rows(request, None)
    if request.method == "POST" and form.is_valid():
        invited: list[tuple[User, str]] = []

        def write() -> None:
            invited.append(
                invite_agent(
                    authority_id=user.authority_id,
                    details=_details(form),
                    role_ids=form.cleaned_data["roles"],
                    rights=matrix_rights(request.POST, [row.key for row in rows]),
                    user=user,
                )
            )

        if written(form, write):
            return hand_over(request, *invited[0])
    context = {"form": form, "agent": None, "rows": rows, "rights": RIGHTS.values()}
    return settings_page(request, "agent", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def agent(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show and change an agent."""
    shown = find(request, user_id)
    form = AgentForm(posted(request), initial=_initial(shown), roles=roles_of(shown.authority_id))
    if request.method == "POST" and _write(request, shown, form):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_agents"))
    return settings_page(request, "agent", page_of(request, shown, form), current=CURRENT)


def find(request: HttpRequest, user_id: int) -> User:
    """Return an agent of the administrator's authority; anybody else is not there."""
    found = find_agent(agent_of(request).authority_id, user_id)
    if found is None:
        raise Http404
    return found


def page_of(request: HttpRequest, shown: User, form: AgentForm) -> dict[str, Any]:
    """Return what the page of one agent shows, also after an action was refused."""
    return {
        "form": form,
        "agent": shown,
        "rows": _rows(request, shown),
        "rights": RIGHTS.values(),
        "is_invited": not shown.has_usable_password(),
        "has_code": has_second_factor(shown),
        "open_tickets": Ticket.objects.filter(owner=shown, status__in=UNFINISHED).count(),
        "is_self": shown.pk == agent_of(request).pk,
    }


def form_of(shown: User) -> AgentForm:
    """Return the form of an agent as it is stored."""
    return AgentForm(initial=_initial(shown), roles=roles_of(shown.authority_id))


def _initial(shown: User) -> dict[str, Any]:
    return {
        "name": shown.name,
        "email": shown.email,
        "phone": shown.phone,
        "language": shown.language,
        "roles": list(shown.roles.values_list("pk", flat=True)),
    }


def _details(form: AgentForm) -> doors.AgentDetails:
    given = form.cleaned_data
    return doors.AgentDetails(given["name"], given["email"], given["phone"], given["language"])


def _rows(request: HttpRequest, shown: User | None) -> list[Any]:
    teams = teams_of(agent_of(request).authority_id).filter(is_active=True)
    subjects = [(team.pk, team.name, "") for team in teams]
    if request.method == "POST" and "name" in request.POST:
        return matrix_rows(subjects, matrix_rights(request.POST, [key for key, *_ in subjects]))
    return matrix_rows(subjects, memberships_of_user(shown.pk) if shown else {})


def _write(request: HttpRequest, shown: User, form: AgentForm) -> bool:
    user = agent_of(request)
    keys = [row.key for row in _rows(request, shown)]

    @transaction.atomic
    def write() -> None:
        doors.change_agent(
            user_id=shown.pk,
            details=_details(form),
            role_ids=form.cleaned_data["roles"],
            user=user,
        )
        rights = matrix_rights(request.POST, keys)
        set_user_rights(user_id=shown.pk, rights=rights, user=user)

    try:
        return written(form, write)
    except doors.LastAdministratorError:
        form.add_error("roles", gettext("Somebody must be able to administer."))
        return False
