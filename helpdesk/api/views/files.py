"""Files: sent before they are named, and downloaded."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.api import params
from helpdesk.api.base import Endpoint, token_of, user_of
from helpdesk.api.idempotency import run_once
from helpdesk.api.models import Upload
from helpdesk.api.parsers import FormParser
from helpdesk.api.problems import Problem, invalid
from helpdesk.api.schema import operation
from helpdesk.api.serializers.bodies import UploadBody
from helpdesk.api.serializers.shapes import UploadShape
from helpdesk.api.uploads import KEEP, add_upload, store_file
from helpdesk.files.locks import lock_of
from helpdesk.files.models import StoredFile
from helpdesk.files.serve import respond
from helpdesk.tickets.queries import attachments_visible_to

GONE = 410


class Uploads(Endpoint):
    """Files that wait to be named by a ticket or an article."""

    scopes = {"POST": "attachments:write"}
    parser_classes = (FormParser,)

    @operation(
        "create_upload",
        "Send a file",
        body=UploadBody,
        media_type="multipart/form-data",
        response=UploadShape,
        status=201,
    )
    def post(self, request: Request) -> HttpResponse:
        """Keep one file of a form."""
        params.read_params(request, ())
        given = _the_file(request)
        stored, filename = store_file(given)

        def act() -> Response:
            upload = add_upload(token=token_of(request), stored=stored, filename=filename)
            return Response(_shape(upload, stored), status=201)

        fingerprint = f"{stored.sha256} {filename}".encode()
        return run_once(request, act, fingerprint=fingerprint)


def _the_file(request: Request) -> UploadedFile[Any]:
    """Return the one file of the form; anything else in it is refused by name."""
    if not request.META.get("CONTENT_LENGTH"):
        raise Problem("length_required", "Say by Content-Length how long the form is.")
    for name in {*request.POST, *request.FILES}:
        if name != "file":
            raise invalid(f"/{name[:80]}", "This field is not known.")
    files = request.FILES.getlist("file")
    if len(files) != 1 or request.POST.getlist("file"):
        raise invalid("/file", "Send one file in this field.")
    found: UploadedFile[Any] = files[0]
    return found


def _shape(upload: Upload, stored: StoredFile) -> dict[str, object]:
    found: dict[str, object] = UploadShape(
        {
            "upload": upload.name,
            "name": upload.filename,
            "content_type": upload.content_type,
            "size": upload.size,
            "sha256": stored.sha256,
            "expires_at": upload.created_at + KEEP,
        }
    ).data
    return found


class OneAttachment(Endpoint):
    """The bytes of a file of an article."""

    scopes = {"GET": "attachments:read"}

    @operation("get_attachment", "Download a file", response=bytes, tag="attachments")
    def get(self, request: Request, attachment_id: int) -> HttpResponseBase:
        """Return the bytes as a download of a type that no browser runs."""
        params.read_params(request, ())
        found = attachments_visible_to(user_of(request)).filter(pk=attachment_id).first()
        if found is None:
            raise Problem("not_found")
        lock = lock_of(found.name, found.file.content_type, found.file.scan_state)
        if lock.is_shut:
            raise Problem("held_back")
        response = respond(found.file, found.name)
        if response.status_code == GONE:
            raise Problem("gone")
        return response
