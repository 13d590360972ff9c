"""The synonyms of the search, as editors keep them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.knowledge.frame import knowledge_page
from helpdesk.desk.settings.frame import posted, written
from helpdesk.permissions.decorators import verb_required
from knowledgebase.domain.synonyms import add_synonym, change_synonym, delete_synonym
from knowledgebase.models import Synonym
from knowledgebase.rules import EDIT

LONGEST = 600


class SynonymForm(SettingsForm):
    """Words that mean the same."""

    words = forms.CharField(
        label=_("Words that mean the same"),
        max_length=LONGEST,
        help_text=_("Separated by commas, such as: Perso, Personalausweis, ID card"),
    )

    def clean_words(self) -> list[str]:
        """Read the words."""
        return [word.strip() for word in self.cleaned_data["words"].split(",") if word.strip()]


@verb_required(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def synonym_list(request: HttpRequest) -> HttpResponse:
    """Show all synonyms, and take new ones."""
    user = agent_of(request)
    begun = {"words": request.GET.get("words", "")[:60]}
    form = SynonymForm(posted(request), initial=begun)

    def write() -> None:
        words = form.cleaned_data["words"]
        add_synonym(authority_id=user.authority_id, words=words, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved. The search knows these words at once."))
        return _to_list()
    rows = Synonym.objects.filter(authority_id=user.authority_id)
    context: dict[str, Any] = {"form": form, "rows": rows}
    return knowledge_page(request, "synonyms", context)


@verb_required(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def synonym_edit(request: HttpRequest, synonym_id: int) -> HttpResponse:
    """Change words that mean the same."""
    found = _find(request, synonym_id)
    form = SynonymForm(posted(request), initial={"words": ", ".join(found.words)})

    def write() -> None:
        words = form.cleaned_data["words"]
        change_synonym(synonym_id=found.pk, words=words, user=agent_of(request))

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved. The search knows these words at once."))
        return _to_list()
    return knowledge_page(request, "synonym", {"form": form, "synonym": found})


@verb_required(EDIT)
@require_POST
def synonym_delete(request: HttpRequest, synonym_id: int) -> HttpResponse:
    """Forget words that mean the same."""
    delete_synonym(synonym_id=_find(request, synonym_id).pk, user=agent_of(request))
    messages.success(request, gettext("These words are separate again."))
    return _to_list()


def _find(request: HttpRequest, synonym_id: int) -> Synonym:
    rows = Synonym.objects.filter(authority_id=agent_of(request).authority_id)
    found = rows.filter(pk=synonym_id).first()
    if found is None:
        raise Http404
    return found


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:knowledge_synonyms"))
