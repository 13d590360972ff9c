"""Addresses of our pages as they stand in mails: never made from a request's Host header."""

from django.conf import settings

from helpdesk.agents.models import Authority


def absolute(path: str, authority: Authority) -> str:
    """Return the address of a page for a mail."""
    return (authority.base_url or settings.BASE_URL).rstrip("/") + path
