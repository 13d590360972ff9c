"""What the pages of the knowledge base show, put together for templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext

from knowledgebase.addresses import path_of
from knowledgebase.enums import KnowledgeLanguage
from knowledgebase.models import Answer, AnswerText, Section
from knowledgebase.queries import Line, Node, is_understood, related_lines
from knowledgebase.search import SectionName

NAMES: Mapping[str, str] = dict(KnowledgeLanguage.choices)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list with the address it leads to."""

    line: Line
    url: str
    mark: str


def reader_language() -> str:
    """Return the language of the page; there may be no answer in it at all."""
    return (get_language() or KnowledgeLanguage.GERMAN)[:2]


def mark_of(only_in: str) -> str:
    """Say that something is to be had in another language only, "" when it is not so."""
    if not only_in:
        return ""
    if only_in in {KnowledgeLanguage.GERMAN, KnowledgeLanguage.SIMPLE}:
        return gettext("in German only")
    return gettext("in English only")


def entries_of(lines: Iterable[Line]) -> list[Entry]:
    """Return lines with their addresses and marks."""
    return [
        Entry(line, path_of(line.pk, line.title, line.language), mark_of(line.only_in))
        for line in lines
    ]


def name_of(section: Section | SectionName) -> str:
    """Return the name of a section in the language of the page."""
    return (section.name_en if reader_language() == "en" else "") or section.name


def name_is_read(section: Section) -> bool:
    """Tell whether the name of a section is in the language of the page."""
    reads = reader_language()
    return reads == KnowledgeLanguage.GERMAN or (reads == "en" and bool(section.name_en))


def trail_of(section: Section) -> list[tuple[str, str]]:
    """Return the way from the entrance to a section, it included: words and address."""
    chain: list[Section] = []
    node: Section | None = section
    while node is not None:
        chain.insert(0, node)
        node = node.parent
    return [
        (gettext("Home"), reverse("portal:home")),
        (gettext("Find answers"), reverse("portal:knowledge")),
        *((name_of(one), reverse("portal:section", args=[one.slug])) for one in chain),
    ]


def named_nodes(nodes: Iterable[Node]) -> list[dict[str, object]]:
    """Return the sections that hold something, with name, address, count and those below."""
    return [
        {
            "name": name_of(node.section),
            "summary": node.section.summary if reader_language() == "de" else "",
            "lang": "" if name_is_read(node.section) else KnowledgeLanguage.GERMAN,
            "url": reverse("portal:section", args=[node.section.slug]),
            "count": node.count,
            "children": named_nodes(node.children),
        }
        for node in nodes
        if node.count
    ]


def other_languages(texts: Mapping[str, AnswerText], current: str) -> list[dict[str, str]]:
    """Return the languages an answer is to be had in besides the one shown, with addresses."""
    return [
        {
            "code": language,
            "label": NAMES[language],
            "url": path_of(text.answer_id, text.title, language),
        }
        for language, text in texts.items()
        if language != current
    ]


def language_links(
    links: Iterable[Mapping[str, Any]], texts: Mapping[str, AnswerText], shown: AnswerText
) -> list[dict[str, Any]]:
    """Return the page's language links so that they keep to the answer, plain language included."""
    simple = texts.get(KnowledgeLanguage.SIMPLE)
    is_simple = shown.language == KnowledgeLanguage.SIMPLE
    found = []
    for link in links:
        target = texts.get(link["code"], shown)
        page = path_of(target.answer_id, target.title, target.language)
        switch = reverse("portal:language", args=[link["code"]])
        url = f"{switch}?{urlencode({'next': page})}"
        found.append({**link, "url": url, "current": link["current"] and not is_simple})
    if simple is not None:
        page = path_of(simple.answer_id, simple.title, simple.language)
        label = NAMES[KnowledgeLanguage.SIMPLE]
        plain = {"code": "de-simple", "label": label, "url": page, "current": is_simple}
        found.insert(0, plain)
    return found


def related_entries(answer: Answer, readers: QuerySet[Answer], language: str) -> list[Entry]:
    """Return at most five related answers with their addresses."""
    return entries_of(related_lines(answer, readers, language))


def is_foreign(language: str) -> bool:
    """Tell whether a text is in another language than the page around it."""
    return not is_understood(language, reader_language())


def report_address(answer: Answer) -> str:
    """Return the address of the form for a question about an answer, with its topic chosen."""
    topic = answer.category
    is_offered = topic is not None and topic.is_active
    form = (
        reverse("portal:report_of_topic", args=[topic.pk])
        if topic is not None and is_offered
        else reverse("portal:report")
    )
    return f"{form}?antwort={answer.pk}"
