"""Serves the unaltered bytes of a mail, to a thread's reader and to the quarantine's alike."""

from django.http import HttpResponse
from django.utils.translation import gettext

from channels_in.models import RawMessage
from channels_in.store import read_raw
from helpdesk.files.serve import SANDBOX
from helpdesk.files.store import FileMissingError


def respond_raw(message: RawMessage) -> HttpResponse:
    """Return the mail as a download; the caller has checked that the viewer may see it."""
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
