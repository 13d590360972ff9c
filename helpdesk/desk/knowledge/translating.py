"""A translation beside the main text, with what has changed there since."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.editor import CONFLICT, FORM_METHODS
from helpdesk.desk.knowledge.forms import CopyForm, initial_of
from helpdesk.desk.knowledge.frame import editable, file_address, knowledge_page, to_editor
from helpdesk.desk.settings.frame import add_refusal, posted
from helpdesk.permissions.decorators import verb_required
from knowledgebase.compare import FIELDS
from knowledgebase.domain.write import EditConflictError, confirm_translation, save_copy
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.models import Answer, AnswerText
from knowledgebase.queries import texts_of, titles_for_editors
from knowledgebase.rules import WRITE
from knowledgebase.translations import changes_since, parts_of


@verb_required(WRITE)
@require_http_methods(FORM_METHODS)
def translate(request: HttpRequest, answer_id: int, language: str) -> HttpResponse:
    """Show the main text and write its translation; say whether it is up to date."""
    answer = editable(request, answer_id)
    texts = texts_of(answer, version_id=None)
    main = texts.get(answer.authority.language)
    if main is None or language not in KnowledgeLanguage.values or language == main.language:
        raise Http404
    initial = initial_of(answer, texts.values())
    form = CopyForm(posted(request), initial=initial, languages=(language,), has_internal=False)
    if request.method != "POST":
        return _page(request, answer, form, main, texts.get(language))
    try:
        is_saved = form.is_valid() and _save(request, answer, form, language)
    except EditConflictError:
        messages.error(request, gettext("Somebody else has saved meanwhile."))
        return _conflict(request, answer, form, language)
    except ValidationError as refused:
        add_refusal(form, refused)
        is_saved = False
    if is_saved:
        messages.success(request, gettext("Draft saved"))
        return to_editor(answer)
    form.as_marks()
    return _page(request, answer, form, main, texts.get(language), status=422)


def _save(request: HttpRequest, answer: Answer, form: CopyForm, language: str) -> bool:
    user = agent_of(request)
    save_copy(
        answer_id=answer.pk,
        texts=form.texts,
        internal=answer.internal,
        revision=form.cleaned_data["revision"],
        user=user,
    )
    if request.POST.get("is_current") == "on":
        confirm_translation(answer_id=answer.pk, language=language, user=user)
    return True


def _conflict(request: HttpRequest, answer: Answer, form: CopyForm, language: str) -> HttpResponse:
    """Keep what was typed beside the newest main text; saving once more keeps it."""
    form.as_marks()
    answer.refresh_from_db()
    form.data = {**dict(form.data.items()), "revision": str(answer.revision)}
    texts = texts_of(answer, version_id=None)
    main = texts[answer.authority.language]
    return _page(request, answer, form, main, texts.get(language), status=CONFLICT)


def _page(
    request: HttpRequest,
    answer: Answer,
    form: CopyForm,
    main: AnswerText,
    translated: AnswerText | None,
    *,
    status: int = 200,
) -> HttpResponse:
    (part,) = form.parts(file_address)
    source = [
        {"label": FIELDS[one.field], "text": one.text, "lines": one.lines}
        for one in parts_of(main, translated)
        if one.text or one.lines
    ]
    context = {
        "answer": answer,
        "title": titles_for_editors([answer])[answer.pk],
        "form": form,
        "part": part,
        "main": main,
        "source": source,
        "changes": changes_since(main, translated) if translated else 0,
        "is_new": translated is None,
    }
    return knowledge_page(request, "translate", context, status=status)
