"""Mail that is held as spam: looked at, and let through where it is none."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from channels_in.filters.trial import parse_apart
from channels_in.models import HeldMail
from channels_in.spam import held_visible_to, release
from channels_in.store import read_raw
from helpdesk.desk.agent import agent_of
from helpdesk.desk.numbers import read_id
from helpdesk.desk.rawmail import respond_raw
from helpdesk.desk.shell import forget_counts, shell
from helpdesk.files.store import FileMissingError
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.queries import rows_of, spam_tickets

PAGE = 50
SHOWN_TEXT = 20_000


@require_GET
@staff_required
def spam_list(request: HttpRequest) -> HttpResponse:
    """List what is held for the teams of the viewer, and requests that were ended as spam."""
    user = agent_of(request)
    held = held_visible_to(user).order_by("-held_at", "-id")
    context = {
        **shell(request, "desk:spam"),
        "page": Paginator(held, PAGE).get_page(request.GET.get("page")),
        "tickets": rows_of(user, spam_tickets(user)[:PAGE]),
        "may_release": held_visible_to(user, "can_create").exists(),
    }
    return render(request, "desk/spam.html", context)


@require_GET
@staff_required
def spam_mail(request: HttpRequest, raw_id: int) -> HttpResponse:
    """Show the plain text of a held mail; nothing of it is loaded or runs."""
    held = _find(request, raw_id)
    text, files = "", []
    try:
        mail = parse_apart(read_raw(held.raw_message))
        text, files = mail.text[:SHOWN_TEXT], [file.name for file in mail.attachments]
    except FileMissingError:
        messages.error(request, gettext("This file is missing on the server."))
    mine = held_visible_to(agent_of(request), "can_create")
    context = {
        **shell(request, "desk:spam"),
        "held": held,
        "text": text,
        "files": files,
        "may_release": mine.filter(pk=held.pk).exists(),
    }
    return render(request, "desk/spam_mail.html", context)


@require_GET
@staff_required
def spam_raw(request: HttpRequest, raw_id: int) -> HttpResponseBase:
    """Serve the unaltered bytes of a held mail."""
    return respond_raw(_find(request, raw_id).raw_message)


@require_POST
@staff_required
def not_spam(request: HttpRequest) -> HttpResponse:
    """Let held mails through; those that are not there, or no longer, change nothing."""
    user = agent_of(request)
    wanted = [read_id(text) for text in request.POST.getlist("ids")[:PAGE]]
    ids = [raw_id for raw_id in wanted if raw_id is not None]
    if not ids:
        messages.error(request, gettext("Choose at least one mail."))
        return redirect("desk:spam")
    count = release(raw_ids=ids, user=user)
    if len(ids) == 1 and not count:
        raise Http404
    forget_counts(user)
    sentence = ngettext(
        "%(count)d mail becomes a request, as of the time it came.",
        "%(count)d mails become requests, as of the time they came.",
        count,
    )
    messages.success(request, sentence % {"count": count})
    if count < len(ids):
        messages.warning(request, gettext("The others are not held any more, or not yours."))
    return redirect("desk:spam")


def _find(request: HttpRequest, raw_id: int) -> HeldMail:
    held = held_visible_to(agent_of(request)).filter(raw_message_id=raw_id).first()
    if held is None:
        raise Http404
    return held
