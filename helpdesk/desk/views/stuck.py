"""What the machine gave up: events nothing could follow, mails a server would not give."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET, require_POST

from channels_in.quarantine import forget_place
from channels_in.queries import unfetchable
from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import shell
from helpdesk.permissions.decorators import verb_required
from helpdesk.reactions.dispatch import retry
from helpdesk.reactions.models import Reaction
from helpdesk.reactions.queries import parked
from helpdesk.tickets import facts

PAGE = 50
# What happened, for somebody who need not know the request.
HAPPENED = {
    facts.CREATED: gettext_noop("A request arrived"),
    facts.MESSAGE_RECEIVED: gettext_noop("A reply arrived"),
    facts.ANSWERED: gettext_noop("An answer was written"),
    facts.STATUS_CHANGED: gettext_noop("A status was changed"),
    facts.ASSIGNED: gettext_noop("A request was assigned"),
    facts.MOVED: gettext_noop("A request was moved to another team"),
}
OTHER = gettext_noop("A request was changed")


@require_GET
@verb_required("operate")
def stuck(request: HttpRequest) -> HttpResponse:
    """List what was given up, each with its reason."""
    authority_id = agent_of(request).authority_id
    page = Paginator(parked(authority_id), PAGE).get_page(request.GET.get("page"))
    context = {
        **shell(request, "desk:stuck"),
        "title": gettext("Given up"),
        "page": page,
        "events": [(row, happened(row)) for row in page.object_list],
        "places": unfetchable(authority_id)[:PAGE],
    }
    return render(request, "desk/operation/stuck.html", context)


def happened(row: Reaction) -> str:
    """Return what the event was, in words."""
    return gettext(HAPPENED.get(row.event.kind, OTHER))


@require_POST
@verb_required("operate")
def again(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """Let an event be worked off once more, from the start."""
    found = get_object_or_404(
        Reaction, pk=reaction_id, event__authority_id=agent_of(request).authority_id
    )
    if retry(reaction_id=found.pk):
        messages.success(request, gettext("It is being tried again."))
    else:
        messages.error(request, gettext("This has been dealt with already."))
    return redirect("desk:stuck")


@require_POST
@verb_required("operate")
def fetch_again(request: HttpRequest, sighting_id: int) -> HttpResponse:
    """Let the next visit to the mailbox ask for a mail once more."""
    found = get_object_or_404(unfetchable(agent_of(request).authority_id), pk=sighting_id)
    if forget_place(sighting_id=found.pk):
        messages.success(request, gettext("The mail is asked for again at the next visit."))
    else:
        messages.error(request, gettext("This has been dealt with already."))
    return redirect("desk:stuck")
