"""What machines read of the knowledge base: feeds, sitemap, linked data; only what is public."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from helpdesk.agents.models import Authority
from knowledgebase.addresses import absolute, path_of, short_path
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.models import Answer, AnswerText, Section
from knowledgebase.queries import Line, live_texts
from knowledgebase.rules import public_answers

# What XML 1.0 can't hold in any form.
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# In a page these would end the data, or begin something else.
_IN_PAGE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def clean(words: str) -> str:
    """Return words without what no XML takes."""
    return _CONTROL.sub("", words)


def feed_of(authority: Authority, section: Section | None, lines: Iterable[Line]) -> str:
    """Return what is new as an Atom feed, of one section or of all."""
    page = (
        reverse("portal:section", args=[section.slug]) if section else reverse("portal:knowledge")
    )
    address = (
        reverse("portal:section_feed", args=[section.slug])
        if section
        else reverse("portal:knowledge_feed")
    )
    name = clean(section.name if section else gettext("Answers"))
    feed = Atom1Feed(
        title=f"{name} – {clean(authority.name)}",
        link=absolute(authority, page),
        description="",
        language=authority.language,
        feed_url=absolute(authority, address),
        feed_guid=absolute(authority, address),
    )
    for line in lines:
        feed.add_item(
            title=clean(line.title),
            link=absolute(authority, path_of(line.pk, line.title, line.language)),
            description=clean(line.summary),
            unique_id=absolute(authority, short_path(line.pk)),
            pubdate=line.answer.published_at,
            updateddate=line.answer.published_at,
            categories=(clean(line.section.name),),
        )
    return str(feed.writeString("utf-8"))


@dataclass(slots=True)
class _Place:
    """An answer in the sitemap: when it changed, and its pages by language."""

    changed: datetime | None
    pages: dict[str, str] = field(default_factory=dict)


def sitemap_of(authority: Authority, first: int, number: int) -> Iterator[str]:
    """Yield a sitemap of ``number`` public answers from ``first`` on; before them our own pages."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    )
    if not first:
        yield from (_url(absolute(authority, path)) for path in _own_pages(authority))
    for place in _places(authority, first, number):
        alternates = {language: absolute(authority, path) for language, path in place.pages.items()}
        others = alternates if len(alternates) > 1 else {}
        changed = place.changed.date() if place.changed else None
        yield from (_url(address, changed, others) for address in alternates.values())
    yield "</urlset>\n"


def _own_pages(authority: Authority) -> Iterator[str]:
    yield reverse("portal:home")
    yield reverse("portal:knowledge")
    filled = public_answers(authority.pk).values("section_id")
    slugs = Section.objects.filter(pk__in=filled).order_by("slug").values_list("slug", flat=True)
    yield from (reverse("portal:section", args=[slug]) for slug in slugs)


def _places(authority: Authority, first: int, number: int) -> Iterable[_Place]:
    keys = public_answers(authority.pk).order_by("pk").values_list("pk", flat=True)
    found = list(keys[first : first + number])
    rows = live_texts().filter(answer__in=found).order_by("answer_id", "pk")
    places: dict[int, _Place] = {}
    columns = ("answer_id", "language", "title", "answer__published_at")
    for key, language, title, changed in rows.values_list(*columns):
        place = places.setdefault(key, _Place(changed))
        place.pages[language] = path_of(key, title, language)
    return places.values()


def _url(address: str, changed: date | None = None, others: Mapping[str, str] | None = None) -> str:
    lines = [f"<loc>{escape(address)}</loc>"]
    lines += [f"<lastmod>{changed.isoformat()}</lastmod>"] if changed else []
    lines += [
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(other)}"/>'
        for language, other in (others or {}).items()
    ]
    return f"<url>{''.join(lines)}</url>\n"


def sitemap_index(authority: Authority, pages: int) -> str:
    """Return the list of all sitemaps."""
    addresses = (
        absolute(authority, reverse("portal:sitemap_page", args=[number]))
        for number in range(1, pages + 1)
    )
    rows = "".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>\n" for one in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{rows}</sitemapindex>\n"
    )


def linked_data(answer: Answer, text: AnswerText, trail: Iterable[tuple[str, str]]) -> SafeString:
    """Return what an answer's page is as JSON-LD, in the element that holds it in a page.

    A block of data, which no browser runs: the policy asks no nonce of it.
    """
    authority = answer.authority
    page = absolute(authority, path_of(answer.pk, text.title, text.language))
    publisher = {"@type": "GovernmentOrganization", "name": authority.name}
    article: dict[str, Any] = {
        "@type": "Article",
        "@id": absolute(authority, short_path(answer.pk)),
        "url": page,
        "headline": text.title,
        "description": text.summary,
        "inLanguage": text.language,
        "publisher": publisher,
        "author": publisher,
    }
    if answer.published_at:
        article["dateModified"] = answer.published_at.isoformat()
    if answer.reviewed_on:
        article["lastReviewed"] = answer.reviewed_on.isoformat()
    if answer.team:
        article["reviewedBy"] = {"@type": "Organization", "name": answer.team.name}
    steps = [*trail, (text.title, path_of(answer.pk, text.title, text.language))]
    crumbs = [
        {"@type": "ListItem", "position": at, "name": name, "item": absolute(authority, path)}
        for at, (name, path) in enumerate(steps, start=1)
    ]
    graph = [article, {"@type": "BreadcrumbList", "itemListElement": crumbs}]
    data = {"@context": "https://schema.org", "@graph": graph}
    # The signs that mean something to a page are written as JSON may write them as well.
    block = mark_safe(json.dumps(data, ensure_ascii=False).translate(_IN_PAGE))  # noqa: S308 - see above
    return format_html('<script type="application/ld+json">{}</script>', block)


def alternates_of(authority: Authority, texts: Mapping[str, AnswerText]) -> list[tuple[str, str]]:
    """Return language and full address of each page of an answer, and where others are led."""
    found = [
        (language, absolute(authority, path_of(text.answer_id, text.title, language)))
        for language, text in texts.items()
    ]
    main = texts.get(authority.language) or texts.get(KnowledgeLanguage.GERMAN)
    if main is not None:
        path = path_of(main.answer_id, main.title, main.language)
        found.append(("x-default", absolute(authority, path)))
    return found
