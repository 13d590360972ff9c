"""Pages of topics: the tree of two levels and its forms."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.queries import teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.topics import TopicForm
from helpdesk.desk.settings.frame import add_refusal, posted, settings_page, written
from helpdesk.forms.models import FormVersion
from helpdesk.forms.queries import questions_of, worked_on
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.domain import categories as doors
from helpdesk.tickets.domain.suggest import choosable, offered_topics
from helpdesk.tickets.models import Category
from helpdesk.tickets.topic_names import name_in_address

CURRENT = "settings_topics"
# Fields whose value in the form is that of the row.
PLAIN = (
    *("priority", "is_active", "in_portal", "description", "keywords"),
    *("place", "asks_photos", "allows_anonymous", "shows_nearby", "name_en", "description_en"),
)


@verb_required("administer")
@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """Show the tree."""
    topics = list(_topics(request).select_related("team"))
    words = request.GET.get("q", "").strip()
    tree = [
        (top, [item for item in topics if item.parent_id == top.pk])
        for top in topics
        if not top.parent_id
    ]
    if words:
        tree = [
            (top, kept)
            for top, children in tree
            if (kept := _matching(top, children, words)) is not None
        ]
    return settings_page(request, "topics", {"tree": tree, "words": words}, current=CURRENT)


def _matching(top: Category, children: list[Category], words: str) -> list[Category] | None:
    """Return the children to show under a topic, None when neither it nor they match."""
    if words.casefold() in top.name.casefold():
        return children
    return [item for item in children if words.casefold() in item.name.casefold()] or None


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def topic_new(request: HttpRequest) -> HttpResponse:
    """Create a topic, below the one that the address names."""
    return _topic_page(request, None)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Show and change a topic."""
    return _topic_page(request, _find(request, topic_id))


@verb_required("administer")
@require_POST
def topic_move(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Move a topic up or down among its neighbours."""
    moved = _find(request, topic_id)
    up = request.POST.get("to") == "up"
    doors.move_category(category_id=moved.pk, up=up, user=agent_of(request))
    return HttpResponseRedirect(f"{reverse('desk:settings_topics')}#topic-{moved.pk}")


@verb_required("administer")
@require_POST
def topic_delete(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Delete a topic that nothing uses."""
    shown = _find(request, topic_id)
    form = _form(request, shown, None)
    try:
        doors.delete_category(category_id=shown.pk, user=agent_of(request))
    except ValidationError as refused:
        form = _form(request, shown, _initial(shown))
        form.is_valid()
        add_refusal(form, refused)
        context = {"form": form, "topic": shown}
        return settings_page(request, "topic", context, current=CURRENT)
    messages.success(request, gettext("The topic is deleted."))
    return HttpResponseRedirect(reverse("desk:settings_topics"))


def _topics(request: HttpRequest) -> QuerySet[Category]:
    return Category.objects.filter(authority_id=agent_of(request).authority_id)


def _find(request: HttpRequest, topic_id: int) -> Category:
    found = _topics(request).filter(pk=topic_id).first()
    if found is None:
        raise Http404
    return found


def _initial(shown: Category | None) -> dict[str, Any]:
    if shown is None:
        return {}
    return {
        "name": shown.name,
        "parent": shown.parent_id or "",
        "team": shown.team_id or "",
        **{name: getattr(shown, name) for name in PLAIN},
    }


def _form(request: HttpRequest, shown: Category | None, data: Any) -> TopicForm:  # noqa: ANN401 - what forms take
    initial = _initial(shown) or {"parent": request.GET.get("below", "")}
    parents = _topics(request).filter(parent=None)
    if shown:
        parents = parents.exclude(pk=shown.pk)
    teams = teams_of(agent_of(request).authority_id).filter(is_active=True)
    return TopicForm(data, initial=initial, parents=parents, teams=teams)


def _topic_page(request: HttpRequest, shown: Category | None) -> HttpResponse:
    user = agent_of(request)
    form = _form(request, shown, posted(request))

    def write() -> None:
        given = form.cleaned_data
        details = doors.CategoryDetails(
            name=given["name"],
            parent_id=given["parent"],
            team_id=given["team"],
            **{name: given[name] for name in PLAIN},
        )
        if shown is None:
            doors.create_category(authority_id=user.authority_id, details=details, user=user)
        else:
            doors.change_category(category_id=shown.pk, details=details, user=user)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("desk:settings_topics"))
    context = {
        "form": form,
        "topic": shown,
        "questions": questions_of(_edition(shown)),
        "form_address": _form_address(shown),
    }
    return settings_page(request, "topic", context, current=CURRENT)


def _edition(shown: Category | None) -> FormVersion | None:
    return worked_on(shown.form) if shown else None


def _form_address(topic: Category | None) -> str:
    """Return the address of a topic's form by its name, "" where citizens can't choose it."""
    offered = choosable(offered_topics(topic.authority_id)) if topic else []
    name = name_in_address(topic, offered) if topic else ""
    if topic is None or not name:
        return ""
    path = reverse("portal:report_named_topic", args=[name])
    return f"{(topic.authority.base_url or settings.BASE_URL).rstrip('/')}{path}"
