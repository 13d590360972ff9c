"""Reads of the knowledge base; every one goes through what its reader may know of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower, Replace
from django.utils import timezone

from helpdesk.agents.models import User
from knowledgebase.enums import KnowledgeLanguage, State
from knowledgebase.models import (
    Answer,
    AnswerFeedback,
    AnswerFile,
    AnswerText,
    AnswerVersion,
    Section,
)
from knowledgebase.rules import (
    FOR_CITIZENS,
    editable_by,
    portal_answers,
    public_answers,
    readable_by,
)

MAIN = KnowledgeLanguage.GERMAN
LANGUAGES = tuple(KnowledgeLanguage.values)
# No database we run on knows where umlauts belong.
SORTED_AS = tuple(zip("äöüßÄÖÜ", ("a", "o", "u", "ss", "A", "O", "U"), strict=True))
RELATED_SHOWN = 5
# Everything of a text but its body, which lists do not need.
TEXT_COLUMNS = ("answer_id", "version_id", "language", "title", "summary")


@dataclass(frozen=True, slots=True)
class Line:
    """An answer as a line of a list, in the reader's language where there is one.

    ``only_in`` names the language when it is not the reader's; then the page says so.
    """

    pk: int
    title: str
    summary: str
    language: str
    only_in: str
    section: Section
    answer: Answer


@dataclass(slots=True)
class Node:
    """A section with what lies below it; ``count`` holds the answers of all of that."""

    section: Section
    depth: int
    own: int = 0
    count: int = 0
    children: list["Node"] = field(default_factory=list)


def live_texts() -> QuerySet[AnswerText]:
    """Return the texts that readers see; whose, is for the caller to narrow."""
    return AnswerText.objects.filter(version_id=F("answer__live_version_id"))


def lines_of(answers: QuerySet[Answer], language: str) -> list[Line]:
    """Return a line for each of ``answers`` that is published, in their order; two queries."""
    texts = live_texts().only(*TEXT_COLUMNS)
    rows = answers.select_related("section", "team").prefetch_related(
        Prefetch("texts", texts, to_attr="live_texts")
    )
    return [line for row in rows if (line := line_of(row, vars(row)["live_texts"], language))]


def line_of(answer: Answer, texts: Iterable[AnswerText], language: str) -> Line | None:
    """Return the line of an answer from its texts; None when there are none."""
    text = choose_text(texts, language)
    if text is None:
        return None
    return Line(
        pk=answer.pk,
        title=text.title,
        summary=text.summary,
        language=text.language,
        only_in="" if is_understood(text.language, language) else text.language,
        section=answer.section,
        answer=answer,
    )


class Spoken(Protocol):
    """A text that is in one language."""

    @property
    def language(self) -> str:
        """Return the language."""


Text = TypeVar("Text", bound=Spoken)


def choose_text(texts: Iterable[Text], language: str) -> Text | None:
    """Return the text in ``language``, else in the main one, else in any."""
    by_language = {text.language: text for text in texts}
    for wanted in (language, MAIN, *LANGUAGES):
        if wanted in by_language:
            return by_language[wanted]
    return None


def is_understood(language: str, wanted: str) -> bool:
    """Tell whether who wants ``wanted`` reads ``language``: plain German is German as well."""
    return language == wanted or {language, wanted} <= {MAIN, KnowledgeLanguage.SIMPLE}


def find_public(authority_id: int, answer_id: int) -> Answer | None:
    """Return the answer if everybody may read it, else None."""
    return find_for(public_answers(authority_id), answer_id)


def find_for(readers: QuerySet[Answer], answer_id: int) -> Answer | None:
    """Return the answer if it is among those that its reader may read, else None."""
    found = readers.filter(pk=answer_id)
    return found.select_related("authority", "section__parent__parent", "team", "category").first()


def find_gone(authority_id: int, answer_id: int, *, signed_in: bool = False) -> Answer | None:
    """Return an archived answer that such a reader could read once, with its successor."""
    return (
        Answer.objects.filter(
            authority_id=authority_id,
            pk=answer_id,
            state=State.ARCHIVED,
            visibility__in=FOR_CITIZENS if signed_in else FOR_CITIZENS[:1],
            live_version__isnull=False,
        )
        .select_related("successor")
        .first()
    )


def successor_of(answer: Answer, *, signed_in: bool = False) -> int | None:
    """Return the key of the answer for this reader that an archived one leads to."""
    readers = portal_answers(answer.authority_id, signed_in=signed_in)
    key, seen = answer.successor_id, {answer.pk}
    while key is not None and key not in seen:
        if readers.filter(pk=key).exists():
            return key
        seen.add(key)
        gone = find_gone(answer.authority_id, key, signed_in=signed_in)
        key = gone.successor_id if gone else None
    return None


def find_readable(user: User, answer_id: int) -> Answer | None:
    """Return the published answer if this member of staff may read it, else None."""
    found = readable_by(user).filter(pk=answer_id)
    return found.select_related("section__parent__parent", "team", "live_version").first()


def find_editable(user: User, answer_id: int) -> Answer | None:
    """Return the answer in any state if ``user`` may edit it, else None."""
    found = editable_by(user).filter(pk=answer_id)
    return found.select_related(
        "authority",
        "section__parent__parent",
        "wanted_section__parent__parent",
        "wanted_team",
        "team",
        "owner",
        "updated_by",
        "submitted_by",
        "approved_by",
        "live_version",
        "successor",
    ).first()


def texts_of(answer: Answer, *, version_id: int | None) -> dict[str, AnswerText]:
    """Return the texts of one version by language; None asks for the working copy."""
    order = {language: at for at, language in enumerate(KnowledgeLanguage.values)}
    rows = answer.texts.filter(version_id=version_id)
    return {row.language: row for row in sorted(rows, key=lambda row: order[row.language])}


def files_of(answer: Answer, *, version_id: int | None) -> list[AnswerFile]:
    """Return the files of one version; None asks for those of the working copy."""
    rows = AnswerFile.objects.filter(answer=answer).select_related("file")
    if version_id is None:
        return list(rows.filter(is_removed=False))
    return list(rows.filter(versions=version_id))


def find_file_for(readers: QuerySet[Answer], file_id: int) -> AnswerFile | None:
    """Return a file that the live version of an answer for this reader holds, else None."""
    return _live_files(file_id, readers).first()


def find_staff_file(user: User, file_id: int) -> AnswerFile | None:
    """Return a file of an answer that ``user`` may read or edit, else None."""
    mine = AnswerFile.objects.filter(pk=file_id, answer__in=editable_by(user))
    found = mine.select_related("file").first()
    return found or _live_files(file_id, readable_by(user)).first()


def _live_files(file_id: int, answers: QuerySet[Answer]) -> QuerySet[AnswerFile]:
    live = answers.values("live_version_id")
    return AnswerFile.objects.filter(
        pk=file_id, answer__in=answers, versions__in=live
    ).select_related("file")


def related_lines(answer: Answer, readers: QuerySet[Answer], language: str) -> list[Line]:
    """Return at most five related answers among those of ``readers``, chosen ones first.

    They stand in the order in which they were chosen; where the editors chose fewer, the
    section's others fill up.
    """
    lines = lines_of(chosen_for(answer, readers), language)[:RELATED_SHOWN]
    if len(lines) < RELATED_SHOWN:
        known = [answer.pk, *(line.pk for line in lines)]
        others = readers.filter(section_id=answer.section_id).exclude(pk__in=known)
        lines += lines_of(others.order_by("pk")[: RELATED_SHOWN - len(lines)], language)
    return lines


def chosen_for(answer: Answer, readers: QuerySet[Answer]) -> QuerySet[Answer]:
    """Return those of ``readers`` that were chosen as related to ``answer``, in their order."""
    chosen = Answer.related.through.objects.filter(from_answer=answer)
    place = chosen.filter(to_answer=OuterRef("pk")).values("pk")[:1]
    rows = readers.filter(pk__in=chosen.values("to_answer"))
    return rows.order_by(Subquery(place))


def sections_of(authority_id: int) -> QuerySet[Section]:
    """Return all sections of an authority, each level in its order."""
    return Section.objects.filter(authority_id=authority_id).order_by("position", "name")


def tree_of(authority_id: int, answers: QuerySet[Answer]) -> list[Node]:
    """Return the sections of the first level with all below, counting ``answers``; two queries."""
    counts = dict(answers.order_by().values_list("section_id").annotate(number=Count("pk")))
    nodes = {
        section.pk: Node(section, 0, own=counts.get(section.pk, 0))
        for section in sections_of(authority_id)
    }
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.section.parent_id or 0)
        (above.children if above else roots).append(node)
    for root in roots:
        _count(root, 0)
    return roots


def _count(node: Node, depth: int) -> int:
    node.depth = depth
    node.count = node.own + sum(_count(child, depth + 1) for child in node.children)
    return node.count


def flat(nodes: Iterable[Node]) -> list[Node]:
    """Return a tree from top to bottom as a list."""
    found: list[Node] = []
    for node in nodes:
        found += [node, *flat(node.children)]
    return found


def find_node(nodes: Iterable[Node], slug: str) -> Node | None:
    """Return the node of a section by its slug, else None."""
    return next((node for node in flat(nodes) if node.section.slug == slug), None)


def below(section: Section) -> QuerySet[Section]:
    """Return a section and all that lie below it."""
    return Section.objects.filter(
        Q(pk=section.pk) | Q(parent=section.pk) | Q(parent__parent=section.pk)
    )


def other_forms_of(authority_id: int) -> Mapping[str, int]:
    """Return how many public answers are told in plain language, and how many by a video."""
    texts = live_texts().filter(answer__in=public_answers(authority_id))
    return texts.aggregate(
        simple=Count("answer", filter=Q(language=KnowledgeLanguage.SIMPLE), distinct=True),
        video=Count("answer", filter=~Q(video_url=""), distinct=True),
    )


def latest_lines(readers: QuerySet[Answer], language: str, limit: int) -> list[Line]:
    """Return those of ``readers`` that were published last, the newest first."""
    return lines_of(readers.order_by("-published_at", "-pk")[:limit], language)


def most_read(readers: QuerySet[Answer], *, language: str, limit: int) -> list[Line]:
    """Return those of ``readers`` that were read most, the newest first among equals."""
    ranked = readers.annotate(read=Sum("days__views")).order_by(
        F("read").desc(nulls_last=True), "-published_at", "-pk"
    )
    return lines_of(ranked[:limit], language)


def versions_of(answer: Answer) -> QuerySet[AnswerVersion]:
    """Return what was published of an answer, the newest first."""
    return answer.versions.select_related("published_by", "approved_by").order_by("-number")


@dataclass(frozen=True, slots=True)
class Use:
    """How an answer is used and liked."""

    views: int
    insertions: int
    helpful: int
    unhelpful: int

    @property
    def percent(self) -> int | None:
        """Return the share of those whom it helped, None while nobody has said."""
        said = self.helpful + self.unhelpful
        return round(100 * self.helpful / said) if said else None


def use_of(answer: Answer) -> Use:
    """Return the figures of one answer."""
    days = answer.days.aggregate(views=Sum("views"), insertions=Sum("insertions"))
    said = answer.feedback.aggregate(
        helpful=Count("pk", filter=Q(is_helpful=True)),
        unhelpful=Count("pk", filter=Q(is_helpful=False)),
    )
    return Use(days["views"] or 0, days["insertions"] or 0, said["helpful"], said["unhelpful"])


def comments_on(answer: Answer, *, limit: int = 20) -> Sequence[AnswerFeedback]:
    """Return the newest feedback that says why an answer did not help."""
    said = answer.feedback.filter(is_helpful=False).exclude(reason="", text="")
    return list(said.order_by("-created_at")[:limit])


def find_feedback(readers: QuerySet[Answer], feedback_id: int) -> AnswerFeedback | None:
    """Return a "no" to an answer that may still be read, else None."""
    said = AnswerFeedback.objects.filter(pk=feedback_id, is_helpful=False, answer__in=readers)
    return said.select_related("answer").first()


def written_in(language: str, *, is_working: bool) -> Q:
    """Return the condition that an answer has words in a language."""
    texts = AnswerText.objects.filter(version=None) if is_working else live_texts()
    written = texts.filter(language=language).exclude(title="", body="")
    return Q(pk__in=written.values("answer_id"))


def in_order_of_titles(
    answers: QuerySet[Answer], *, is_working: bool, language: str = MAIN
) -> QuerySet[Answer]:
    """Sort answers by their titles as people do; done by the database, page by page.

    ``is_working`` takes the titles that editors see, else those of the live version, in
    ``language`` where there is one.
    """
    version = None if is_working else OuterRef("live_version_id")
    texts = AnswerText.objects.filter(answer=OuterRef("pk"), version=version).exclude(title="")
    title: Any = Coalesce(
        *(
            Subquery(texts.filter(language=one).values("title")[:1])
            for one in dict.fromkeys((language, MAIN))
        ),
        Subquery(texts.order_by("pk").values("title")[:1]),
        Value(""),
    )
    for letter, plain in SORTED_AS:
        title = Replace(title, Value(letter), Value(plain))
    return answers.order_by(Lower(title), "pk")


def titles_for_editors(answers: Iterable[Answer]) -> Mapping[int, str]:
    """Return the working titles of answers; "" for one without words."""
    return _titles(AnswerText.objects.filter(version=None), answers)


def titles_for_readers(answers: Iterable[Answer]) -> Mapping[int, str]:
    """Return the titles of published answers, the main language first."""
    return _titles(live_texts(), answers)


def _titles(texts: QuerySet[AnswerText], answers: Iterable[Answer]) -> Mapping[int, str]:
    keys = [answer.pk for answer in answers]
    rows = texts.filter(answer_id__in=keys)
    found: dict[int, dict[str, str]] = {}
    for key, language, title in rows.values_list("answer_id", "language", "title"):
        found.setdefault(key, {})[language] = title
    return {key: found.get(key, {}).get(MAIN) or _any(found.get(key, {})) for key in keys}


def _any(titles: Mapping[str, str]) -> str:
    return next((title for title in titles.values() if title), "")


def overdue_of(user: User) -> QuerySet[Answer]:
    """Return the published answers of an owner that should have been read through by now."""
    return overdue(Answer.objects.filter(owner=user))


def overdue(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """Return those of ``answers`` that should have been read through again by now."""
    return answers.filter(is_due())


def is_due() -> Q:
    """Return the condition that an answer should have been read through again by now."""
    return Q(state=State.PUBLISHED, review_on__lte=timezone.localdate())


def is_overdue(answer: Answer) -> bool:
    """Tell whether a published answer should have been read through again by now."""
    is_read = answer.state == State.PUBLISHED
    return is_read and answer.review_on is not None and answer.review_on <= timezone.localdate()
