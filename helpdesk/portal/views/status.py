"""The status page behind a secret link: what happened to a request, in plain words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from helpdesk.files.kept import KeptFile
from helpdesk.files.serve import respond, shut_words
from helpdesk.files.store import FileMissingError
from helpdesk.lib.tokens import new_nonce
from helpdesk.notifications.account_mails import absolute
from helpdesk.portal.forms import VERDICTS
from helpdesk.portal.opening import mark_closed
from helpdesk.portal.timeline import promise_of, state_word, timeline
from helpdesk.portal.uploads import WordsForm
from helpdesk.portal.views.by_link import Link, by_link, keep_open, opens, show
from helpdesk.tickets.domain.public_files import NotForOutsideError, public_version
from helpdesk.tickets.domain.wording import shown_html
from helpdesk.tickets.enums import ENDED, ArticleKind, Status
from helpdesk.tickets.models import Article, Attachment, Rating, Ticket
from helpdesk.tickets.openings import may_rate, may_reply, may_withdraw, reopen_until
from helpdesk.tickets.queries import first_public_answer_at, public_thread


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the citizen sees it; agents appear as their authority."""

    is_ours: bool
    who: str
    at: datetime
    html: str
    # Each with why nobody gets it, "" of one that can be opened.
    files: tuple[tuple[Attachment, str], ...]


@require_safe
@by_link
def status_page(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Show how far a request has got; its words and files only where it was opened.

    Looking changes nothing and never consumes the link, so that mail scanners may prefetch it.
    """
    if not opens(request, link):
        return show(request, link, "status.html", **_progress(link.ticket))
    return show(request, link, "status_open.html", **open_context(link.ticket))


def again(
    request: HttpRequest, link: Link, form: WordsForm, kept: list[KeptFile]
) -> HttpResponseBase:
    """Show the open page once more with everything that was typed and uploaded."""
    context = open_context(link.ticket) | {
        "form": form,
        "kept": kept,
        "key": form.data.get("key") or new_nonce(),
    }
    response = show(request, link, "status_open.html", 422 if form.errors else 200, **context)
    keep_open(response, link)
    return response


def _progress(ticket: Ticket) -> dict[str, Any]:
    """Return what the link alone shows."""
    return {
        "state": state_word(ticket),
        "is_ended": ticket.status in ENDED,
        "is_question": ticket.status == Status.WAITING_CITIZEN,
        "is_merged": ticket.status == Status.MERGED,
        # It lies in the bin: no word of that, but a message brings it back.
        "is_closed": ticket.status == Status.DELETED,
        "steps": timeline(ticket, first_public_answer_at(ticket)),
        "promise": promise_of(ticket),
    }


def open_context(ticket: Ticket) -> dict[str, Any]:
    """Return everything the opened page shows, and what its reader may do now."""
    rating = rating_of(ticket)
    return {
        **_progress(ticket),
        "messages_shown": [
            message_of(ticket, article)
            for article in public_thread(ticket).prefetch_related("attachments__file")
        ],
        "form": WordsForm(),
        "kept": [],
        "key": new_nonce(),
        "may_reply": may_reply(ticket),
        "may_withdraw": may_withdraw(ticket),
        "reopen_until": reopen_until(ticket),
        "may_rate": may_rate(ticket, rating),
        "rating": rating,
        "verdicts": VERDICTS,
    }


def rating_of(ticket: Ticket) -> Rating | None:
    """Return what the citizen said of this end, if it has ended and anything was said."""
    if ticket.resolved_at is None:
        return None
    return ticket.ratings.filter(ended_at=ticket.resolved_at).first()


def message_of(ticket: Ticket, article: Article) -> Message:
    """Return one public article as the citizen sees it."""
    is_ours = article.kind == ArticleKind.ANSWER
    return Message(
        is_ours=is_ours,
        who=f"{ticket.authority.name}, {ticket.team.name}" if is_ours else gettext("You"),
        at=article.received_at,
        html=shown_html(article),
        files=tuple(
            (file, shut_words(file.file, file.name))
            for file in article.attachments.all()
            if not file.is_inline
        ),
    )


@require_POST
@by_link
def open_request(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Let this browser read the request; a person pressed the button, no scanner does."""
    del request
    response = HttpResponseRedirect(link.address())
    keep_open(response, link)
    return response


@require_POST
@by_link
def close_request(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Forget on this device that the request was opened, for those who share it."""
    messages.success(request, gettext("The request is closed on this device."))
    response = HttpResponseRedirect(link.address())
    mark_closed(response, link.token)
    return response


@require_safe
@by_link
def print_view(request: HttpRequest, link: Link) -> HttpResponseBase:
    """Show the opened request as a plain page that fits on paper."""
    if not opens(request, link):
        return HttpResponseRedirect(link.address())
    context = open_context(link.ticket) | {
        "as_of": timezone.now(),
        "status_url": absolute(link.address(), link.ticket.authority),
    }
    return show(request, link, "status_print.html", **context)


@require_safe
@by_link
def attachment(request: HttpRequest, link: Link, attachment_id: int) -> HttpResponseBase:
    """Serve a file of a message that the opened page shows; any other is not there."""
    if not opens(request, link):
        raise Http404
    articles = public_thread(link.ticket).filter(attachments=attachment_id)
    found = Attachment.objects.filter(
        pk=attachment_id, article__in=articles.order_by().values("pk"), is_inline=False
    ).select_related("file", "public_file")
    file = found.first()
    if file is None:
        raise Http404
    try:
        shown = public_version(file)
    except FileMissingError:
        shown = file.file
    except NotForOutsideError:
        sentence = gettext(
            "This picture stays with the staff: it may tell where it was taken, and we can't"
            " remove that from this kind of file."
        )
        return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=403)
    return respond(shown, file.name, inline="inline" in request.GET)
