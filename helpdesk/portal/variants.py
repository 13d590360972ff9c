"""The portal's pages in plain language and sign language: switches that are there with them."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from helpdesk.pages.enums import Page
from helpdesk.pages.models import PageVariant
from helpdesk.pages.queries import variant_of
from helpdesk.portal.videos import with_file
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.rules import portal_answers

SIMPLE = KnowledgeLanguage.SIMPLE


def with_variants(context: dict[str, Any], page: Page) -> dict[str, Any]:
    """Return what a page shows beside its own words: the switch and the video, where there are."""
    authority = context["authority"]
    variant = variant_of(authority.pk, page) if authority else None
    if variant is None:
        return {}
    video = with_file(variant.video, portal_answers(authority.pk, signed_in=False))
    return {"languages": switch(context["languages"], variant), "video": video}


def switch(
    links: Iterable[Mapping[str, Any]], variant: PageVariant, *, is_simple: bool = False
) -> list[dict[str, Any]]:
    """Return the page's language links with plain language before them, where it is written."""
    back = urlencode({"next": reverse(f"portal:{variant.page}")})
    found = [
        {
            **link,
            "url": f"{reverse('portal:language', args=[link['code']])}?{back}",
            "current": link["current"] and not is_simple,
        }
        for link in links
    ]
    if variant.simple:
        plain = {"code": SIMPLE.value, "label": SIMPLE.label, "url": simple_path(variant.page)}
        found.insert(0, {**plain, "current": is_simple})
    return found


def simple_path(page: str) -> str:
    """Return the address of a page in plain language."""
    return reverse("portal:simple", args=[page])
