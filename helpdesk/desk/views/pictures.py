"""What of a thread can be looked at in place: pictures as copies that hide nothing, and PDFs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from helpdesk.desk.agent import agent_of
from helpdesk.files.locks import lock_of
from helpdesk.files.models import StoredFile
from helpdesk.files.pictures import READABLE
from helpdesk.files.serve import respond, respond_framed
from helpdesk.files.store import FileMissingError
from helpdesk.permissions.decorators import staff_required
from helpdesk.tickets.domain.public_files import NotForOutsideError, public_version, thumbnail_of
from helpdesk.tickets.models import Attachment
from helpdesk.tickets.queries import attachments_visible_to


@require_GET
@staff_required
def picture(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """Show a picture of a visible ticket as large as a screen, decoded and encoded anew."""
    return _shown(request, attachment_id, public_version)


@require_GET
@staff_required
def thumbnail(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """Show a picture of a visible ticket as small as it stands in the thread."""
    return _shown(request, attachment_id, thumbnail_of)


@require_GET
@staff_required
def document(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """Show a PDF of a visible ticket in a frame of its page; what is none has no such view."""
    rows = attachments_visible_to(agent_of(request))
    found = get_object_or_404(rows, pk=attachment_id)
    refusal = gettext("This document can't be shown. You can download it.")
    return respond_framed(found.file, found.name, refusal=refusal)


def _shown(
    request: HttpRequest, attachment_id: int, version: Callable[[Attachment], StoredFile]
) -> HttpResponseBase:
    """Answer with one version; what is no picture has none."""
    rows = attachments_visible_to(agent_of(request)).select_related("public_file", "thumbnail")
    found = get_object_or_404(rows, pk=attachment_id)
    stored = found.file
    if lock_of(found.name, stored.content_type, stored.scan_state).is_shut:
        return respond(stored, found.name)
    try:
        if stored.content_type in READABLE:
            return respond(version(found), found.name, inline=True)
    except (NotForOutsideError, FileMissingError):
        pass
    sentence = gettext("This picture can't be shown. You can download it.")
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=415)
