"""The tree of sections, as editors shape it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.editor import FORM_METHODS
from helpdesk.desk.knowledge.forms import SectionForm
from helpdesk.desk.knowledge.frame import knowledge_page, section_choices
from helpdesk.desk.settings.frame import posted, written
from helpdesk.permissions.decorators import verb_required
from knowledgebase.domain.sections import (
    SectionDetails,
    change_section,
    create_section,
    delete_section,
    move_section,
)
from knowledgebase.models import Section
from knowledgebase.queries import flat, sections_of, tree_of
from knowledgebase.rules import EDIT, editable_by


def _find(request: HttpRequest, section_id: int) -> Section:
    found = sections_of(agent_of(request).authority_id).filter(pk=section_id).first()
    if found is None:
        raise Http404
    return found


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:knowledge_sections"))


@verb_required(EDIT)
@require_safe
def section_list(request: HttpRequest) -> HttpResponse:
    """Show the tree of sections."""
    user = agent_of(request)
    nodes = flat(tree_of(user.authority_id, editable_by(user)))
    return knowledge_page(request, "sections", {"nodes": nodes})


@verb_required(EDIT)
@require_http_methods(FORM_METHODS)
def section_new(request: HttpRequest) -> HttpResponse:
    """Create a section."""
    return _section_page(request, None)


@verb_required(EDIT)
@require_http_methods(FORM_METHODS)
def section_edit(request: HttpRequest, section_id: int) -> HttpResponse:
    """Change a section."""
    return _section_page(request, _find(request, section_id))


def _section_page(request: HttpRequest, shown: Section | None) -> HttpResponse:
    user = agent_of(request)
    names = ("name", "name_en", "summary", "needs_review")
    initial = {name: getattr(shown, name) for name in names} if shown else {}
    initial["parent"] = str((shown.parent_id if shown else None) or "")
    form = SectionForm(posted(request), initial=initial, sections=section_choices(request))

    def write() -> None:
        given = form.cleaned_data
        details = SectionDetails(
            given["name"],
            given["name_en"],
            given["summary"],
            given["parent"],
            needs_review=given["needs_review"],
        )
        if shown is None:
            create_section(authority_id=user.authority_id, details=details, user=user)
        else:
            change_section(section_id=shown.pk, details=details, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return _to_list()
    return knowledge_page(request, "section", {"form": form, "section": shown})


@verb_required(EDIT)
@require_POST
def section_move(request: HttpRequest, section_id: int) -> HttpResponse:
    """Swap a section with its neighbour."""
    section = _find(request, section_id)
    up = request.POST.get("direction") == "up"
    move_section(section_id=section.pk, up=up, user=agent_of(request))
    return _to_list()


@verb_required(EDIT)
@require_POST
def section_delete(request: HttpRequest, section_id: int) -> HttpResponse:
    """Delete an empty section."""
    section = _find(request, section_id)
    try:
        delete_section(section_id=section.pk, user=agent_of(request))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, gettext("The section is deleted."))
    return _to_list()
