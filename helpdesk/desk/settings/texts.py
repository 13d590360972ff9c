"""Pages of text modules."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.models import Language
from helpdesk.agents.queries import teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.texts import TextForm
from helpdesk.desk.settings.frame import posted, settings_page, written
from helpdesk.permissions.decorators import verb_required
from helpdesk.textmodules import domain as doors
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.placeholders import PLACEHOLDERS, substitute, unknown_placeholders
from helpdesk.textmodules.queries import modules_of, search_modules
from helpdesk.textmodules.render import SAMPLE

CURRENT = "settings_texts"


@verb_required("edit_texts")
@require_safe
def text_list(request: HttpRequest) -> HttpResponse:
    """Show all text modules, or those that hold the words searched for."""
    words = request.GET.get("q", "").strip()
    modules = search_modules(modules_of(agent_of(request).authority_id), words)
    return settings_page(request, "texts", {"modules": modules, "words": words}, current=CURRENT)


@verb_required("edit_texts")
@require_http_methods(["GET", "HEAD", "POST"])
def text_new(request: HttpRequest) -> HttpResponse:
    """Create a text module."""
    return _text_page(request, None)


@verb_required("edit_texts")
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, module_id: int) -> HttpResponse:
    """Show, preview and change a text module."""
    return _text_page(request, _find(request, module_id))


@verb_required("edit_texts")
@require_POST
def text_delete(request: HttpRequest, module_id: int) -> HttpResponse:
    """Delete a text module."""
    doors.delete_text_module(module_id=_find(request, module_id).pk, user=agent_of(request))
    messages.success(request, gettext("The text module is deleted."))
    return HttpResponseRedirect(reverse("desk:settings_texts"))


def _find(request: HttpRequest, module_id: int) -> TextModule:
    found = modules_of(agent_of(request).authority_id).filter(pk=module_id).first()
    if found is None:
        raise Http404
    return found


def _initial(shown: TextModule | None) -> dict[str, Any]:
    if shown is None:
        return {}
    bodies = {f"body_{text.language}": text.body for text in shown.texts.all()}
    return bodies | {
        "title": shown.title,
        "keywords": shown.keywords,
        "team": shown.team_id or "",
        "is_active": shown.is_active,
    }


def _text_page(request: HttpRequest, shown: TextModule | None) -> HttpResponse:
    teams = teams_of(agent_of(request).authority_id).filter(is_active=True)
    form = TextForm(posted(request), initial=_initial(shown), teams=teams)
    previewing = request.method == "POST" and "preview" in request.POST
    if (
        request.method == "POST"
        and not previewing
        and written(form, lambda: _write(request, shown, form))
    ):
        _warn(request, form)
        return HttpResponseRedirect(reverse("desk:settings_texts"))
    context = {
        "form": form,
        "module": shown,
        "bodies": [form[f"body_{language}"] for language in Language],
        "placeholders": PLACEHOLDERS.items(),
        "previews": _previews(form) if previewing and form.is_valid() else [],
    }
    return settings_page(request, "text", context, current=CURRENT)


def _write(request: HttpRequest, shown: TextModule | None, form: TextForm) -> None:
    user = agent_of(request)
    given = form.cleaned_data
    details = doors.ModuleDetails(
        title=given["title"],
        bodies=form.bodies,
        keywords=given["keywords"],
        team_id=given["team"],
        is_active=given["is_active"],
    )
    if shown is None:
        doors.create_text_module(authority_id=user.authority_id, details=details, user=user)
    else:
        doors.change_text_module(module_id=shown.pk, details=details, user=user)


def _warn(request: HttpRequest, form: TextForm) -> None:
    names = unknown_placeholders("\n".join(form.bodies.values()))
    if not names:
        messages.success(request, gettext("Saved"))
        return
    shown = ", ".join(f"{{{{{name}}}}}" for name in names)
    messages.warning(
        request,
        gettext("Saved. These placeholders are not known and stay as they are: %(names)s")
        % {"names": shown},
    )


def _previews(form: TextForm) -> list[dict[str, Any]]:
    return [
        {"language": Language(language), "filled": substitute(body, SAMPLE)}
        for language, body in form.bodies.items()
        if body
    ]
