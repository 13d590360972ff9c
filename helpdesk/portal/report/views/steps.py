"""The pages that ask: what, which topic, its own questions, where, how to reach you."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.forms.domain.drafts import (
    choose_edition,
    drop_draft,
    save_answer,
    save_step,
    start_draft,
)
from helpdesk.forms.queries import published_version
from helpdesk.forms.schema import Kind
from helpdesk.lib.german import tokens
from helpdesk.pages.places import suggest_places
from helpdesk.portal.account.contact import known_contact
from helpdesk.portal.caching import for_everybody
from helpdesk.portal.frame import authority_of
from helpdesk.portal.report import quota
from helpdesk.portal.report.begun import begun_at
from helpdesk.portal.report.forms import (
    NONE,
    OTHER,
    ContactForm,
    DescribeForm,
    PlaceForm,
    QuestionForm,
    TopicForm,
    answer_as_data,
)
from helpdesk.portal.report.known_places import asked_about, tell_outside
from helpdesk.portal.report.nearby import look_around
from helpdesk.portal.report.pages import go_on, is_taken, show, too_many, with_report
from helpdesk.portal.report.state import Report, forget_key, remember_key
from helpdesk.portal.report.views.files import file_question
from helpdesk.tickets.domain.suggest import choosable, offered_topics, suggest_topics
from helpdesk.tickets.models import Category
from helpdesk.tickets.topic_names import topics_by_name

# Words that a search found nothing for; a link brings them along.
LONGEST_BEGUN = 200
page_methods = require_http_methods(["GET", "HEAD", "POST"])


@page_methods
@with_report
def describe(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask what it is about."""
    return _describe(request, report, None)


@page_methods
@with_report
def describe_topic(request: HttpRequest, report: Report, topic_id: int) -> HttpResponse:
    """Ask what it is about when the topic is known by the address, as from a link or a poster."""
    topics = {topic.pk: topic for topic in choosable(offered_topics(report.authority.pk))}
    if topic_id not in topics:
        raise Http404
    return _describe(request, report, topics[topic_id])


@require_safe
def named_topic(request: HttpRequest, name: str) -> HttpResponse:
    """Lead from the name of a topic to its form; a name that is gone leads to the form itself."""
    authority = authority_of(request)
    if authority is None:
        raise Http404
    found = topics_by_name(choosable(offered_topics(authority.pk))).get(name.lower())
    form = reverse("portal:report_of_topic", args=[found]) if found else reverse("portal:report")
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{form}?{query}" if query else form)


def _describe(request: HttpRequest, report: Report, topic: Category | None) -> HttpResponse:
    begun = report.text or request.GET.get("text", "")[:LONGEST_BEGUN]
    form = DescribeForm(request.POST or None, initial={"text": begun})
    if request.method == "POST" and is_taken(request, report, form):
        values = {"text": form.cleaned_data["text"], **begun_at(request)}
        return _described(request, report, topic, values)
    context = {"topic": topic}
    return show(request, report, report.steps[0], form, template="describe", context=context)


def _described(
    request: HttpRequest, report: Report, topic: Category | None, values: dict[str, Any]
) -> HttpResponse:
    """Keep the words, in a new draft if there is none, and lead on."""
    key = ""
    if report.draft is None:
        wait = quota.spend_draft(request)
        if wait:
            return too_many(request, report, wait)
        report.draft, key = start_draft(authority_id=report.authority.pk, values=values)
    else:
        save_step(draft_id=report.draft.pk, values=values)
    if topic is not None:
        _choose(report.draft.pk, topic)
        # Who comes back by the address of a topic may have said before where it is.
        look_around(request, report)
    response = go_on(report)
    if key:
        remember_key(response, key)
    return response


def _choose(draft_id: int, topic: Category | None) -> None:
    version = published_version(topic.form_id) if topic else None
    choose_edition(
        draft_id=draft_id,
        version_id=version.pk if version else None,
        values={"topic": topic.pk if topic else None},
    )


@page_methods
@with_report
def topic(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask whether one of the topics fits that the words suggest."""
    step = report.find_step("topic")
    if step is None or report.draft is None:
        return go_on(report)
    suggested = suggest_topics(report.authority.pk, report.text)
    if report.topic and report.topic not in suggested:
        suggested = [report.topic, *suggested][:3]
    if not suggested:
        return HttpResponseRedirect(reverse("portal:report_topics"))
    initial = {"topic": str(report.topic.pk) if report.topic else ""}
    form = TopicForm(request.POST or None, topics=suggested, other=OTHER, initial=initial)
    if request.method == "POST" and is_taken(request, report, form):
        chosen = form.topics.get(form.cleaned_data["topic"])
        if chosen is None:
            return HttpResponseRedirect(reverse("portal:report_topics"))
        _choose(report.draft.pk, chosen)
        look_around(request, report)
        return go_on(report)
    return show(request, report, step, form, template="topic", context={"suggested": suggested})


@page_methods
@with_report
def all_topics(request: HttpRequest, report: Report) -> HttpResponse:
    """Let choose from all topics, or none; a search narrows the list."""
    step = report.find_step("topic")
    if step is None or report.draft is None:
        return go_on(report)
    topics = offered_topics(report.authority.pk)
    leaves = choosable(topics)
    initial = {"topic": str(report.topic.pk) if report.topic else ""}
    form = TopicForm(request.POST or None, topics=leaves, other=NONE, initial=initial)
    if request.method == "POST" and is_taken(request, report, form):
        _choose(report.draft.pk, form.topics.get(form.cleaned_data["topic"]))
        look_around(request, report)
        return go_on(report)
    words = request.GET.get("q", "").strip()[:100]
    shown = [leaf for leaf in leaves if _matches(leaf, words)] if words else leaves
    context = {"groups": _grouped(shown), "words": words, "back_url": reverse("portal:report")}
    return show(request, report, step, form, template="topics", context=context)


def _matches(topic: Category, words: str) -> bool:
    """Tell whether every word stands somewhere in what is written about a topic."""
    above = f"{topic.parent.name} {topic.parent.name_en}" if topic.parent else ""
    own = f"{topic.name} {topic.name_en} {topic.description} {topic.description_en}"
    about = f"{own} {topic.keywords} {above}"
    known = tokens(about)
    folded = about.casefold()
    return all(
        word.casefold() in folded or set(tokens(word)) & set(known) for word in words.split()
    )


def _grouped(topics: list[Category]) -> list[tuple[Category | None, list[Category]]]:
    groups: dict[Category | None, list[Category]] = {}
    for each in topics:
        groups.setdefault(each.parent, []).append(each)
    return list(groups.items())


@page_methods
@with_report
def question(request: HttpRequest, report: Report, key: str) -> HttpResponse:
    """Ask one of the topic's own questions."""
    step = report.find_step(f"question {key}")
    if step is None or report.draft is None:
        return go_on(report)
    asked = next(one for one in report.questions if one.key == key)
    if asked.kind == Kind.FILE:
        return file_question(request, report, step, asked)
    initial = answer_as_data(asked, report.answers[key]) if key in report.answers else {}
    language = get_language() or report.authority.language
    form = QuestionForm(request.POST or None, question=asked, language=language, initial=initial)
    if request.method == "POST" and is_taken(request, report, form):
        save_answer(draft_id=report.draft.pk, question=key, answer=form.answer)
        return go_on(report)
    return show(request, report, step, form, template="question", context={"question": asked})


@page_methods
@with_report
def place(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask where it is; then which of several is meant, and who is responsible outside."""
    step = report.find_step("place")
    if step is None or report.draft is None:
        return go_on(report)
    initial = report.data.get("place") or {}
    form = PlaceForm(request.POST or None, initial=initial, need=report.place_need)
    asked = None
    if request.method == "POST" and is_taken(request, report, form):
        asked = asked_about(request, report.authority.pk, form)
        if asked is None:
            save_step(draft_id=report.draft.pk, values={"place": form.cleaned_data})
            look_around(request, report)
            return go_on(report)
        if asked.outside:
            tell_outside(form, asked)
    return show(request, report, step, form, template="place", context={"asked": asked})


@require_safe
@for_everybody
def known_places(request: HttpRequest) -> JsonResponse:
    """Return which addresses of the town's list may be meant by what has been typed so far."""
    authority = authority_of(request)
    words = " ".join(request.GET.get("q", "")[:LONGEST_BEGUN].replace("\0", " ").split())
    found = suggest_places(authority.pk, words) if authority else []
    return JsonResponse({"results": found})


@page_methods
@with_report
def contact(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask how to reach the citizen."""
    step = report.find_step("contact")
    if step is None or report.draft is None:
        return go_on(report)
    initial = report.data.get("contact") or known_contact(request) or {}
    form = ContactForm(
        request.POST or None, initial=initial, allows_anonymous=report.allows_anonymous
    )
    if request.method == "POST" and is_taken(request, report, form):
        save_step(draft_id=report.draft.pk, values={"contact": form.cleaned_data})
        return go_on(report)
    return show(request, report, step, form, template="contact")


@require_POST
@with_report
def restart(request: HttpRequest, report: Report) -> HttpResponse:
    """Forget what was typed or sent from this device and begin anew."""
    del request
    if report.draft is not None:
        drop_draft(draft_id=report.draft.pk)
    response = HttpResponseRedirect(reverse("portal:report"))
    forget_key(response)
    return response
