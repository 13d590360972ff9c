"""Answers as documents of the search, one a language.

The words for citizens, what only staff reads, and the working copies of the editors are documents
of three kinds: who asks for the one never learns anything of the others. The keys say who may
find them; `knowledgebase.search` shows only what its reader's own query holds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from django.db.models import QuerySet

from helpdesk.search.document import Document, Field, Weight
from knowledgebase.body import plain_body
from knowledgebase.domain.sections import SUBJECT as SECTION
from knowledgebase.domain.snippets import SUBJECT as SNIPPET
from knowledgebase.enums import KnowledgeLanguage, State, Visibility
from knowledgebase.facts import SUBJECT
from knowledgebase.models import Answer, AnswerText, SnippetUse
from knowledgebase.queries import live_texts
from knowledgebase.rules import FOR_CITIZENS
from knowledgebase.snippets import filled_all

KIND = "answer"
STAFF_KIND = "answer_staff"
WORKING_KIND = "answer_working"
PUBLIC = "public"
SUBJECTS = frozenset({SUBJECT, SECTION, SNIPPET})


def key_of(visibility: str, team_id: int | None) -> str:
    """Return the key of those who may find an answer."""
    return f"team:{team_id}" if visibility == Visibility.TEAM else visibility


class PublicSource:
    """Hands over what citizens may read, each with the key of its readers.

    See :class:`helpdesk.search.document.Source`.
    """

    kind = KIND
    subjects = SUBJECTS

    def ids_of(self, subject: str, ids: Collection[int]) -> Collection[int]:
        """Return the answers themselves, or all of the sections: their names find them."""
        return _ids_of(subject, ids)

    def ids_after(self, last_id: int, limit: int) -> Sequence[int]:
        """Return the next ids of all answers."""
        return _ids_after(last_id, limit)

    def documents(self, ids: Sequence[int]) -> Iterator[Document]:
        """Return the published ones for citizens, in two queries."""
        for answer, texts in _published(ids):
            if answer.visibility in FOR_CITIZENS:
                yield from (_document(KIND, answer, text, ()) for text in texts)


class StaffSource:
    """Hands over what staff reads: every published answer with its internal block."""

    kind = STAFF_KIND
    subjects = SUBJECTS

    def ids_of(self, subject: str, ids: Collection[int]) -> Collection[int]:
        """Return the answers themselves, or all of the sections: their names find them."""
        return _ids_of(subject, ids)

    def ids_after(self, last_id: int, limit: int) -> Sequence[int]:
        """Return the next ids of all answers."""
        return _ids_after(last_id, limit)

    def documents(self, ids: Sequence[int]) -> Iterator[Document]:
        """Return the published ones, in two queries."""
        for answer, texts in _published(ids):
            version = answer.live_version
            internal = plain_body(version.internal) if version else ""
            more = (Field(internal),) if internal else ()
            yield from (_document(STAFF_KIND, answer, text, more) for text in texts)


class WorkingSource:
    """Hands over the working copies of all answers, whatever their state."""

    kind = WORKING_KIND
    subjects = SUBJECTS

    def ids_of(self, subject: str, ids: Collection[int]) -> Collection[int]:
        """Return the answers themselves, or all of the sections: their names find them."""
        return _ids_of(subject, ids)

    def ids_after(self, last_id: int, limit: int) -> Sequence[int]:
        """Return the next ids of all answers."""
        return _ids_after(last_id, limit)

    def documents(self, ids: Sequence[int]) -> Iterator[Document]:
        """Return them with their internal blocks and their numbers, in two queries."""
        texts = _by_answer(AnswerText.objects.filter(answer__in=ids, version=None), ids)
        rows = Answer.objects.filter(pk__in=ids).select_related("section").order_by("pk")
        for row in rows:
            internal = plain_body(row.internal)
            more = [Field(str(row.pk), Weight.HEADING), *([Field(internal)] if internal else [])]
            # One of which nothing is written yet is found by its number.
            for text in texts[row.pk] or [AnswerText(language=KnowledgeLanguage.GERMAN)]:
                yield _document(WORKING_KIND, row, text, more)


def _ids_of(subject: str, ids: Collection[int]) -> Collection[int]:
    if subject == SUBJECT:
        return ids
    if subject == SNIPPET:
        uses = SnippetUse.objects.filter(snippet__in=ids)
        return set(uses.values_list("text__answer_id", flat=True))
    return list(Answer.objects.filter(section__in=ids).values_list("pk", flat=True))


def _ids_after(last_id: int, limit: int) -> Sequence[int]:
    rows = Answer.objects.filter(pk__gt=last_id).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def _published(ids: Sequence[int]) -> Iterator[tuple[Answer, list[AnswerText]]]:
    texts = _by_answer(live_texts().filter(answer__in=ids), ids)
    rows = Answer.objects.filter(pk__in=ids, state=State.PUBLISHED).order_by("pk")
    for row in rows.select_related("section", "live_version"):
        yield row, texts[row.pk]


def _by_answer(rows: QuerySet[AnswerText], ids: Sequence[int]) -> dict[int, list[AnswerText]]:
    """Return the texts of each answer, with the shared texts in their places."""
    towns = dict(Answer.objects.filter(pk__in=ids).values_list("pk", "authority_id"))
    by_town: dict[int, list[AnswerText]] = defaultdict(list)
    for text in rows.order_by("pk"):
        by_town[towns[text.answer_id]].append(text)
    texts: dict[int, list[AnswerText]] = defaultdict(list)
    for town, found in by_town.items():
        for text in filled_all(found, town):
            texts[text.answer_id].append(text)
    return texts


def _document(kind: str, answer: Answer, text: AnswerText, more: Sequence[Field]) -> Document:
    section = answer.section
    is_english = text.language == KnowledgeLanguage.ENGLISH
    facts = (text.cost, text.duration, text.documents, text.online_label)
    moment = answer.updated_at if kind == WORKING_KIND else answer.published_at
    return Document(
        kind=kind,
        id=answer.pk,
        authority_id=answer.authority_id,
        title=text.title,
        fields=(
            Field(text.summary, Weight.NOTED),
            Field((section.name_en if is_english else "") or section.name, Weight.NOTED),
            Field(plain_body(text.body)),
            Field("\n".join(facts)),
            *more,
        ),
        language=text.language,
        keys=frozenset({key_of(answer.visibility, answer.team_id)}),
        rank=int(moment.timestamp()) if moment else 0,
    )
