"""What the figures say about answers, and what an editor does about it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.frame import knowledge_page
from helpdesk.permissions.decorators import verb_required
from knowledgebase import reports
from knowledgebase.domain.misses import ignore_miss, ignore_use
from knowledgebase.rules import WRITE


@verb_required(WRITE)
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Show what is missing, what does not help, what leads nowhere, what nobody reads."""
    user = agent_of(request)
    context = {
        "overall": reports.overall(user),
        "misses": reports.missed_searches(user),
        "unopened": reports.unopened_searches(user),
        "helped": reports.answered_with(user),
        "unhelpful": reports.unhelpful(user),
        "requests": reports.led_to_requests(user),
        "dead": reports.with_dead_links(user),
        "unused": reports.unused(user),
    }
    return knowledge_page(request, "report", context)


@verb_required(WRITE)
@require_POST
def ignore(request: HttpRequest, miss_id: int) -> HttpResponse:
    """Show a search in vain no more."""
    user = agent_of(request)
    found = reports.find_miss(user, miss_id)
    if found is None:
        raise Http404
    ignore_miss(miss_id=found.pk, user=user)
    messages.success(request, gettext("Not shown any more."))
    return HttpResponseRedirect(reverse("desk:knowledge_report"))


@verb_required(WRITE)
@require_POST
def ignore_search(request: HttpRequest, use_id: int) -> HttpResponse:
    """Show a search of which nothing is opened no more."""
    user = agent_of(request)
    found = reports.find_use(user, use_id)
    if found is None:
        raise Http404
    ignore_use(use_id=found.pk, user=user)
    messages.success(request, gettext("Not shown any more."))
    return HttpResponseRedirect(reverse("desk:knowledge_report"))
