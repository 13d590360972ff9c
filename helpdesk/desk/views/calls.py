"""Notes of calls, visits and letters: one form, in a dialog on every page and on one of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.call_topics import Suggestion, suggest_topic, teams_of, topics_of
from helpdesk.desk.callers import NEW, Choice, Chosen, choice_of, find_callers, read_choice
from helpdesk.desk.forms.note import MAX_NOTE, NoteForm
from helpdesk.desk.noting import inbound_of
from helpdesk.desk.shell import forget_counts, keep_undo, shell
from helpdesk.lib.tokens import new_nonce
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.articles import UNDO_SECONDS, EmptyTextError
from helpdesk.tickets.domain.call_notes import NotYourTeamError, take_back_note, take_note
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.state import StatusNotAllowedError
from helpdesk.tickets.domain.wording import typed_again
from helpdesk.tickets.enums import Channel, Result
from helpdesk.tickets.inbound import Receipt
from helpdesk.tickets.models import Category
from helpdesk.tickets.queries import visible_to
from helpdesk.tickets.rules import RIGHTS, team_ids

AGAIN_KEY = "call-again"
YEAR = 5
# What may stand in the way → at which field, in which words
REFUSALS: dict[type[Exception], tuple[str, str]] = {
    EmptyTextError: ("note", gettext_noop("Write down what it is about.")),
    NotYourTeamError: ("team", gettext_noop("You can't take in requests in this team.")),
    StatusNotAllowedError: ("result", gettext_noop("This status can't follow the present one.")),
    TicketNotThereError: (
        "caller",
        gettext_noop("This request or person can't be found any more. Please choose again."),
    ),
}


@require_http_methods(["GET", "POST"])
@staff_required
def call(request: HttpRequest) -> HttpResponse:
    """Show the form, find callers for those without scripts, and save a note."""
    if request.method == "GET":
        return _page(request, _blank(request))
    user = agent_of(request)
    topics, teams = topics_of(user), teams_of(user)
    form = NoteForm(request.POST, _files(request), topics=topics, teams=teams)
    if _asks_who(request):
        return _page(request, form.data, hits=_hits(request))
    if form.is_valid():
        receipt = _save(request, form, topics)
        if receipt:
            return _saved(request, receipt)
    return _refused(request, form)


def _files(request: HttpRequest) -> Any:  # noqa: ANN401 - what forms take as files
    return {"scans": request.FILES.getlist("scans")}


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _asks_who(request: HttpRequest) -> bool:
    """Tell whether somebody without scripts has yet to say which caller is meant."""
    given = request.POST
    if _is_script(request):
        return False
    return "search" in given or bool(given.get("caller", "").strip() and not given.get("who"))


@require_GET
@staff_required
def new(request: HttpRequest) -> HttpResponse:
    """Show the form for a request that staff open themselves, for somebody known if so asked."""
    values = _blank(request) | {"channel": Channel.DESK, "result": Result.OPEN}
    chosen = read_choice(agent_of(request), f"c{request.GET.get('citizen', '')}")
    hits = [choice_of(chosen.citizen)] if chosen and chosen.citizen else []
    return _page(request, values, hits=hits)


def _blank(request: HttpRequest) -> dict[str, Any]:
    """Return what an empty form starts with: a number that calls, or a note taken back."""
    again = request.session.pop(AGAIN_KEY, {}) if AGAIN_KEY in request.session else {}
    return {
        "channel": Channel.PHONE,
        "result": Result.DONE,
        "caller": request.GET.get("from", "")[:200],
        **again,
        "request_key": new_nonce(),
    }


def _hits(request: HttpRequest) -> list[Choice]:
    return find_callers(agent_of(request), request.POST.get("caller", ""))


def _page(
    request: HttpRequest,
    values: Mapping[str, Any],
    *,
    hits: Sequence[Choice] = (),
    errors: Mapping[str, Any] | None = None,
) -> HttpResponse:
    user = agent_of(request)
    context = {
        **shell(request, "desk:call"),
        "call": {
            "values": {name: values.get(name, "") for name in NoteForm.base_fields},
            "errors": errors or {},
            "hits": hits,
            "is_page": True,
            "may_take": bool(team_ids(user, RIGHTS["create_ticket"])),
        },
        **_choices(user),
    }
    return render(request, "desk/call.html", context, status=422 if errors else 200)


def _choices(user: User) -> dict[str, Any]:
    topics = [{"pk": str(one.pk), "label": Suggestion(one).label} for one in topics_of(user)]
    teams = [{"pk": str(one.pk), "label": one.name} for one in teams_of(user)]
    return {"topics": topics, "teams": teams}


def _refused(request: HttpRequest, form: NoteForm) -> HttpResponse:
    if _is_script(request):
        return JsonResponse({"errors": form.errors}, status=422)
    return _page(request, form.data, hits=_hits(request), errors=form.errors)


def _save(request: HttpRequest, form: NoteForm, topics: list[Category]) -> Receipt | None:
    """Save a valid form; None leaves on it what stood in the way."""
    user = agent_of(request)
    who = form.cleaned_data["who"]
    chosen = Chosen() if who in {"", NEW} else read_choice(user, who)
    try:
        if chosen is None:
            raise TicketNotThereError
        inbound = inbound_of(user, form, chosen, topics)
        return take_note(inbound=inbound, decision=form.decision(), user=user)
    except tuple(REFUSALS) as error:
        field, words = REFUSALS[type(error)]
        form.add_error(field, gettext(words))
        return None


def _saved(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    user = agent_of(request)
    forget_counts(user)
    is_seen = visible_to(user).filter(pk=receipt.ticket_id).exists()
    told = {
        "text": gettext("%(number)s saved.") % {"number": receipt.number[YEAR:]},
        "open": reverse("desk:ticket", args=[receipt.number]) if is_seen else "",
        "url": reverse("desk:call_take_back", args=[receipt.article_id]),
        "seconds": UNDO_SECONDS,
    }
    if _is_script(request):
        return JsonResponse(told)
    keep_undo(request, told)
    return redirect("desk:call")


@require_POST
@staff_required
def callers(request: HttpRequest) -> JsonResponse:
    """Return who may be meant; by POST, so that no name or number stands in a log."""
    found = find_callers(agent_of(request), request.POST.get("q", ""))
    return JsonResponse({"results": [asdict(choice) for choice in found]})


@require_GET
@staff_required
def choices(request: HttpRequest) -> HttpResponse:
    """Return the topics and teams for the dialog, which every page holds without them."""
    return render(request, "desk/parts/call_choices.html", _choices(agent_of(request)))


@require_POST
@staff_required
def topic(request: HttpRequest) -> JsonResponse:
    """Return the topic that a note suggests, or what belongs to a chosen one."""
    known = topics_of(agent_of(request))
    wanted = request.POST.get("topic", "")
    if wanted:
        found = next((one for one in known if str(one.pk) == wanted), None)
    else:
        found = suggest_topic(known, request.POST.get("note", "")[:MAX_NOTE])
    shown = Suggestion(found)
    return JsonResponse({"label": shown.label, "team": shown.team, "place": shown.asks_place})


@require_POST
@staff_required
def take_back(request: HttpRequest, article_id: int) -> HttpResponse:
    """Take a note back that was just saved; its text returns into the form."""
    try:
        article = take_back_note(article_id=article_id, user=agent_of(request))
    except TicketNotThereError as error:
        raise Http404 from error
    forget_counts(agent_of(request))
    if _is_script(request):
        return JsonResponse({"url": ""}, status=200 if article else 409)
    if article is None:
        messages.error(request, gettext("Too late: somebody may be working on it already."))
    else:
        again = {"note": typed_again(article), "channel": article.channel}
        caller = ", ".join(filter(None, [article.from_name, article.from_address]))
        request.session[AGAIN_KEY] = again | {"caller": caller}
        messages.success(request, gettext("Taken back. Your text is in the form."))
    return redirect("desk:call")
