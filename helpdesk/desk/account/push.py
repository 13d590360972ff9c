"""Which browsers tell an agent what is new: parts of the profile, called by its script."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.lib.webpush import Browser
from helpdesk.notifications.push import (
    BadBrowserError,
    PushOffError,
    add_browser,
    remove_browser,
)
from helpdesk.permissions.decorators import staff_required


@require_POST
@staff_required
def push_on(request: HttpRequest) -> HttpResponse:
    """Let the browser that asks be told; its script has the leave of who sits before it."""
    given = request.POST
    browser = Browser(*(given.get(name, "") for name in ("endpoint", "p256dh", "auth")))
    try:
        add_browser(user=agent_of(request), browser=browser, name=given.get("name", ""))
    except PushOffError:
        return HttpResponse(status=409)
    except BadBrowserError:
        return HttpResponse(status=422)
    messages.success(request, gettext("This browser tells you what is new from now on."))
    return HttpResponse(status=204)


@require_POST
@staff_required
def push_off(request: HttpRequest, browser_id: int) -> HttpResponse:
    """Let a browser of one's own be told nothing any more."""
    if not remove_browser(user=agent_of(request), browser_id=browser_id):
        raise Http404
    messages.success(request, gettext("This browser is told nothing any more."))
    return HttpResponseRedirect(reverse("account_profile") + "#push")
