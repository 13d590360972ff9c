"""The addresses of answers: short and for ever, or readable."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from helpdesk.agents.models import Authority
from helpdesk.lib.slugs import slug_of
from knowledgebase.enums import KnowledgeLanguage

# The last part of an address that names the language; German has none.
LANGUAGE_PARTS: Final[Mapping[str, str]] = {
    KnowledgeLanguage.ENGLISH: "en",
    KnowledgeLanguage.SIMPLE: "leichte-sprache",
}
UNTITLED = "antwort"


def short_path(answer_id: int) -> str:
    """Return the address that stays the same whatever the answer is called."""
    return f"/w/{answer_id}"


def slug_for(title: str) -> str:
    """Return the readable part of an address."""
    return slug_of(title) or UNTITLED


def path_of(answer_id: int, title: str, language: str) -> str:
    """Return the address of an answer's page in one language."""
    part = LANGUAGE_PARTS.get(language)
    page = f"{short_path(answer_id)}-{slug_for(title)}/"
    return f"{page}{part}/" if part else page


def file_path(file_id: int) -> str:
    """Return the address of a file of a public answer."""
    return f"/w/datei/{file_id}/"


def absolute(authority: Authority, path: str) -> str:
    """Return an address as it stands in a mail."""
    base = authority.base_url or settings.BASE_URL
    return f"{base.rstrip('/')}{path}"
