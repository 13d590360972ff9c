"""Pages of programs that work here with rights of their own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.agents.domain.tokens import make_service_token, revoke_token
from helpdesk.agents.queries import service_tokens_of, teams_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.forms.teams import RIGHTS, MatrixRow, matrix_rights, matrix_rows
from helpdesk.desk.forms.tokens import ServiceForm
from helpdesk.desk.settings.frame import matching, posted, settings_page, written
from helpdesk.permissions.decorators import verb_required

CURRENT = "settings_interface"


@verb_required("administer")
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """Show all programs with a key of their own."""
    words = request.GET.get("q", "").strip()
    tokens = service_tokens_of(agent_of(request).authority_id)
    context = {"tokens": matching(tokens, words, lambda token: token.name), "words": words}
    return settings_page(request, "interface", context, current=CURRENT)


@verb_required("administer")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("made")
def service_new(request: HttpRequest) -> HttpResponse:
    """Connect a program; its secret is shown this once."""
    user = agent_of(request)
    form = ServiceForm(posted(request))
    rows = _rows(request)
    made: dict[str, object] = {}

    def write() -> None:
        rights = matrix_rights(request.POST, [row.key for row in rows])
        made["token"], made["secret"] = make_service_token(
            authority_id=user.authority_id, details=form.details, rights=rights, user=user
        )

    if request.method == "POST" and written(form, write):
        context: dict[str, Any] = made
        return settings_page(request, "interface_made", context, current=CURRENT)
    context = {"form": form, "rows": rows, "rights": RIGHTS.values()}
    return settings_page(request, "interface_new", context, current=CURRENT)


@verb_required("administer")
@require_POST
def service_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Disconnect a program at once; one of another authority is not there."""
    user = agent_of(request)
    token = service_tokens_of(user.authority_id).filter(pk=token_id).first()
    if token is None:
        raise Http404
    revoke_token(token_id=token.pk, user=user)
    messages.success(request, gettext("“%(name)s” is disconnected.") % {"name": token.name})
    return HttpResponseRedirect(reverse("desk:settings_interface"))


def _rows(request: HttpRequest) -> list[MatrixRow]:
    teams = teams_of(agent_of(request).authority_id).filter(is_active=True)
    subjects = [(team.pk, team.name, "") for team in teams]
    return matrix_rows(subjects, matrix_rights(request.POST, [key for key, *_ in subjects]))
