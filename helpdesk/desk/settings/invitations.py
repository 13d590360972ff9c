"""Actions on one agent: invite again, lock out, let in, take the second factor off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from helpdesk.agents.models import User
from helpdesk.desk.settings.frame import settings_page
from helpdesk.notifications.account_mails import (
    AccountMail,
    NoSenderError,
    absolute,
    queue_account_mail,
)

CURRENT = "settings_agents"


def hand_over(request: HttpRequest, agent: User, token: str) -> HttpResponse:
    """Send the invitation by mail; without a sender show the link once, to be handed over."""
    link = absolute(reverse("account_invitation", args=(token,)), agent.authority)
    try:
        queue_account_mail(mail=AccountMail("invitation", agent, link=link))
    except NoSenderError:
        context = {"agent": agent, "link": link}
        return settings_page(request, "invitation_link", context, current=CURRENT)
    messages.success(
        request, gettext("The invitation to %(email)s is on its way.") % {"email": agent.email}
    )
    return HttpResponseRedirect(reverse("desk:settings_agents"))
