"""Pages of those who keep it running: health, quarantine, failed sendings."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from channels_in import quarantine as doors
from channels_in.glimpse import glimpses
from channels_in.mail.parsed import ParsedMail
from channels_in.models import RawMessage
from channels_in.queries import left_out, quarantined, raw_message
from channels_in.reasons import EMPTIED
from helpdesk.desk.agent import agent_of
from helpdesk.desk.health import LEVELS, RED, YELLOW, lights
from helpdesk.desk.rawmail import respond_raw
from helpdesk.desk.shell import shell
from helpdesk.files.store import FileMissingError
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.queries import delivery_state, failed_messages
from helpdesk.outbox.queue import retry_message
from helpdesk.permissions.decorators import verb_required
from helpdesk.tickets.queries import visible_to

PAGE = 50
# So many of those that became no request stand below the quarantine; a page of its own has all.
LATEST, LEFT_OUT = 20, "left_out"
SHOWN = frozenset(
    {RawMessage.State.QUARANTINED, RawMessage.State.IGNORED, RawMessage.State.DISCARDED}
)


@require_GET
@verb_required("operate")
def health(request: HttpRequest) -> HttpResponse:
    """Show every light, red ones named first, and count above them what is not well."""
    found = sorted(lights(agent_of(request).authority), key=lambda light: LEVELS.index(light.level))
    red = [light for light in found if light.level == RED]
    watched = [light for light in found if light.level == YELLOW]
    context = {**shell(request, "desk:health"), "lights": found, "red": red, "watched": watched}
    return render(request, "desk/operation/health.html", context)


@require_GET
@verb_required("operate")
def quarantine(request: HttpRequest) -> HttpResponse:
    """List the mails that wait for a person, and those that became no request with their reason."""
    authority_id = agent_of(request).authority_id
    waiting, left = quarantined(authority_id), left_out(authority_id)
    shows_all = request.GET.get("show") == LEFT_OUT
    page = Paginator(left if shows_all else waiting, PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    latest = rows if shows_all else list(left[: LATEST + 1])
    context = {
        **shell(request, "desk:quarantine"),
        "title": gettext("Became no request") if shows_all else gettext("Quarantine"),
        "page": page,
        "shows_all": shows_all,
        "waiting": [] if shows_all else glimpses(rows),
        "left_out": [
            (raw, seen, doors.may_be_let_in(raw))
            for raw, seen in _seen_by(request, latest if shows_all else latest[:LATEST])
        ],
        "has_more": not shows_all and len(latest) > LATEST,
    }
    return render(request, "desk/operation/quarantine.html", context)


def _seen_by(
    request: HttpRequest, mails: list[RawMessage]
) -> list[tuple[RawMessage, ParsedMail | None]]:
    """Return each mail with its head, with none where it belongs to a request of another team."""
    homes = {raw.ticket_id for raw in mails if raw.ticket_id is not None}
    readable = set(
        visible_to(agent_of(request)).filter(pk__in=homes).values_list("pk", flat=True)
        if homes
        else ()
    )
    own = {raw.pk for raw in mails if raw.ticket_id is None or raw.ticket_id in readable}
    seen = {raw.pk: head for raw, head in glimpses([raw for raw in mails if raw.pk in own])}
    return [(raw, seen.get(raw.pk)) for raw in mails]


def _mail(request: HttpRequest, raw_id: int) -> RawMessage:
    found = raw_message(agent_of(request).authority_id, raw_id)
    if found is None:
        raise Http404
    return found


@require_GET
@verb_required("operate")
def raw(request: HttpRequest, raw_id: int) -> HttpResponseBase:
    """Serve the unaltered bytes of a mail that became no article."""
    message = _mail(request, raw_id)
    if message.state not in SHOWN or message.reason in EMPTIED:
        # A filed mail belongs to a team; who operates does not read it here.
        raise Http404
    home = message.ticket_id
    if home is not None and not visible_to(agent_of(request)).filter(pk=home).exists():
        # Nor a copy of one.
        raise Http404
    return respond_raw(message)


@require_POST
@verb_required("operate")
def act(request: HttpRequest, raw_id: str, action: str) -> HttpResponse:
    """Retry, discard or make a ticket of a quarantined mail; let in one that was kept out."""
    message = _mail(request, int(raw_id))
    user = agent_of(request)
    if action == "let-in":
        done = doors.let_in(raw_id=message.pk, user=user)
        sentence = gettext("The mail becomes a request, as of the time it came.")
    elif action == "retry":
        done = doors.retry(raw_id=message.pk, user=user)
        sentence = gettext("The mail is being processed again.")
    elif action == "ticket":
        try:
            done = doors.make_ticket(raw_id=message.pk, user=user) is not None
        except FileMissingError:
            messages.error(request, gettext("This file is missing on the server."))
            return redirect("desk:quarantine")
        sentence = gettext("A request was made of the mail.")
    else:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            messages.error(request, gettext("Say why the mail is to be discarded."))
            return redirect("desk:quarantine")
        done = doors.discard(raw_id=message.pk, reason=reason, user=user)
        sentence = gettext("The mail was discarded. It stays listed below.")
    if done:
        messages.success(request, sentence)
    else:
        messages.error(request, gettext("Somebody else has dealt with this mail already."))
    return redirect("desk:quarantine")


@require_GET
@verb_required("operate")
def failed(request: HttpRequest) -> HttpResponse:
    """List the messages that failed or are unsure."""
    page = Paginator(failed_messages(agent_of(request).authority), PAGE).get_page(
        request.GET.get("page")
    )
    rows = [(message, delivery_state(message)) for message in page.object_list]
    title = gettext("Failed sendings")
    context = {**shell(request, "desk:failed"), "title": title, "page": page, "rows": rows}
    return render(request, "desk/operation/failed.html", context)


@require_POST
@verb_required("operate")
def send_again(request: HttpRequest, message_id: int) -> HttpResponse:
    """Queue a failed or unsure message again, under the same Message-ID."""
    authority_id = agent_of(request).authority_id
    if not OutgoingMessage.objects.filter(pk=message_id, authority_id=authority_id).exists():
        raise Http404
    if retry_message(message_id=message_id):
        messages.success(request, gettext("The message is being sent again."))
    else:
        messages.error(request, gettext("This message can't be sent again."))
    return redirect("desk:failed")
