"""Saved views: saved from a list, arranged, shared, deleted and brought back."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.columns import COLUMNS, chosen_columns
from helpdesk.desk.filter_bar import words_of
from helpdesk.desk.listing import Listing, base_view, find_view, read_listing, saved_list
from helpdesk.desk.looks import forget_looks, wanted_columns
from helpdesk.desk.numbers import read_id
from helpdesk.desk.shell import forget_views, keep_undo, shell
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.rules import readable_teams
from helpdesk.worklists.domain.looks import set_columns, set_density
from helpdesk.worklists.domain.views import (
    Audible,
    Conditions,
    ViewNotThereError,
    change_view,
    delete_view,
    move_view,
    rename_view,
    restore_view,
    save_view,
)
from helpdesk.worklists.filters import read_stored
from helpdesk.worklists.models import Audience, SavedView
from helpdesk.worklists.queries import views_in_order

UNDO_SECONDS = 30
CURRENT = "desk:views"
# In a form: "team-7" is a view of that team.
TEAM = "team-"


def audiences_of(user: User) -> list[tuple[str, str]]:
    """Return with whom ``user`` may share a view, in words."""
    teams = [team for team in readable_teams(user) if can(user, "share_view", team)]
    return [
        (Audience.OWN.value, gettext("only me")),
        *((f"{TEAM}{team.pk}", gettext("Team %(name)s") % {"name": team.name}) for team in teams),
        *([(Audience.ALL.value, gettext("everybody"))] if can(user, "share_view") else []),
    ]


def _audible(value: str) -> Audible:
    if value.startswith(TEAM):
        return Audible(Audience.TEAM, read_id(value.removeprefix(TEAM)))
    return Audible(value or Audience.OWN)


@require_http_methods(["GET", "POST"])
@staff_required
def view_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Save the list of this address under a name; what was typed is kept when it is refused."""
    user = agent_of(request)
    listing = read_listing(user, slug, request.GET)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            view = save_view(
                user=user,
                name=request.POST.get("name", ""),
                audible=_audible(request.POST.get("audience", "")),
                conditions=_conditions(listing),
            )
        except ValidationError as refused:
            errors = refused.message_dict
        else:
            forget_views(user)
            messages.success(request, gettext("The view is saved."))
            return redirect("desk:list", slug=view.slug)
    context = {
        **shell(request, slug),
        "listing": listing,
        "view": listing.view,
        "words": words_of(user, listing.filters),
        "errors": errors,
        "typed": request.POST,
        "audiences": audiences_of(user),
    }
    return render(request, "desk/view_new.html", context, status=422 if errors else 200)


def _conditions(listing: Listing) -> Conditions:
    view = listing.view
    return Conditions(
        base=view.saved.base if view.saved else view.slug,
        filters=listing.filters.stored,
        sort=listing.filters.sort,
        columns=wanted_columns(listing.user, view),
    )


@require_GET
@staff_required
def view_list(request: HttpRequest) -> HttpResponse:
    """Show all views one finds, to be put in order, renamed, shared and deleted."""
    return _page(request)


def _page(request: HttpRequest, wrong: dict[str, Any] | None = None) -> HttpResponse:
    user = agent_of(request)
    views = views_in_order(user)
    context = {
        **shell(request, CURRENT),
        "views": [_line(user, view) for view in views],
        "audiences": audiences_of(user),
        "wrong": wrong or {},
    }
    return render(request, "desk/views.html", context, status=422 if wrong else 200)


def _line(user: User, view: SavedView) -> dict[str, Any]:
    base = base_view(user, view.base)
    filters = read_stored(view.filters, view.sort)
    audience = gettext("Team %(name)s") % {"name": view.team.name} if view.team else ""
    return {
        "view": view,
        "base": base.title if base else "",
        "is_there": saved_list(user, view) is not None,
        "words": words_of(user, filters),
        "audience": audience or view.get_audience_display(),
        "audience_value": f"{TEAM}{view.team_id}" if view.team_id else view.audience,
        "is_own": view.owner_id == user.pk,
        "may_change": can(user, "change_view", view),
    }


@require_POST
@staff_required
def view_rename(request: HttpRequest, view_id: int) -> HttpResponse:
    """Change name and audience of a view."""
    user, name = agent_of(request), request.POST.get("name", "")
    audience = request.POST.get("audience", "")
    try:
        rename_view(view_id=view_id, user=user, name=name, audible=_audible(audience))
    except ViewNotThereError as error:
        raise Http404 from error
    except ValidationError as refused:
        wrong = {"id": view_id, "name": name, "errors": refused.messages}
        return _page(request, wrong)
    forget_views(user)
    messages.success(request, gettext("Saved"))
    return redirect(CURRENT)


@require_POST
@staff_required
def view_change(request: HttpRequest, view_id: int) -> HttpResponse:
    """Let a view show from now on what its list was narrowed to."""
    user = agent_of(request)
    listing = read_listing(user, f"s-{view_id}", request.GET)
    try:
        view = change_view(view_id=view_id, user=user, conditions=_conditions(listing))
    except ViewNotThereError as error:
        raise Http404 from error
    forget_views(user)
    messages.success(request, gettext("The view is changed."))
    return redirect("desk:list", slug=view.slug)


@require_POST
@staff_required
def view_move(request: HttpRequest, view_id: int) -> HttpResponse:
    """Put a view one place higher or lower."""
    user = agent_of(request)
    try:
        move_view(view_id=view_id, user=user, up=request.POST.get("to") == "up")
    except ViewNotThereError as error:
        raise Http404 from error
    forget_views(user)
    return redirect(f"{reverse(CURRENT)}#view-{view_id}")


@require_POST
@staff_required
def view_delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a view; the next page offers to bring it back."""
    user = agent_of(request)
    try:
        view = delete_view(view_id=view_id, user=user)
    except ViewNotThereError as error:
        raise Http404 from error
    forget_views(user)
    offered = {
        "text": gettext("View “%(name)s” deleted.") % {"name": view.name},
        "url": reverse("desk:view_restore", args=[view_id]),
        "seconds": UNDO_SECONDS,
        "is_change": True,
    }
    keep_undo(request, offered)
    return redirect(CURRENT)


@require_POST
@staff_required
def view_restore(request: HttpRequest, view_id: int) -> HttpResponse:
    """Bring a deleted view back; too late, it is as if it had never been there."""
    user = agent_of(request)
    by_script = request.headers.get("X-Requested-With") == "fetch"
    try:
        restore_view(view_id=view_id, user=user)
    except ViewNotThereError as error:
        if by_script and SavedView.objects.filter(pk=view_id, owner=user).exists():
            return HttpResponse(status=HTTPStatus.CONFLICT)
        raise Http404 from error
    forget_views(user)
    return JsonResponse({"url": reverse(CURRENT)}) if by_script else redirect(CURRENT)


@require_POST
@staff_required
def looks(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep density, or the columns of a list, and go back to it."""
    user = agent_of(request)
    view = find_view(user, slug)
    if "density" in request.POST:
        try:
            set_density(user=user, density=request.POST["density"])
        except ValueError as error:
            raise Http404 from error
    else:
        wanted = () if "usual" in request.POST else request.POST.getlist("columns")[: len(COLUMNS)]
        set_columns(user=user, slug=view.slug, columns=chosen_columns(wanted) if wanted else ())
    forget_looks(user)
    return redirect(read_listing(user, slug, request.GET).address)
