"""Shared texts: written once, shown in every answer that names them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.knowledge.editor import FORM_METHODS
from helpdesk.desk.knowledge.frame import knowledge_page
from helpdesk.desk.settings.frame import posted, written
from helpdesk.permissions.decorators import verb_required
from helpdesk.permissions.registry import can
from knowledgebase.body import show_body
from knowledgebase.domain.snippets import (
    MAX_BODY,
    approve_snippet,
    change_snippet,
    create_snippet,
    delete_snippet,
    drop_proposal,
    needs_second,
)
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.marks import from_marks, to_marks
from knowledgebase.models import SNIPPET_ABOUT, Snippet
from knowledgebase.queries import in_order_of_titles, titles_for_editors
from knowledgebase.rules import EDIT, REVIEW, WRITE
from knowledgebase.sharing import answers_naming, counts_for, snippets_of

NAMED_SHOWN = 100


class SnippetForm(SettingsForm):
    """A shared text in every language, as marked text."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Small letters, digits and hyphens, such as fee-passport. It stays."),
    )
    about = forms.CharField(
        label=_("What it is for"),
        max_length=SNIPPET_ABOUT,
        required=False,
        help_text=_("Only editors see this."),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        """Add the words of each language; the name of one that is there stays."""
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["name"]
        for language in KnowledgeLanguage:
            self.fields[f"body_{language}"] = forms.CharField(
                label=language.label,
                max_length=MAX_BODY * 2,
                required=language == KnowledgeLanguage.GERMAN,
                widget=forms.Textarea(attrs={"rows": 4, "lang": language.value}),
            )

    @property
    def bodies(self) -> dict[str, str]:
        """Return language → HTML, which the door cleans."""
        given = self.cleaned_data
        return {code: from_marks(given[f"body_{code}"]) for code in KnowledgeLanguage.values}


@verb_required(WRITE)
@require_safe
def snippet_list(request: HttpRequest) -> HttpResponse:
    """Show all shared texts."""
    user = agent_of(request)
    counts = counts_for(user)
    rows = [
        {
            "snippet": row,
            "html": _shown({text.language: text.body for text in row.texts.all()})[0]["html"],
            "count": counts.get(row.pk, 0),
        }
        for row in snippets_of(user.authority_id)
    ]
    return knowledge_page(request, "snippets", {"rows": rows})


@verb_required(EDIT)
@require_http_methods(FORM_METHODS)
def snippet_new(request: HttpRequest) -> HttpResponse:
    """Write a shared text."""
    user = agent_of(request)
    form = SnippetForm(posted(request), is_new=True)

    def write() -> None:
        given = form.cleaned_data
        create_snippet(
            authority_id=user.authority_id,
            name=given["name"],
            about=given["about"],
            bodies=form.bodies,
            user=user,
        )

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:knowledge_snippets"))
    return knowledge_page(request, "snippet", {"form": form})


@verb_required(WRITE)
@require_http_methods(FORM_METHODS)
def snippet_edit(request: HttpRequest, snippet_id: int) -> HttpResponse:
    """Show a shared text and where it stands; those who publish change it."""
    snippet = _find(request, snippet_id)
    if request.method == "POST" and not can(request.user, EDIT):
        raise Http404
    form = SnippetForm(posted(request), is_new=False, initial=_initial(snippet))

    def write() -> None:
        change_snippet(
            snippet_id=snippet.pk,
            about=form.cleaned_data["about"],
            bodies=form.bodies,
            user=agent_of(request),
            seen=request.POST.get("seen"),
        )

    if request.method == "POST" and written(form, write):
        messages.success(request, _said(snippet))
        return _to(snippet)
    return knowledge_page(request, "snippet", _context(request, snippet) | {"form": form})


def _said(snippet: Snippet) -> str:
    snippet.refresh_from_db()
    if snippet.proposed:
        return gettext("Saved as a proposal: somebody else must approve it, then readers see it.")
    return gettext("Saved. Every answer that names it shows it now.")


def _initial(snippet: Snippet) -> dict[str, Any]:
    bodies = snippet.proposed or {text.language: text.body for text in snippet.texts.all()}
    return {"about": snippet.about} | {
        f"body_{language}": to_marks(body) for language, body in bodies.items()
    }


def _context(request: HttpRequest, snippet: Snippet) -> dict[str, Any]:
    user = agent_of(request)
    may_review = can(user, REVIEW)
    named = answers_naming(snippet, user)
    rows = list(in_order_of_titles(named, is_working=True)[:NAMED_SHOWN])
    titles = titles_for_editors(rows)
    return {
        "snippet": snippet,
        "named": [(row, titles[row.pk]) for row in rows],
        "number": named.count(),
        "needs_second": needs_second(snippet),
        "shown": _shown({text.language: text.body for text in snippet.texts.all()}),
        "proposed": _shown(snippet.proposed) if snippet.proposed else [],
        "may_approve": may_review and snippet.proposed_by_id != user.pk,
        "may_drop": may_review,
    }


def _shown(bodies: dict[str, str]) -> list[dict[str, str]]:
    """Return the words by language, safe to be shown, the main one first."""
    return [
        {
            "code": code,
            "label": str(label),
            "html": show_body(bodies[code], {}, anchors=f"-{code}").html,
        }
        for code, label in KnowledgeLanguage.choices
        if code in bodies
    ] or [{"code": "de", "label": "", "html": ""}]


def _approve(request: HttpRequest, snippet_id: int) -> None:
    seen = request.POST.get("seen")
    approve_snippet(snippet_id=snippet_id, user=agent_of(request), seen=seen)


def _drop(request: HttpRequest, snippet_id: int) -> None:
    seen = request.POST.get("seen")
    drop_proposal(snippet_id=snippet_id, user=agent_of(request), seen=seen)


def _delete(request: HttpRequest, snippet_id: int) -> None:
    delete_snippet(snippet_id=snippet_id, user=agent_of(request))


# Button → who may, the door, what is said.
ACTIONS = {
    "genehmigen": (REVIEW, _approve, _("Approved. Every answer that names it shows it now.")),
    "verwerfen": (REVIEW, _drop, _("The proposal is dropped; readers see what they saw.")),
    "loeschen": (EDIT, _delete, _("The shared text is deleted.")),
}


@verb_required(WRITE)
@require_POST
def snippet_act(request: HttpRequest, snippet_id: int, action: str) -> HttpResponse:
    """Approve or drop a proposal, or delete a text that nothing names."""
    snippet = _find(request, snippet_id)
    if action not in ACTIONS or not can(request.user, ACTIONS[action][0]):
        raise Http404
    _verb, door, said = ACTIONS[action]
    try:
        door(request, snippet.pk)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return _to(snippet)
    messages.success(request, str(said))
    is_gone = action == "loeschen"
    return HttpResponseRedirect(reverse("desk:knowledge_snippets")) if is_gone else _to(snippet)


def _find(request: HttpRequest, snippet_id: int) -> Snippet:
    found = snippets_of(agent_of(request).authority_id).filter(pk=snippet_id).first()
    if found is None:
        raise Http404
    return found


def _to(snippet: Snippet) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:knowledge_snippet", args=[snippet.pk]))
