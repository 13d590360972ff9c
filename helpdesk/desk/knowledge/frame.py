"""What all pages of the knowledge base in the desk share."""

from http import HTTPStatus
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import shell
from helpdesk.permissions.registry import can
from knowledgebase.models import Answer
from knowledgebase.queries import find_editable, flat, tree_of
from knowledgebase.rules import EDIT, WRITE, editable_by

CURRENT = "desk:knowledge"
REFUSED = 422
INDENT = "\N{EN SPACE}\N{EN SPACE}"


def knowledge_page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render ``desk/knowledge/<name>.html``; a form with errors answers 422."""
    form = context.get("form")
    if isinstance(form, Form) and form.errors and status == HTTPStatus.OK:
        status = REFUSED
    may = {"may_edit": can(request.user, WRITE), "may_publish": can(request.user, EDIT)}
    frame = shell(request, CURRENT) | may
    return render(request, f"desk/knowledge/{name}.html", frame | context, status=status)


def editable(request: HttpRequest, answer_id: int) -> Answer:
    """Return the answer; one that this editor may not know of is as if it were not there."""
    found = find_editable(agent_of(request), answer_id)
    if found is None:
        raise Http404
    return found


def to_editor(answer: Answer) -> HttpResponse:
    """Lead back to where an answer is written."""
    return HttpResponseRedirect(reverse("desk:knowledge_edit", args=[answer.pk]))


def section_choices(request: HttpRequest) -> list[tuple[int, str]]:
    """Return the tree of sections as choices, deeper ones indented."""
    user = agent_of(request)
    nodes = flat(tree_of(user.authority_id, editable_by(user)))
    return [(node.section.pk, f"{INDENT * node.depth}{node.section.name}") for node in nodes]


def file_address(file_id: int) -> str:
    """Return the address at which the desk serves a file of an answer."""
    return reverse("desk:knowledge_file", args=[file_id])
