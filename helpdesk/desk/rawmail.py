"""Serves the unaltered bytes of a mail, to a thread's reader and to the quarantine's alike."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from channels_in.models import RawMessage
from channels_in.reasons import Ignored
from channels_in.store import read_raw
from helpdesk.files.models import ScanState
from helpdesk.files.serve import SANDBOX, held_back
from helpdesk.files.store import FileMissingError
from helpdesk.tickets.models import Attachment


def respond_raw(message: RawMessage) -> HttpResponseBase:
    """Return the mail as a download; the caller has checked that the viewer may see it.

    Not one with a file that the virus scanner holds back: it would come out with its mail.
    """
    if _is_held(message):
        return held_back()
    try:
        content = read_raw(message)
    except FileMissingError:
        sentence = gettext("This file is missing on the server.")
        return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=410)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{message.pk}.eml"'
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _is_held(message: RawMessage) -> bool:
    if message.file is not None and message.file.scan_state == ScanState.HELD:
        return True
    held = Attachment.objects.filter(file__scan_state=ScanState.HELD)
    if message.article_id is not None:
        return held.filter(article_id=message.article_id).exists()
    # A copy has no article of its own; the files of the first are among those of its request.
    if message.ticket_id is None or message.reason != Ignored.COPY:
        return False
    return held.filter(article__ticket_id=message.ticket_id).exists()
