"""What is done to one agent by a button of its own."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as marked
from django.views.decorators.http import require_POST

from helpdesk.agents.domain.invite import renew_invitation
from helpdesk.agents.domain.membership import (
    LastAdministratorError,
    deactivate_agent,
    reactivate_agent,
)
from helpdesk.agents.domain.signin import end_sessions, remove_second_factor
from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.settings.agents import find, form_of, page_of
from helpdesk.desk.settings.frame import REFUSED, settings_page
from helpdesk.desk.settings.invitations import CURRENT, hand_over
from helpdesk.permissions.decorators import verb_required


def _deactivate(agent: User, by: User) -> None:
    deactivate_agent(user_id=agent.pk, user=by)


def _reactivate(agent: User, by: User) -> None:
    reactivate_agent(user_id=agent.pk, user=by)


def _remove_code(agent: User, by: User) -> None:
    remove_second_factor(user=agent, by=by)


def _end_sessions(agent: User, by: User) -> None:
    end_sessions(user=agent, by=by)


# Name in the address → (what is done, what is said then).
ACTIONS: dict[str, tuple[Callable[[User, User], None], str]] = {
    "abschalten": (_deactivate, marked("The access is switched off; all sessions have ended.")),
    "einschalten": (_reactivate, marked("The access is switched on again.")),
    "code-entfernen": (_remove_code, marked("The second factor is removed.")),
    "abmelden": (_end_sessions, marked("All sessions of this person have ended.")),
}


@verb_required("administer")
@require_POST
def agent_action(request: HttpRequest, user_id: int, action: str) -> HttpResponse:
    """Do one of the actions; the last administrator can't be locked out."""
    shown = find(request, user_id)
    act, said = ACTIONS[action]
    try:
        act(shown, agent_of(request))
    except LastAdministratorError:
        context: dict[str, Any] = page_of(request, shown, form_of(shown))
        context["refusal"] = gettext("Somebody must be able to administer.")
        return settings_page(request, "agent", context, current=CURRENT, status=REFUSED)
    messages.success(request, gettext(said))
    return HttpResponseRedirect(reverse("desk:settings_agent", args=(shown.pk,)))


@verb_required("administer")
@require_POST
def agent_invite(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send the invitation again; the link sent before stops working."""
    shown = find(request, user_id)
    agent, token = renew_invitation(user_id=shown.pk, user=agent_of(request))
    return hand_over(request, agent, token)
