"""The pages of the settings from which the accessibility statement is generated."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.portal import BarrierForm, StatementForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.pages.domain.statement import (
    BarrierDetails,
    StatementDetails,
    remove_barrier,
    save_barrier,
    write_statement,
)
from helpdesk.pages.enforcement import body_of
from helpdesk.pages.models import Barrier
from helpdesk.pages.queries import barriers_of, statement_of
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_portal"
STATEMENT = tuple(StatementDetails.__dataclass_fields__)
BARRIER = tuple(BarrierDetails.__dataclass_fields__)
FORM = require_http_methods(["GET", "HEAD", "POST"])


@verb_required("administer")
@FORM
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show and change the statement, and list the known barriers."""
    user = agent_of(request)
    form = StatementForm(posted(request), initial=_initial(user))

    def write() -> None:
        details = StatementDetails(**form.cleaned_data)
        write_statement(authority_id=user.authority_id, details=details, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_accessibility"))
    context = {
        "form": form,
        "statement": statement_of(user.authority_id),
        "barriers": barriers_of(user.authority_id),
    }
    return settings_page(request, "accessibility", context, current=CURRENT)


def _initial(user: User) -> dict[str, Any]:
    statement = statement_of(user.authority_id)
    if statement is None:
        return {"enforcement": body_of(user.authority.calendar.subdivision)}
    return {name: getattr(statement, name) for name in STATEMENT}


@verb_required("administer")
@FORM
def barrier_new(request: HttpRequest) -> HttpResponse:
    """List a barrier."""
    return _barrier_page(request, None)


@verb_required("administer")
@FORM
def barrier(request: HttpRequest, barrier_id: int) -> HttpResponse:
    """Show and change a barrier."""
    return _barrier_page(request, _find(request, barrier_id))


@verb_required("administer")
@require_POST
def barrier_remove(request: HttpRequest, barrier_id: int) -> HttpResponse:
    """Take a barrier off the list."""
    user, gone = agent_of(request), _find(request, barrier_id)
    remove_barrier(authority_id=user.authority_id, barrier_id=gone.pk, user=user)
    messages.success(request, gettext("The barrier is off the list."))
    return HttpResponseRedirect(reverse("desk:settings_accessibility"))


def _find(request: HttpRequest, barrier_id: int) -> Barrier:
    own = Barrier.objects.filter(authority_id=agent_of(request).authority_id)
    found = own.filter(pk=barrier_id).first()
    if found is None:
        raise Http404
    return found


def _barrier_page(request: HttpRequest, shown: Barrier | None) -> HttpResponse:
    user = agent_of(request)
    initial = {name: getattr(shown, name) for name in BARRIER} if shown else {}
    form = BarrierForm(posted(request), initial=initial)

    def write() -> None:
        save_barrier(
            authority_id=user.authority_id,
            barrier_id=shown.pk if shown else None,
            details=BarrierDetails(**form.cleaned_data),
            user=user,
        )

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_accessibility"))
    context = {"form": form, "barrier": shown}
    return settings_page(request, "barrier", context, current=CURRENT)
