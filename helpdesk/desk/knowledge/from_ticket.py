"""From the messages of a request to a draft: what was found of a person is looked at first."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.topics import offer
from helpdesk.desk.knowledge.frame import knowledge_page, section_choices
from helpdesk.desk.numbers import read_id
from helpdesk.desk.settings.frame import posted, written
from helpdesk.desk.views.ticket import find_ticket
from helpdesk.lib.figures import is_figure
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.models import Article
from helpdesk.tickets.queries import articles_of
from knowledgebase.domain.draft_from_ticket import (
    KINDS,
    draft_from_ticket,
    mask_title,
    masking_of,
    placeholder,
)
from knowledgebase.models import TITLE_LENGTH
from knowledgebase.rules import WRITE
from knowledgebase.search import suggest_for_staff

OFFERED = 50
EXCERPT = 140


class FromTicketForm(SettingsForm):
    """The beginning of an answer that is made of messages."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    section = forms.TypedChoiceField(label=_("Section"), coerce=int)


@verb_required(WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def from_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Show the chosen messages with what they tell of a person, and make a draft of the rest."""
    user, ticket = agent_of(request), find_ticket(request, number)
    offered = list(articles_of(ticket).filter(kind__in=KINDS).order_by("-id")[:OFFERED])[::-1]
    asked = (request.POST if request.method == "POST" else request.GET).getlist("article")
    chosen = _chosen(offered, asked)
    if not chosen:
        raise Http404
    masking = masking_of(ticket, chosen)
    sections = section_choices(request)
    form = FromTicketForm(posted(request), initial={"title": mask_title(ticket, chosen)})
    offer(form, "section", sections)
    keep = {place for one in request.POST.getlist("keep") if (place := _place(one)) is not None}
    made: list[int] = []

    def write() -> None:
        given = form.cleaned_data
        text = masking.masked(keep)
        answer = draft_from_ticket(
            ticket=ticket, title=given["title"], section_id=given["section"], text=text, user=user
        )
        made.append(answer.pk)

    if request.method == "POST" and written(form, write):
        messages.success(request, gettext("The draft is made. Check it for what tells of people."))
        return HttpResponseRedirect(reverse("desk:knowledge_edit", args=[made[0]]))
    context: dict[str, Any] = {
        "ticket": ticket,
        "form": form,
        "has_sections": bool(sections),
        "articles": [_offered(row, chosen) for row in offered],
        "chosen": chosen,
        "preview": masking.masked(keep),
        "found": [
            {"place": place, "text": one.text, "as": placeholder(one), "kept": place in keep}
            for place, one in enumerate(masking.found)
        ],
        "similar": suggest_for_staff(user, masking.masked(), user.language),
    }
    return knowledge_page(request, "from_ticket", context)


def _chosen(offered: list[Article], asked: list[str]) -> list[Article]:
    """Return the articles that were asked for, else the last answer, else the last message."""
    keys = {read_id(one) for one in asked}
    found = [row for row in offered if row.pk in keys]
    if found or asked:
        return found
    answers = [row for row in offered if row.kind == ArticleKind.ANSWER]
    return (answers or offered)[-1:]


def _offered(row: Article, chosen: list[Article]) -> dict[str, Any]:
    words = " ".join(row.text.split())
    return {
        "key": row.pk,
        "kind": row.get_kind_display(),
        "at": row.received_at,
        "excerpt": words[:EXCERPT],
        "is_chosen": row in chosen,
    }


def _place(text: str) -> int | None:
    return int(text) if is_figure(text, 4) else None
