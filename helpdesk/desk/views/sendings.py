"""The log of deliveries: what became of each message, searchable by its recipient."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from channels_in.queries import copy_of
from helpdesk.desk.agent import agent_of
from helpdesk.desk.shell import shell
from helpdesk.outbox.queries import LOG_KEPT, delivery_state, sending, sendings
from helpdesk.outbox.replies import in_plain_words
from helpdesk.permissions.decorators import verb_required

PAGE = 50
LONGEST = 320


@require_GET
@verb_required("operate")
def log(request: HttpRequest) -> HttpResponse:
    """List what was written to be sent, newest first; ``?q=`` is an address or a Message-ID.

    Neither subjects nor texts: who operates need not have the right to read them.
    """
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = sendings(agent_of(request).authority, words)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        **shell(request, "desk:failed"),
        "title": gettext("Delivery log"),
        "page": page,
        "rows": [(message, delivery_state(message)) for message in page.object_list],
        "words": words,
        "days": LOG_KEPT.days,
    }
    return render(request, "desk/operation/sendings.html", context)


@require_GET
@verb_required("operate")
def one(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show every recipient and every try of one message."""
    message = sending(agent_of(request).authority, message_id)
    if message is None:
        raise Http404
    recipients = sorted(message.recipients.all(), key=lambda each: each.pk)
    context = {
        **shell(request, "desk:failed"),
        "title": gettext("Sending %(number)s") % {"number": message.pk},
        "message": message,
        "delivery": delivery_state(message),
        "recipients": [(each, in_plain_words(each.reply)) for each in recipients],
        "attempts": message.attempts.all(),
        "copy": copy_of(message.pk),
    }
    return render(request, "desk/operation/sending.html", context)
