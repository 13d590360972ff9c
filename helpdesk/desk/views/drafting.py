"""What helps while one writes: drafts, files, text modules."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.composing import Composed
from helpdesk.desk.enclosures import read_enclosed, take_enclosed
from helpdesk.desk.modules import suggest_modules
from helpdesk.desk.naming import suggest_people
from helpdesk.desk.views.compose import ticket_address
from helpdesk.desk.views.ticket import find_ticket, view_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.textmodules.domain import record_use
from helpdesk.textmodules.queries import module_for_team
from helpdesk.tickets.domain.drafts import save_draft, take_over_draft
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.wording import wording_of
from helpdesk.tickets.models import ArticleDraft


@require_POST
@staff_required
def draft(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what was typed so far, with everything that stands beside it."""
    composed = Composed(request, find_ticket(request, number), kind)
    save_draft(typed=composed.typed(), user=agent_of(request))
    return HttpResponse(status=204)


@require_POST
@staff_required
def take_over(request: HttpRequest, number: str, draft_id: int) -> HttpResponse:
    """Go on with a draft that a colleague has begun."""
    ticket = find_ticket(request, number)
    theirs = ArticleDraft.objects.filter(pk=draft_id, ticket=ticket).first()
    if theirs is None:
        raise Http404
    try:
        take_over_draft(draft_id=theirs.pk, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    messages.success(request, gettext("The draft is yours now."))
    return redirect(ticket_address(ticket, view_of(request)))


@require_POST
@staff_required
def enclose(request: HttpRequest, number: str) -> HttpResponse:
    """Store files for a text that is being written; the answer names them by signed notes."""
    ticket, user = find_ticket(request, number), agent_of(request)
    kept = read_enclosed(ticket, user, request.POST.getlist("kept"))
    files, problems = take_enclosed(ticket, user, kept, request.FILES.getlist("files"))
    added = [
        {"note": file.note, "name": file.name, "size": file.size} for file in files[len(kept) :]
    ]
    return JsonResponse({"files": added, "problems": problems}, status=200 if added else 422)


@require_POST
@staff_required
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """Show a text as its readers will see it, marks and all."""
    find_ticket(request, number)
    typed = request.POST.get("body", "")
    return HttpResponse(wording_of(typed, is_marked=True).shown)


@require_GET
@staff_required
def modules(request: HttpRequest, number: str) -> JsonResponse:
    """Return the text modules that fit what was typed, filled in for this ticket."""
    ticket = find_ticket(request, number)
    typed = request.GET.get("q", "")[:60].replace("\0", "")
    found = suggest_modules(ticket=ticket, user=agent_of(request), typed=typed)
    return JsonResponse({"results": found})


@require_GET
@staff_required
def people(request: HttpRequest, number: str) -> JsonResponse:
    """Return the people and teams that a note can name, by what was typed behind the @."""
    ticket = find_ticket(request, number)
    found = suggest_people(ticket, request.GET.get("q", "")[:60].replace("\0", ""))
    return JsonResponse({"results": found})


@require_POST
@staff_required
def module_used(request: HttpRequest, number: str, module_id: int) -> HttpResponse:
    """Remember that a text module went into a text about this ticket's topic."""
    ticket = find_ticket(request, number)
    module = module_for_team(
        authority_id=ticket.authority_id, team_id=ticket.team_id, module_id=module_id
    )
    if module is None:
        raise Http404
    record_use(module=module, user=agent_of(request), topic_id=ticket.category_id)
    return HttpResponse(status=204)
