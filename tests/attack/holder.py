"""Whoever holds the secret link of one request: what they send and what they are shown."""

import hashlib

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Attachment, Ticket

GETS = ("status", "print", "reply", "withdraw", "reopen", "rate", "renew")
POSTS = ("open", "close", "reply", "withdraw", "reopen", "rate", "renew")


def address(ticket: Ticket, page: str = "status") -> str:
    """Return the address of a page behind the ticket's link."""
    return reverse(f"portal:{page}", args=[status_token(ticket)])


def opened(ticket: Ticket) -> Client:
    """Return a browser in which the request was opened."""
    client = Client()
    client.post(address(ticket, "open"))
    return client


def send_file(ticket: Ticket, name: str, content: bytes, content_type: str) -> Attachment:
    """Send a reply with one file and return what became of it."""
    before = set(Attachment.objects.values_list("pk", flat=True))
    upload = SimpleUploadedFile(name, content, content_type=content_type)
    Client().post(
        address(ticket, "reply"), {"text": "x", "key": f"k{len(before)}", "uploads": [upload]}
    )
    return Attachment.objects.select_related("file").exclude(pk__in=before).get()


def file_address(ticket: Ticket, attachment_id: int) -> str:
    """Return the address under which the holder of the link fetches a file."""
    return reverse("portal:attachment", args=[status_token(ticket), attachment_id])


def fingerprint() -> str:
    """Return a hash over every row of every table but the sessions'."""
    rows = [
        repr(sorted(map(repr, model._default_manager.values_list())))
        for model in apps.get_models()
        if model is not Session
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
