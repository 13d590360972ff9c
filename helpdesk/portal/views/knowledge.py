"""The knowledge base as citizens read it: sections, answers, their files, feedback."""

from functools import partial
from typing import Any, cast

from allauth.core.internal import ratelimit
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.models import Authority, User
from helpdesk.files.media import respond_in_place
from helpdesk.pages.videos import Video
from helpdesk.permissions.decorators import verb_required
from helpdesk.portal.answers import (
    entries_of,
    is_foreign,
    language_links,
    named_nodes,
    other_languages,
    reader_language,
    related_entries,
    report_address,
    trail_of,
)
from helpdesk.portal.caching import for_everybody, is_from_here
from helpdesk.portal.frame import frame
from helpdesk.portal.keeping import kept
from helpdesk.portal.knowledge_forms import ReasonForm
from helpdesk.portal.machines import alternates_of, linked_data
from helpdesk.portal.reading import (
    is_signed_in,
    readable,
    town_of_reader,
    unkept_when_signed_in,
)
from helpdesk.portal.searches import count_opening
from helpdesk.portal.videos import addressed, beside, with_file
from knowledgebase.addresses import LANGUAGE_PARTS, absolute, path_of, short_path
from knowledgebase.domain.feedback import explain_feedback, give_feedback
from knowledgebase.enums import KnowledgeLanguage, Visibility
from knowledgebase.models import Answer, AnswerFeedback, AnswerText
from knowledgebase.queries import (
    choose_text,
    files_of,
    find_editable,
    find_feedback,
    find_file_for,
    find_for,
    find_gone,
    find_node,
    in_order_of_titles,
    lines_of,
    most_read,
    successor_of,
    texts_of,
    tree_of,
)
from knowledgebase.rules import WRITE
from knowledgebase.show import build_answer, shown_in_place, words_for
from knowledgebase.viewcount import views

APP = "allauth.account"
OFTEN_READ = 6
PAGE = 50
LANGUAGES = {part: language for language, part in LANGUAGE_PARTS.items()}
SALT = "answer-feedback"
EXPLAIN_SECONDS = 3600


@require_safe
@for_everybody
@unkept_when_signed_in
@kept
def overview(request: HttpRequest) -> HttpResponse:
    """Show all sections, and what is read most."""
    authority = town_of_reader(request)
    readers = readable(request, authority)
    context = {
        **frame(request, authority),
        "sections": named_nodes(tree_of(authority.pk, readers)),
        "often": entries_of(most_read(readers, language=reader_language(), limit=OFTEN_READ)),
    }
    return render(request, "knowledgebase/overview.html", context)


@require_safe
@for_everybody
@unkept_when_signed_in
@kept
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the answers of a section and the sections below it; an empty one is not there."""
    authority = town_of_reader(request)
    readers = readable(request, authority)
    node = find_node(tree_of(authority.pk, readers), slug)
    if node is None or not node.count:
        raise Http404
    language = reader_language()
    own = readers.filter(section=node.section)
    rows = in_order_of_titles(own, is_working=False, language=language)
    pages = Paginator(rows, PAGE)
    pages.count = node.own
    page = pages.get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    trail = trail_of(node.section)
    context = {
        **frame(request, authority),
        "trail": trail[:-1],
        "name": trail[-1][0],
        "section": node.section,
        "children": named_nodes(node.children),
        "page": page,
        "entries": entries_of(lines_of(rows[first : first + PAGE], language)),
    }
    return render(request, "knowledgebase/section.html", context)


@require_safe
@unkept_when_signed_in
def short(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Lead from the short address to the answer's page in the reader's language."""
    authority = town_of_reader(request)
    found = find_for(readable(request, authority), answer_id)
    if found is None:
        return _gone(request, authority, answer_id)
    texts = texts_of(found, version_id=found.live_version_id)
    text = choose_text(texts.values(), reader_language())
    if text is None:
        raise Http404
    return HttpResponseRedirect(path_of(found.pk, text.title, text.language))


@require_safe
@for_everybody
@unkept_when_signed_in
def answer(request: HttpRequest, answer_id: int, slug: str, part: str = "") -> HttpResponse:
    """Show an answer; under an older name it is found, too."""
    del slug
    authority = town_of_reader(request)
    found = find_for(readable(request, authority), answer_id)
    if found is None:
        return _gone(request, authority, answer_id)
    texts = texts_of(found, version_id=found.live_version_id)
    text = texts.get(LANGUAGES.get(part, part) or KnowledgeLanguage.GERMAN)
    if text is None and not part:
        return HttpResponseRedirect(short_path(answer_id))
    if text is None:
        raise Http404
    path = path_of(found.pk, text.title, text.language)
    if request.path != path:
        return HttpResponseRedirect(path, status=301)
    if request.method == "GET":
        views.add(found.pk)
        count_opening(request, authority)
    context = answer_context(request, authority, found, texts, text)
    return render(request, "knowledgebase/answer.html", context)


def answer_context(
    request: HttpRequest,
    authority: Authority,
    found: Answer,
    texts: dict[str, AnswerText],
    text: AnswerText,
) -> dict[str, Any]:
    """Return what the page of an answer shows in one of its languages."""
    others = other_languages(texts, text.language)
    shell = frame(request, authority)
    trail = trail_of(found.section)
    is_public = found.visibility == Visibility.PUBLIC
    files = files_of(found, version_id=text.version_id)
    video = with_file(_video(texts), readable(request, authority), files)
    return {
        **shell,
        "languages": language_links(shell["languages"], texts, text),
        "page": build_answer(found, text, beside(files, video)),
        "words": words_for(text.language),
        "trail": trail,
        "alternates": alternates_of(authority, texts),
        "linked_data": linked_data(found, text, trail) if is_public else "",
        "is_for_signed_in": found.visibility == Visibility.SIGNED_IN,
        "others": others,
        "translated": [one for one in others if one["code"] == (get_language() or "")[:2]],
        "is_foreign": is_foreign(text.language),
        "video": video,
        "canonical": absolute(authority, path_of(found.pk, text.title, text.language)),
        "related": related_entries(found, readable(request, authority), reader_language()),
        "report_url": report_address(found),
        "from_report": request.GET.get("von") == "anliegen",
        "said": request.GET.get("rueckmeldung", ""),
    }


def _video(texts: dict[str, AnswerText]) -> Video | None:
    """Return the video in sign language; it stands at every language of the answer."""
    german = texts.get(KnowledgeLanguage.GERMAN)
    if german is None or not german.video_url:
        return None
    return Video(german.video_url, german.video_length, german.video_words_url)


@verb_required(WRITE)
@require_safe
def preview(request: HttpRequest, answer_id: int, part: str = "") -> HttpResponse:
    """Show the working copy to an editor exactly as citizens would see it; nobody may keep it."""
    found = find_editable(cast("User", request.user), answer_id)
    texts = texts_of(found, version_id=None) if found else {}
    text = texts.get(LANGUAGES.get(part, part) or KnowledgeLanguage.GERMAN)
    if found is None or (text is None and part):
        raise Http404
    authority = found.authority
    if text is None:
        text = AnswerText(answer=found, language=KnowledgeLanguage.GERMAN)
    with override(text.language[:2]):
        context = answer_context(request, authority, found, texts, text)
        address = partial(reverse, "desk:knowledge_file")
        files = files_of(found, version_id=None)
        rest = beside(files, context["video"])
        context |= {
            "page": build_answer(found, text, rest, address=lambda key: address(args=[key])),
            "video": addressed(context["video"], lambda key: address(args=[key])),
            "is_preview": True,
            "linked_data": "",
            "others": [],
        }
        response = render(request, "knowledgebase/answer.html", context)
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    return response


def _gone(request: HttpRequest, authority: Authority, answer_id: int) -> HttpResponse:
    """Lead to the successor of an archived answer, or say that it is gone; else 404."""
    signed_in = is_signed_in(request)
    old = find_gone(authority.pk, answer_id, signed_in=signed_in)
    if old is None:
        raise Http404
    successor = successor_of(old, signed_in=signed_in)
    if successor is not None:
        return HttpResponseRedirect(short_path(successor), status=301)
    # Who came by an old link goes on from here: by the search, or by the topics.
    sections = named_nodes(tree_of(authority.pk, readable(request, authority)))
    context = {**frame(request, authority), "sections": sections}
    return render(request, "knowledgebase/gone.html", context, status=410)


@require_safe
@unkept_when_signed_in
def file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Serve a file of an answer that whoever asks may read."""
    found = find_file_for(readable(request, town_of_reader(request)), file_id)
    if found is None:
        raise Http404
    return respond_in_place(
        request,
        found.file,
        found.name,
        content_type=found.content_type,
        inline=shown_in_place(found),
    )


@csrf_exempt
@require_POST
def feedback(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Keep whether an answer helped; after a "no" ask why.

    The page around the form is the same for everybody, so that caches may keep it: it holds no
    token. The browser itself says whether the form stood on a page of ours.
    """
    if not is_from_here(request):
        return render(request, "errors/403.html", frame(request), status=403)
    found = find_for(readable(request, town_of_reader(request)), answer_id)
    if found is None:
        raise Http404
    if ratelimit.consume(request, app=APP, action="answer_feedback") is None:
        return render(request, "errors/429.html", frame(request), status=429)
    texts = texts_of(found, version_id=found.live_version_id)
    text = choose_text(texts.values(), request.POST.get("language", ""))
    if text is None:
        raise Http404
    is_helpful = request.POST.get("helpful") == "yes"
    said = give_feedback(answer_id=found.pk, language=text.language, is_helpful=is_helpful)
    if is_helpful:
        return HttpResponseRedirect(_thanks(text, "ja"))
    token = signing.dumps(said.pk, salt=SALT)
    return HttpResponseRedirect(reverse("portal:feedback_reason", args=[token]))


def _thanks(text: AnswerText, word: str) -> str:
    page = path_of(text.answer_id, text.title, text.language)
    return f"{page}?rueckmeldung={word}#rueckmeldung"


@require_http_methods(["GET", "HEAD", "POST"])
@unkept_when_signed_in
def feedback_reason(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what was missing, without asking who says so."""
    authority = town_of_reader(request)
    said = _said(request, authority, token)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    texts = texts_of(said.answer, version_id=said.answer.live_version_id)
    text = texts.get(said.language) or next(iter(texts.values()))
    if form.is_valid():
        explain_feedback(
            feedback_id=said.pk,
            reason=form.cleaned_data["reason"],
            text=form.cleaned_data["text"],
        )
        return HttpResponseRedirect(_thanks(text, "nein"))
    context = {
        **frame(request, authority),
        "form": form,
        "title": text.title,
        "back": path_of(text.answer_id, text.title, text.language),
        "report_url": report_address(said.answer),
    }
    status = 422 if form.is_bound else 200
    return render(request, "knowledgebase/feedback.html", context, status=status)


def _said(request: HttpRequest, authority: Authority, token: str) -> AnswerFeedback:
    try:
        key = signing.loads(token, salt=SALT, max_age=EXPLAIN_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    said = find_feedback(readable(request, authority), key)
    if said is None:
        raise Http404
    return said
