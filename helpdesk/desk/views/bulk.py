"""Many requests of a list changed at once: asked what, started, watched, undone."""

import time
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.choosing import QUESTIONS, Chosen, read_chosen
from helpdesk.desk.listing import Listing, read_listing
from helpdesk.desk.numbers import read_id
from helpdesk.desk.sheets import is_by_script
from helpdesk.desk.shell import forget_counts, keep_undo, shell
from helpdesk.desk.walk import way_back
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.bulk import (
    State,
    Wanted,
    counts_of,
    failures_of,
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
REASONS = {
    "not_there": gettext_noop("no access"),
    "cannot_work": gettext_noop("this person can't read requests of that team"),
    "status": gettext_noop("this status can't follow the present one"),
    "changed": gettext_noop("changed since"),
    "merged": gettext_noop("merged already, or in the bin"),
    "tags": gettext_noop("too many tags"),
    "other_person": gettext_noop("of another person"),
    "placeholder": gettext_noop("a placeholder has no value here"),
    "strange": gettext_noop("the last message came from an unproven address; answer it by itself"),
    "no_way": gettext_noop("no e-mail address, and the status page is not known to the citizen"),
    "no_sender": gettext_noop("no sender is set up for the team"),
    "newer": gettext_noop("something new has come since"),
    "error": gettext_noop("an error of the program; it is in the log"),
}
DAY = "later"


@require_POST
@staff_required
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask what is to be done with the chosen requests of a list."""
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    question = QUESTIONS.get(request.POST.get("ask", ""))
    if question is None:
        raise Http404
    chosen = read_chosen(request, listing)
    if not chosen.ids:
        return nothing_chosen(request, listing)
    context = {
        **shell(request, slug),
        **chosen_context(listing, chosen),
        "question": question,
        "groups": question.groups(user, chosen),
        "in_dialog": is_by_script(request),
    }
    return render(request, "desk/bulk_choose.html", context)


def chosen_context(listing: Listing, chosen: Chosen) -> dict[str, Any]:
    """Return what every form about chosen requests carries on."""
    return {"listing": listing, "view": listing.view, "chosen": chosen}


def nothing_chosen(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Go back to the list and say what is missing."""
    messages.error(request, gettext("Choose at least one request."))
    return redirect(listing.address)


@require_POST
@staff_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the chosen requests of a list, or all of it; each by its own door."""
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    chosen = read_chosen(request, listing)
    if not chosen.ids:
        return nothing_chosen(request, listing)
    action, _, value = request.POST.get("do", "").partition(":")
    if action == "mine":
        action, value = "owner", str(user.pk)
    if action == DAY and not value:
        value = request.POST.get("day", "").strip()
    try:
        job = start_job(user=user, wanted=Wanted(action, value), ticket_ids=chosen.ids)
    except ValueError as error:
        if action == DAY:
            messages.error(request, gettext("Choose a day to come, at most three years from now."))
            return redirect(listing.address)
        raise Http404 from error
    return go_on(request, job, slug)


@require_GET
@staff_required
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show how far a job of one's own is, and what was not changed and why."""
    job = _find(request, job_id)
    counts = counts_of(job)
    failed = failures_of(job)
    shown = failed.filter(ticket__in=visible_to(agent_of(request)))
    page = Paginator(shown, PAGE).get_page(_page_number(request))
    context = {
        **shell(request),
        "job": job,
        "total": sum(counts.values()),
        "open": counts[State.DONE] if job.undo_from else counts[State.WAITING],
        "done": counts[State.UNDONE] if job.undo_from else counts[State.DONE],
        "failed": counts[State.KEPT] if job.undo_from else counts[State.FAILED],
        "page": page,
        "failures": [(item.ticket, reason_word(item.reason)) for item in page],
        "hidden": failed.count() - page.paginator.count,
        "view_slug": _slug(request),
        "may_undo": may_undo(job),
        "held_answers": job.action == "answer" and job.undo_from is None,
    }
    return render(request, "desk/bulk.html", context)


def reason_word(reason: str) -> str:
    """Return in words why something was not done."""
    return gettext(REASONS.get(reason, reason))


def _page_number(request: HttpRequest) -> int:
    return read_id(request.GET.get("page", "")) or 1


@require_POST
@staff_required
def undo(request: HttpRequest, job_id: int) -> HttpResponse:
    """Take a job of one's own back, ticket by ticket; 409 when it is too late."""
    _find(request, job_id)
    by_script = is_by_script(request)
    job = undo_job(job_id=job_id, user=agent_of(request))
    if job is None:
        if by_script:
            return HttpResponse(status=HTTPStatus.CONFLICT)
        messages.error(request, gettext("Too late to undo this."))
        return redirect("desk:bulk_job", job_id=job_id)
    answer = go_on(request, job, _slug(request))
    return JsonResponse({"url": answer["Location"]}) if by_script else answer


def go_on(request: HttpRequest, job: BulkJob, slug: str) -> HttpResponse:
    """Work as long as somebody waits; then back to the list, or to the page of what is left."""
    user = agent_of(request)
    is_done = work_off(job, until=time.monotonic() + AT_ONCE)
    forget_counts(user)
    page = f"{reverse('desk:bulk_job', args=[job.pk])}?view={slug}"
    counts = counts_of(job)
    if not is_done:
        return redirect(page)
    if counts[State.FAILED if not job.undo_from else State.KEPT]:
        return redirect(page)
    if job.undo_from is None:
        keep_undo(request, _undo_of(job, counts[State.DONE], slug))
    return redirect(way_back(user, slug or "unassigned"))


def _undo_of(job: BulkJob, count: int, slug: str) -> dict[str, Any]:
    if job.action == "answer":
        sentence = ngettext("%(count)d answer sent.", "%(count)d answers sent.", count)
    else:
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
