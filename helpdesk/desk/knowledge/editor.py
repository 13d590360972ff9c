"""Writing an answer: its words with autosave and a guard against two editors, its details."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.agents.queries import active_staff_of, teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.forms import (
    CopyForm,
    DetailsForm,
    FileForm,
    LanguagePart,
    NewAnswerForm,
    initial_of,
    shown_html,
)
from helpdesk.desk.knowledge.frame import (
    editable,
    file_address,
    knowledge_page,
    section_choices,
)
from helpdesk.desk.knowledge.related import Picker, picker_of, picker_sent
from helpdesk.desk.settings.frame import add_refusal, posted, written
from helpdesk.permissions.decorators import verb_required
from helpdesk.permissions.registry import can
from helpdesk.tickets.models import Category
from helpdesk.tickets.queries import visible_to
from knowledgebase.checklist import hints_of, problems_of
from knowledgebase.domain.write import (
    AnswerDetails,
    EditConflictError,
    TextDraft,
    change_details,
    create_answer,
    save_copy,
)
from knowledgebase.models import Answer, AnswerText
from knowledgebase.placing import Place, waits
from knowledgebase.queries import comments_on, files_of, is_overdue, texts_of, use_of
from knowledgebase.review import two_people
from knowledgebase.rules import EDIT, WRITE, shows_to_more
from knowledgebase.sharing import snippets_of
from knowledgebase.translations import changes_since

CONFLICT = 409
SNIPPETS_SHOWN = 200
FORM_METHODS = ["GET", "HEAD", "POST"]


@verb_required(WRITE)
@require_http_methods(FORM_METHODS)
def answer_new(request: HttpRequest) -> HttpResponse:
    """Begin an answer with title and section; the editor takes it from there."""
    user = agent_of(request)
    sections = section_choices(request)
    begun = {"title": request.GET.get("title", "")[:160]}
    form = NewAnswerForm(posted(request), sections=sections, initial=begun)
    made: list[Answer] = []

    def write() -> None:
        details = AnswerDetails(form.cleaned_data["section"])
        texts = {user.authority.language: TextDraft(title=form.cleaned_data["title"])}
        made.append(
            create_answer(authority_id=user.authority_id, details=details, texts=texts, user=user)
        )

    if request.method == "POST" and written(form, write):
        return HttpResponseRedirect(reverse("desk:knowledge_edit", args=[made[0].pk]))
    return knowledge_page(request, "new", {"form": form, "has_sections": bool(sections)})


@verb_required(WRITE)
@require_http_methods(FORM_METHODS)
def answer_edit(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Show and save the working copy; whatever is in the way keeps what was typed."""
    answer = editable(request, answer_id)
    texts = texts_of(answer, version_id=None)
    form = CopyForm(posted(request), initial=initial_of(answer, texts.values()))
    if request.method != "POST":
        return editor_page(request, answer, form, more={"texts": texts})
    if not form.is_valid():
        form.as_marks()
        return editor_page(request, answer, form)
    try:
        _save(request, answer, form)
    except EditConflictError as conflict:
        return _conflict(request, conflict.answer, form)
    except ValidationError as refused:
        add_refusal(form, refused)
        form.as_marks()
        return editor_page(request, answer, form)
    if "publish" in request.POST:
        return HttpResponseRedirect(reverse("desk:knowledge_publish", args=[answer.pk]))
    messages.success(request, gettext("Draft saved"))
    return HttpResponseRedirect(reverse("desk:knowledge_edit", args=[answer.pk]))


def _save(request: HttpRequest, answer: Answer, form: CopyForm) -> Answer:
    return save_copy(
        answer_id=answer.pk,
        texts=form.texts,
        internal=form.internal_html,
        revision=form.cleaned_data["revision"],
        user=agent_of(request),
    )


@verb_required(WRITE)
@require_POST
def answer_autosave(request: HttpRequest, answer_id: int) -> JsonResponse:
    """Save the working copy while it is being written; tells the new revision."""
    answer = editable(request, answer_id)
    form = CopyForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "invalid"}, status=422)
    try:
        saved = _save(request, answer, form)
    except EditConflictError as conflict:
        who = conflict.answer.updated_by
        return JsonResponse({"who": who.name if who else ""}, status=CONFLICT)
    except ValidationError as refused:
        return JsonResponse({"error": refused.messages[0]}, status=422)
    return JsonResponse({"revision": saved.revision})


def _conflict(request: HttpRequest, answer: Answer, form: CopyForm) -> HttpResponse:
    """Show both texts: what the other one saved beside what was typed here.

    From this page on theirs has been seen: saving once more keeps what was typed.
    """
    form.as_marks()
    form.data = {**dict(form.data.items()), "revision": str(answer.revision)}
    theirs = [
        {
            "language": text.get_language_display(),
            "code": text.language,
            "title": text.title,
            "summary": text.summary,
            "html": shown_html(text.body, file_address),
        }
        for text in texts_of(answer, version_id=None).values()
    ]
    context = {"theirs": theirs, "their_internal": answer.internal, "who": answer.updated_by}
    return editor_page(request, answer, form, status=CONFLICT, more=context)


def editor_page(
    request: HttpRequest,
    answer: Answer,
    form: CopyForm,
    *,
    status: int = 200,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """Render the editor with everything beside the words: details, files, checklist, use."""
    more = more or {}
    texts = more.get("texts") or texts_of(answer, version_id=None)
    context = {
        "answer": answer,
        "form": form,
        "parts": _parts(answer, form, texts),
        "internal_html": shown_html(form.html_of("internal"), file_address),
        "details": more.get("details") or details_form(request, answer),
        "related": more.get("related") or picker_of(answer, agent_of(request)),
        "files": files_of(answer, version_id=None),
        "file_form": more.get("file_form") or FileForm(),
        "problems": problems_of(answer),
        "hints": hints_of(texts.values()),
        "use": use_of(answer),
        "comments": comments_on(answer),
        "is_overdue": is_overdue(answer),
        "snippets": list(snippets_of(answer.authority_id)[:SNIPPETS_SHOWN]),
        "is_for_two": two_people(answer),
        "drafted_from": _drafted_from(request, answer),
    }
    return knowledge_page(request, "edit", context | more, status=status)


def _parts(answer: Answer, form: CopyForm, texts: dict[str, AnswerText]) -> list[LanguagePart]:
    """Return the languages, each with how much of the main text has changed since."""
    main = texts.get(answer.authority.language)
    return [
        replace(part, changes=changes_since(main, texts[part.code]) if part.code in texts else 0)
        for part in form.parts(file_address)
    ]


def _drafted_from(request: HttpRequest, answer: Answer) -> str:
    """Return the number of the request it was made of, for those who may read that."""
    if answer.from_ticket is None:
        return ""
    mine = visible_to(agent_of(request)).filter(pk=answer.from_ticket)
    return mine.values_list("number", flat=True).first() or ""


def details_form(request: HttpRequest, answer: Answer, *, bound: bool = False) -> DetailsForm:
    """Return the form of what holds at once, filled with what was sent or with what is."""
    authority_id = answer.authority_id
    # What waits for the next publishing, too: whoever saves another detail must not undo it.
    ahead = Place.ahead(answer)
    topics = Category.objects.filter(authority_id=authority_id, is_active=True)
    initial = {
        "section": ahead.section_id,
        "visibility": ahead.visibility,
        "team": ahead.team_id or "",
        "owner": answer.owner_id or "",
        "category": answer.category_id or "",
        "review_on": answer.review_on,
    }
    return DetailsForm(
        request.POST if bound else None,
        initial=initial,
        sections=section_choices(request),
        teams=teams_of(authority_id).filter(is_active=True),
        people=active_staff_of(authority_id),
        topics=topics.select_related("parent"),
        auto_id="id_details_%s",
    )


@verb_required(WRITE)
@require_POST
def answer_details(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Change section, readers and who is responsible."""
    answer = editable(request, answer_id)
    details = details_form(request, answer, bound=True)
    related = picker_sent(request, answer)
    if related.is_asking and "find" in request.POST:
        return _details_page(request, answer, details, related, status=200)
    if related.is_asking:
        details.add_error("related", gettext("Choose from what was found, or empty the field."))
    if not can(request.user, EDIT) and _gets_readers(answer, details):
        details.add_error(
            "visibility",
            gettext("Only those who may publish can show this answer to more people. Ask them."),
        )

    def write() -> None:
        given = details.cleaned_data
        change_details(
            answer_id=answer.pk,
            details=AnswerDetails(
                section_id=given["section"],
                visibility=given["visibility"],
                team_id=given["team"],
                owner_id=given["owner"],
                category_id=given["category"],
                review_on=given["review_on"],
                related_ids=given["related"],
            ),
            user=agent_of(request),
        )

    if written(details, write):
        messages.success(request, _said(answer))
        return HttpResponseRedirect(reverse("desk:knowledge_edit", args=[answer.pk]))
    return _details_page(request, answer, details, related, status=422)


def _said(answer: Answer) -> str:
    answer.refresh_from_db()
    if Place.ahead(answer) == Place.now(answer):
        return gettext("Saved")
    return gettext("Saved. Two people are demanded here: it holds once the draft is published.")


def _gets_readers(answer: Answer, details: DetailsForm) -> bool:
    """Tell whether what was sent would show the answer to people who do not see it now."""
    if not details.is_valid():
        return False
    given = details.cleaned_data
    place = Place(given["section"], given["visibility"], given["team"])
    _section, shows_later = waits(answer, place)
    return not shows_later and shows_to_more(answer, place.visibility, place.team_id)


def _details_page(
    request: HttpRequest, answer: Answer, details: DetailsForm, related: Picker, *, status: int
) -> HttpResponse:
    """Show the editor with the details as they were sent, and what their words found."""
    form = CopyForm(initial=initial_of(answer, texts_of(answer, version_id=None).values()))
    more = {"details": details, "related": related}
    return editor_page(request, answer, form, status=status, more=more)
