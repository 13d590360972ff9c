"""The page of a citizen: their requests, what was written, and what staff keep of them."""

import json
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.citizens.models import Citizen, Organisation
from helpdesk.desk import citizens as reads
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.citizens import CautionForm, CitizenForm, OrganisationForm
from helpdesk.desk.palette import line_of
from helpdesk.desk.shell import shell
from helpdesk.desk.undoing import change_offer, keep_for_page, undo_by
from helpdesk.permissions.decorators import staff_required
from helpdesk.privacy.domain.handing_out import hand_out
from helpdesk.privacy.holdings import as_text
from helpdesk.privacy.persons import kept_of
from helpdesk.tickets.domain.people import (
    AddressTakenError,
    PersonNotThereError,
    change_entry,
    end_warning,
    rename_organisation,
    take_back_entry,
    warn_of_person,
)
from helpdesk.tickets.domain.trash import KEPT

PAGE = 25
REFUSED = 422
TABS = ("requests", "messages", "data", "history")


def _find(request: HttpRequest, citizen_id: int) -> Citizen:
    citizen = reads.find_known(agent_of(request), citizen_id)
    if citizen is None:
        raise Http404
    return citizen


@require_GET
@staff_required
def citizen_page(request: HttpRequest, citizen_id: int) -> HttpResponse:
    """Show one tab of a citizen."""
    citizen, user = _find(request, citizen_id), agent_of(request)
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else TABS[0]
    context = _frame(request, citizen) | {"tab": tab, "tabs": _tabs(tab)}
    if tab == "requests":
        found = reads.tickets_of(user, [citizen.pk])
        context["page"] = Paginator(found, PAGE).get_page(request.GET.get("page"))
    elif tab == "messages":
        found_articles = reads.articles_of(user, citizen)
        context["page"] = Paginator(found_articles, PAGE).get_page(request.GET.get("page"))
    elif tab == "data":
        context |= {"kept": kept_of(user, citizen), "days": KEPT.days}
    else:
        context["history"] = reads.history_of(citizen, user)
    return render(request, "desk/citizen.html", context)


def _tabs(current: str) -> list[dict[str, Any]]:
    words = (gettext("Requests"), gettext("Messages"), gettext("Data"), gettext("History"))
    return [
        {"name": name, "label": label, "current": name == current}
        for name, label in zip(TABS, words, strict=True)
    ]


def _frame(request: HttpRequest, citizen: Citizen) -> dict[str, Any]:
    user = agent_of(request)
    return {
        **shell(request),
        "citizen": citizen,
        "called": line_of(citizen).name,
        "speaks": reads.language_name(citizen.language) if citizen.language else "",
        "points": list(citizen.contact_points.all()),
        "caution": reads.caution_of(citizen),
        "open_count": reads.count_open(user, citizen),
        "alike": [line_of(other) for other in reads.alike(user, citizen)],
        "may_change": reads.may_change(user, citizen),
        "new_for": citizen.pk,
    }


@require_POST
@staff_required
def citizen_file(request: HttpRequest, citizen_id: int) -> HttpResponse:
    """Hand out what is kept of a citizen, as a file."""
    citizen = _find(request, citizen_id)
    try:
        found = hand_out(citizen_id=citizen.pk, user=agent_of(request))
    except PersonNotThereError as error:
        raise Http404 from error
    content = json.dumps(found, ensure_ascii=False, indent=1, default=as_text)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    name = f"{gettext('data')}-{citizen.pk}-{timezone.localdate():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def citizen_edit(request: HttpRequest, citizen_id: int) -> HttpResponse:
    """Change what is kept of a citizen; it can be undone for a moment."""
    citizen, user = _find(request, citizen_id), agent_of(request)
    if not reads.may_change(user, citizen):
        raise Http404
    form = CitizenForm(request.POST if request.method == "POST" else None, citizen=citizen)
    if request.method == "POST" and form.is_valid() and _change(request, citizen, form):
        return redirect("desk:citizen", citizen_id=citizen.pk)
    organisations = reads.known_organisations(user)
    context = _frame(request, citizen) | {"form": form, "organisations": organisations}
    status = REFUSED if form.errors else 200
    return render(request, "desk/citizen_edit.html", context, status=status)


def _change(request: HttpRequest, citizen: Citizen, form: CitizenForm) -> bool:
    try:
        key = change_entry(
            citizen_id=citizen.pk, user=agent_of(request), details=form.details(), ties=form.ties()
        )
    except AddressTakenError:
        form.add_error(
            "mails", gettext("Another citizen has this address. Perhaps they are the same person.")
        )
        return False
    except PersonNotThereError as error:
        raise Http404 from error
    if key:
        undo = reverse("desk:citizen_undo", args=[citizen.pk, key])
        keep_for_page(request, change_offer(gettext("Saved."), undo))
    return True


@require_POST
@staff_required
def citizen_undo(request: HttpRequest, citizen_id: int, key: str) -> HttpResponse:
    """Undo the last change of a citizen, as long as nobody has changed them since."""
    citizen = _find(request, citizen_id)
    undo = partial(take_back_entry, citizen_id=citizen.pk, user=agent_of(request), key=key)
    return undo_by(request, reverse("desk:citizen", args=[citizen.pk]), undo)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def citizen_caution(request: HttpRequest, citizen_id: int) -> HttpResponse:
    """Warn colleagues of a citizen with a reason and an end, or end the warning."""
    citizen, user = _find(request, citizen_id), agent_of(request)
    if not reads.may_change(user, citizen):
        raise Http404
    if request.method == "POST" and "end" in request.POST:
        end_warning(citizen_id=citizen.pk, user=user)
        messages.success(request, gettext("The warning has ended."))
        return redirect("desk:citizen", citizen_id=citizen.pk)
    form = CautionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        warn_of_person(citizen_id=citizen.pk, user=user, **form.cleaned_data)
        messages.success(request, gettext("The warning stands."))
        return redirect("desk:citizen", citizen_id=citizen.pk)
    context = _frame(request, citizen) | {"form": form}
    status = REFUSED if form.errors else 200
    return render(request, "desk/citizen_caution.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def organisation_page(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Show the people of an organisation and their requests; change its name."""
    user = agent_of(request)
    organisation = reads.find_organisation(user, organisation_id)
    if organisation is None:
        raise Http404
    people = reads.people_of(user, organisation)
    may_change = any(reads.may_change(user, person) for person in people[:1])
    form = _organisation_form(request, organisation)
    if request.method == "POST" and form.is_valid() and _rename(request, organisation, form):
        messages.success(request, gettext("Saved"))
        return redirect("desk:organisation", organisation_id=organisation.pk)
    found = reads.tickets_of(user, [person.pk for person in people])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        **shell(request),
        "organisation": organisation,
        "people": [{"line": line_of(person), "asked": _asked(person)} for person in people],
        "page": page,
        "form": form,
        "may_change": may_change,
    }
    status = REFUSED if form.errors else 200
    return render(request, "desk/organisation.html", context, status=status)


def _asked(person: Citizen) -> int:
    return int(getattr(person, "asked", 0))


def _organisation_form(request: HttpRequest, organisation: Organisation) -> OrganisationForm:
    initial = {"name": organisation.name, "domain": organisation.domain}
    return OrganisationForm(request.POST if request.method == "POST" else None, initial=initial)


def _rename(request: HttpRequest, organisation: Organisation, form: OrganisationForm) -> bool:
    try:
        rename_organisation(
            organisation_id=organisation.pk, user=agent_of(request), **form.cleaned_data
        )
    except PersonNotThereError as error:
        raise Http404 from error
    return True
