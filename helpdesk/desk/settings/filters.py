"""Pages of filters: the list in its order, and the editor with rows and a dry run."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_in.accounts import accounts_of
from channels_in.filters import doors
from channels_in.filters.compiled import compile_filter
from channels_in.filters.doors import MAX_CONDITIONS, Condition
from channels_in.filters.trial import DryRun, try_filter
from channels_in.models import MailFilter
from helpdesk.agents.queries import teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.filter_words import action_words, condition_words
from helpdesk.desk.forms.filters import FilterForm, read_rows, row_forms
from helpdesk.desk.numbers import read_id
from helpdesk.desk.settings.frame import add_refusal, matching, posted, settings_page
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.models import Category

CURRENT = "settings_filters"
EMPTY_ROW = Condition("subject", "contains")
# Fields whose value in the form is that of the row.
PLAIN = ("name", "matching", "tags", "takes_reply_to", "withholds_receipt", "verdict")
FLAGS = ("is_last", "is_active")


@verb_required("administer")
@require_safe
def filter_list(request: HttpRequest) -> HttpResponse:
    """Show all filters in their order."""
    words = request.GET.get("q", "").strip()
    stored = list(doors.filters_of(agent_of(request).authority_id))
    places = {each.pk: place for place, each in enumerate(stored)}
    shown = matching(stored, words, lambda each: each.name)
    rows = [
        {
            "filter": each,
            "place": places[each.pk],
            "conditions": condition_words(each.conditions.all()),
            "actions": action_words(each),
        }
        for each in shown
    ]
    context = {"rows": rows, "words": words, "last": len(stored) - 1}
    return settings_page(request, "filters", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def filter_new(request: HttpRequest) -> HttpResponse:
    """Make a filter."""
    return _filter_page(request, None)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Show, try and change a filter."""
    return _filter_page(request, _find(request, filter_id))


@verb_required("administer")
@require_POST
def filter_move(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Move a filter up or down, or to a place of the order."""
    moved = _find(request, filter_id)
    to = request.POST.get("to", "")
    step = {"up": -1, "down": 1}.get(to)
    place = doors.place_of(moved) + step if step else read_id(to)
    if place is not None:
        doors.move_filter(filter_id=moved.pk, to=place, user=agent_of(request))
    return HttpResponseRedirect(f"{reverse('desk:settings_filters')}#filter-{moved.pk}")


@verb_required("administer")
@require_POST
def filter_delete(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Delete a filter."""
    doors.delete_filter(filter_id=_find(request, filter_id).pk, user=agent_of(request))
    messages.success(request, gettext("The filter is deleted."))
    return HttpResponseRedirect(reverse("desk:settings_filters"))


def topics_for(authority_id: int) -> QuerySet[Category]:
    """Return the topics that rules may lead to, those of one first level together."""
    topics = Category.objects.filter(authority_id=authority_id, is_active=True)
    return topics.select_related("parent").order_by("parent__position", "position", "name")


def _find(request: HttpRequest, filter_id: int) -> MailFilter:
    found = doors.filters_of(agent_of(request).authority_id).filter(pk=filter_id).first()
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, shown: MailFilter | None) -> FilterForm:
    authority_id = agent_of(request).authority_id
    return FilterForm(
        posted(request),
        initial=_initial(shown),
        accounts=accounts_of(authority_id),
        teams=teams_of(authority_id).filter(is_active=True),
        topics=topics_for(authority_id),
    )


def _initial(shown: MailFilter | None) -> dict[str, Any]:
    if shown is None:
        return {}
    keys = {name: getattr(shown, f"{name}_id") or "" for name in ("account", "team", "category")}
    plain = {name: getattr(shown, name) for name in (*PLAIN, *FLAGS)}
    return keys | plain | {"priority": shown.priority or ""}


def _rows_of(shown: MailFilter | None) -> list[Condition]:
    if shown is None:
        return [EMPTY_ROW]
    rows = shown.conditions.all()
    return [Condition(each.field, each.operator, each.value, each.header) for each in rows]


def _filter_page(request: HttpRequest, shown: MailFilter | None) -> HttpResponse:
    if request.method != "POST":
        return _editor(request, shown, _form(request, shown), _rows_of(shown))
    rows = read_rows(request.POST)
    if "add" in request.POST or "remove" in request.POST:
        return _editor(request, shown, _kept(request, shown), _changed(request.POST, rows))
    form = _form(request, shown)
    if not form.is_valid():
        return _editor(request, shown, form, rows)
    try:
        return _saved_or_tried(request, shown, form, rows)
    except ValidationError as refused:
        add_refusal(form, refused)
        return _editor(request, shown, form, rows, problems=_problems(refused))


def _saved_or_tried(
    request: HttpRequest, shown: MailFilter | None, form: FilterForm, rows: list[Condition]
) -> HttpResponse:
    """Save, or look what the filter would have met; raises the door's ValidationError."""
    user = agent_of(request)
    details = form.details(rows)
    if "try" in request.POST:
        drafted = doors.draft_filter(user.authority_id, details)
        tried = compile_filter(drafted, doors.draft_conditions(details))
        return _editor(request, shown, form, rows, run=try_filter(tried, user))
    doors.save_filter(
        authority_id=user.authority_id,
        filter_id=shown.pk if shown else None,
        details=details,
        user=user,
    )
    messages.success(request, gettext("Saved. It holds for mail that comes from now on."))
    return HttpResponseRedirect(reverse("desk:settings_filters"))


def _kept(request: HttpRequest, shown: MailFilter | None) -> FilterForm:
    """Return the form with what was typed, not yet judged: a row is only being added."""
    form = _form(request, shown)
    typed = {name: request.POST.get(name, "") for name in form.fields}
    form.initial = typed
    form.is_bound = False
    return form


def _changed(data: Mapping[str, Any], rows: list[Condition]) -> list[Condition]:
    """Return the rows with one more, or without one; a filter shows at least one."""
    removed = data.get("remove", "")
    left = [row for place, row in enumerate(rows) if str(place) != removed]
    if "add" in data and len(left) < MAX_CONDITIONS:
        left.append(EMPTY_ROW)
    return left or [EMPTY_ROW]


def _problems(refused: ValidationError) -> dict[int, str]:
    """Return what the door says of single conditions, by their number."""
    by_field = refused.error_dict if hasattr(refused, "error_dict") else {}
    return {
        error.params["number"]: error.messages[0]
        for error in by_field.get("conditions", ())
        if error.params
    }


def _editor(
    request: HttpRequest,
    shown: MailFilter | None,
    form: FilterForm,
    rows: list[Condition],
    *,
    problems: Mapping[int, str] | None = None,
    run: DryRun | None = None,
) -> HttpResponse:
    conditions = row_forms(rows or [EMPTY_ROW], problems or {})
    context = {
        "form": form,
        "filter": shown,
        "rows": conditions,
        "may_add": len(conditions) < MAX_CONDITIONS,
        "run": run,
    }
    return settings_page(request, "filter", context, current=CURRENT)
