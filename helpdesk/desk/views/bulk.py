"""Many requests of a list changed at once: started, watched, undone."""

import time
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.listing import read_listing
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import UNDO_KEY, forget_counts, shell
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.bulk import (
    MAX_ITEMS,
    State,
    counts_of,
    may_undo,
    start_job,
    undo_job,
    work_off,
)
from helpdesk.tickets.models import BulkJob
from helpdesk.tickets.queries import PAGE, visible_to

# What is done while somebody waits; the task goes on with the rest.
AT_ONCE = 2.0
UNDO_SECONDS = 30
SHOWN_FAILURES = 200
REASONS = {
    "not_there": gettext_noop("no access"),
    "cannot_work": gettext_noop("this person can't read requests of that team"),
    "status": gettext_noop("this status can't follow the present one"),
    "changed": gettext_noop("changed since"),
}


@require_POST
@staff_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the chosen requests of a list, or all of it; each by its own door."""
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    if "all" in request.POST:
        ids = list(listing.tickets().order_by().values_list("pk", flat=True)[:MAX_ITEMS])
    else:
        wanted = map(read_id, request.POST.getlist("ids")[:PAGE])
        ids = [ticket_id for ticket_id in wanted if ticket_id is not None]
    action, _, value = request.POST.get("do", "").partition(":")
    if action == "mine":
        action, value = "owner", str(user.pk)
    if not ids:
        messages.error(request, gettext("Choose at least one request."))
        return redirect("desk:list", slug=slug)
    try:
        job = start_job(user=user, action=action, value=value, ticket_ids=ids)
    except ValueError as error:
        raise Http404 from error
    return _go_on(request, job, slug)


@require_GET
@staff_required
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show how far a job of one's own is, and what was not changed and why."""
    job = _find(request, job_id)
    counts = counts_of(job)
    failed = job.items.filter(state__in=(State.FAILED, State.KEPT)).select_related("ticket")
    visible = set(
        visible_to(agent_of(request))
        .filter(pk__in=failed.values("ticket_id"))
        .values_list("pk", flat=True)
    )
    context = {
        **shell(request),
        "job": job,
        "total": sum(counts.values()),
        "open": counts[State.DONE] if job.undo_from else counts[State.WAITING],
        "done": counts[State.UNDONE] if job.undo_from else counts[State.DONE],
        "failures": [
            (item.ticket, gettext(REASONS.get(item.reason, item.reason)))
            for item in failed[:SHOWN_FAILURES]
            if item.ticket_id in visible
        ],
        "hidden": failed.count() - len(visible),
        "view_slug": _slug(request),
        "may_undo": may_undo(job),
    }
    return render(request, "desk/bulk.html", context)


@require_POST
@staff_required
def undo(request: HttpRequest, job_id: int) -> HttpResponse:
    """Take a job of one's own back, ticket by ticket; 409 when it is too late."""
    _find(request, job_id)
    by_script = request.headers.get("X-Requested-With") == "fetch"
    job = undo_job(job_id=job_id, user=agent_of(request))
    if job is None:
        if by_script:
            return HttpResponse(status=HTTPStatus.CONFLICT)
        messages.error(request, gettext("Too late to undo this."))
        return redirect("desk:bulk_job", job_id=job_id)
    answer = _go_on(request, job, _slug(request))
    return JsonResponse({"url": answer["Location"]}) if by_script else answer


def _go_on(request: HttpRequest, job: BulkJob, slug: str) -> HttpResponse:
    """Work as long as somebody waits; then back to the list, or to the page of what is left."""
    is_done = work_off(job, until=time.monotonic() + AT_ONCE)
    forget_counts(agent_of(request))
    page = f"{reverse('desk:bulk_job', args=[job.pk])}?view={slug}"
    counts = counts_of(job)
    if not is_done:
        return redirect(page)
    if counts[State.FAILED if not job.undo_from else State.KEPT]:
        return redirect(page)
    if job.undo_from is None:
        request.session[UNDO_KEY] = _undo_of(job, counts[State.DONE], slug)
    return redirect("desk:list", slug=slug or "unassigned")


def _undo_of(job: BulkJob, count: int, slug: str) -> dict[str, Any]:
    sentence = ngettext("%(count)d request changed.", "%(count)d requests changed.", count)
    return {
        "text": sentence % {"count": count},
        "url": f"{reverse('desk:bulk_undo', args=[job.pk])}?view={slug}",
        "seconds": UNDO_SECONDS,
        "is_change": True,
    }


def _slug(request: HttpRequest) -> str:
    slug = request.GET.get("view", "")
    return slug if slug.replace("-", "").isalnum() and slug.isascii() else ""


def _find(request: HttpRequest, job_id: int) -> BulkJob:
    job = BulkJob.objects.select_related("user").filter(pk=job_id, user=agent_of(request)).first()
    if job is None:
        raise Http404
    return job
