"""Reads of what a town says of itself."""

from dataclasses import dataclass

from django.utils import timezone

from helpdesk.agents.models import Language
from helpdesk.pages.enums import Page, Readers, TextKind
from helpdesk.pages.models import (
    Barrier,
    Embedding,
    LegalText,
    Notice,
    PageVariant,
    Statement,
)

# More than these nobody reads.
MOST_NOTICES = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A text for a reader; ``language`` is its own, which may not be the reader's."""

    body: str
    language: str


def legal_text(authority_id: int, kind: TextKind, language: str) -> Shown | None:
    """Return a page in the reader's language, else in German, else in any; None while empty."""
    texts = {
        text.language: text
        for text in LegalText.objects.filter(authority_id=authority_id, kind=kind)
    }
    order = (language, Language.GERMAN, *texts)
    found = next((texts[one] for one in order if one in texts), None)
    return Shown(found.body, found.language) if found else None


def variant_of(authority_id: int, page: Page) -> PageVariant | None:
    """Return what there is of a page in plain language and sign language."""
    return PageVariant.objects.filter(authority_id=authority_id, page=page).first()


def variants_of(authority_id: int) -> dict[str, PageVariant]:
    """Return all that there is, by page."""
    return {each.page: each for each in PageVariant.objects.filter(authority_id=authority_id)}


def bodies_of(authority_id: int, kind: TextKind) -> dict[str, str]:
    """Return a page in every language it is written in, by language."""
    texts = LegalText.objects.filter(authority_id=authority_id, kind=kind)
    return dict(texts.values_list("language", "body"))


def missing_texts(authority_id: int) -> list[TextKind]:
    """Return the pages that the law demands and nobody has written yet."""
    there = set(LegalText.objects.filter(authority_id=authority_id).values_list("kind", flat=True))
    return [kind for kind in TextKind if kind not in there]


def statement_of(authority_id: int) -> Statement | None:
    """Return what the accessibility statement is made of, None while nobody has assessed it."""
    return Statement.objects.filter(authority_id=authority_id).first()


def barriers_of(authority_id: int) -> list[Barrier]:
    """Return the known barriers in the order in which they were listed."""
    return list(Barrier.objects.filter(authority_id=authority_id))


def embedding_origins(authority_id: int) -> list[str]:
    """Return the sites that may show the portal's frame."""
    found = Embedding.objects.filter(authority_id=authority_id).first()
    return list(found.origins) if found else []


def current_notices(authority_id: int, reader: Readers = Readers.CITIZENS) -> list[Notice]:
    """Return the notices that citizens, or colleagues, are shown now, the newest first."""
    now = timezone.now()
    shown = Notice.objects.filter(authority_id=authority_id, begins_at__lte=now, ends_at__gt=now)
    return list(shown.filter(readers__in=(reader, Readers.ALL))[:MOST_NOTICES])


def notices_of(authority_id: int) -> list[Notice]:
    """Return all notices of an authority, the newest first."""
    return list(Notice.objects.filter(authority_id=authority_id))
