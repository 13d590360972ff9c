"""What a token may be allowed to do: a resource and a verb, narrower than its user's rights."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

# Scope → what it says in the settings.
SCOPES: Mapping[str, StrOrPromise] = {
    "tickets:read": _("Read requests"),
    "tickets:write": _("Enter and change requests"),
    "articles:read": _("Read messages, answers and internal notes"),
    "articles:write": _("Write answers and internal notes"),
    "attachments:read": _("Download files"),
    "attachments:write": _("Upload files"),
    "citizens:read": _("Read names and contact details of citizens"),
    "citizens:write": _("Enter and change citizens"),
    "categories:read": _("Read topics and their questions"),
    "teams:read": _("Read teams and their members"),
    "text_modules:read": _("Read text modules"),
    "events:read": _("Follow what happens to requests"),
}


def known_scopes(names: Iterable[str]) -> list[str]:
    """Return those of ``names`` that are scopes, in the order of the table."""
    given = set(names)
    return [name for name in SCOPES if name in given]
