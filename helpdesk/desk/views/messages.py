"""A mail as its sender laid it out, and mails that came as files of other mails."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from channels_in.mail.parsed import ParsedMail
from helpdesk.desk.agent import agent_of
from helpdesk.desk.mail_files import MESSAGES
from helpdesk.desk.messages import file_at, open_message, parts_of
from helpdesk.desk.shell import shell
from helpdesk.files.serve import respond_bytes
from helpdesk.lib.html import load_remote, remote_pictures, resolve_cid, sanitise
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.models import Article, Attachment
from helpdesk.tickets.queries import attachments_visible_to, visible_to

# No script, no form, no frame; links open beside the page. Pictures come from us alone.
_LOCKED = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'self'; img-src 'self'{remote}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_REMOTE = " https: http:"


def locked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer with a document that may be framed by our own pages and can do nothing."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        remote = _REMOTE if "pictures" in request.GET else ""
        response["Content-Security-Policy"] = _LOCKED.format(remote=remote)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "private, no-store"
        return response

    return xframe_options_sameorigin(inner)


@require_GET
@staff_required
@locked
def formatted(request: HttpRequest, article_id: int) -> HttpResponse:
    """Show a message's sanitised HTML; pictures of other servers only with ``?pictures``."""
    article = get_object_or_404(
        Article.objects.exclude(html="").filter(is_withdrawn=False),
        pk=article_id,
        ticket__in=visible_to(agent_of(request)),
    )
    # Once more, so that what was stored gains from each mending of the sanitiser.
    body = resolve_cid(sanitise(article.html), _addresses(article))
    blocked = remote_pictures(body)
    if "pictures" in request.GET:
        body, blocked = load_remote(body), 0
    context = {"article": article, "body": body, "blocked": blocked}
    return render(request, "desk/formatted.html", context)


@require_GET
@staff_required
def message(request: HttpRequest, attachment_id: int, places: str = "") -> HttpResponse:
    """Show a mail that came as a file, or one inside it."""
    attachment = _attachment(request, attachment_id)
    numbers = _numbers(places)
    mail = open_message(attachment.file, numbers)
    if not isinstance(mail, ParsedMail):
        raise Http404
    context = {
        **shell(request, ""),
        "attachment": attachment,
        "ticket": attachment.article.ticket,
        "mail": mail,
        "parts": parts_of(mail, numbers),
        "places": places,
        "outer": _outer(attachment, numbers),
    }
    return render(request, "desk/message.html", context)


@require_GET
@staff_required
def message_file(request: HttpRequest, attachment_id: int, places: str) -> HttpResponseBase:
    """Serve a file of a mail that came as a file."""
    attachment = _attachment(request, attachment_id)
    file = file_at(attachment.file, _numbers(places))
    if file is None:
        raise Http404
    return respond_bytes(file.content, file.content_type, file.name)


def _attachment(request: HttpRequest, attachment_id: int) -> Attachment:
    return get_object_or_404(
        attachments_visible_to(agent_of(request)).select_related("article__ticket__team"),
        pk=attachment_id,
        content_type__in=MESSAGES,
    )


def _numbers(places: str) -> tuple[int, ...]:
    return tuple(int(place) for place in places.split("-") if place)


def _outer(attachment: Attachment, numbers: tuple[int, ...]) -> str:
    """Return where the mail around this one is shown; empty if that is the ticket."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return reverse("desk:message", args=(attachment.pk,))
    return reverse("desk:message_inner", args=(attachment.pk, "-".join(map(str, numbers[:-1]))))


def _addresses(article: Article) -> dict[str, str]:
    """Return where the browser gets the pictures that the mail brought for its text."""
    files = article.attachments.filter(is_inline=True).exclude(cid="")
    return {file.cid: f"{reverse('desk:attachment', args=(file.pk,))}?inline" for file in files}
