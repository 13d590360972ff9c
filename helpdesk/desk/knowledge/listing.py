"""The desk's list of answers: found by the words in them, narrowed in SQL, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.agents.models import User
from helpdesk.desk.agent import agent_of
from helpdesk.desk.knowledge.frame import knowledge_page
from helpdesk.desk.numbers import read_id
from helpdesk.permissions.decorators import staff_required
from helpdesk.permissions.registry import can
from knowledgebase.enums import KnowledgeLanguage, Stage, State, Visibility
from knowledgebase.models import Answer, Section
from knowledgebase.queries import (
    flat,
    in_order_of_titles,
    is_due,
    is_overdue,
    overdue,
    titles_for_editors,
    titles_for_readers,
    tree_of,
    written_in,
)
from knowledgebase.rules import WRITE, editable_by, readable_by
from knowledgebase.search import AnswersFound, search_for_staff, search_working

PAGE = 50
LONGEST = 200
MINE, NOBODY = "me", "none"
DUE = "due"
ON_ITS_WAY = tuple(stage for stage in Stage.values if stage != Stage.WRITING)


@dataclass(frozen=True, slots=True)
class Row:
    """An answer as a row of the desk's list."""

    answer: Answer
    title: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list is narrowed to; what makes no sense in an address narrows nothing."""

    words: str = ""
    section: int | None = None
    state: str = ""
    language: str = ""
    visibility: str = ""
    owner: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Narrowed":
        """Return the filters of an address."""
        return cls(
            words=" ".join(given.get("q", "")[:LONGEST].replace("\0", " ").split()),
            section=read_id(given.get("section", "")),
            state=_one_of((*State.values, *ON_ITS_WAY, DUE), given.get("state")),
            language=_one_of(KnowledgeLanguage.values, given.get("language")),
            visibility=_one_of(Visibility.values, given.get("visibility")),
            owner=_one_of((MINE, NOBODY), given.get("owner")),
        )

    def narrow(self, user: User) -> QuerySet[Answer]:
        """Return the answers ``user`` may know of that fit, whatever their words."""
        by: dict[str, object] = {}
        if self.section is not None:
            by["section_id"] = self.section
        if self.state in State.values:
            by["state"] = self.state
        elif self.state in Stage.values:
            by["stage"] = self.state
        if self.visibility:
            by["visibility"] = self.visibility
        if self.owner:
            by["owner"] = user if self.owner == MINE else None
        rows = known_in_list(user).filter(**by)
        if self.state == DUE:
            rows = overdue(rows)
        if not self.language:
            return rows
        return rows.filter(written_in(self.language, is_working=can(user, WRITE)))


def known_in_list(user: User) -> QuerySet[Answer]:
    """Return what the list of ``user`` may show: all that they edit, else what is published."""
    return editable_by(user) if can(user, WRITE) else readable_by(user)


def _one_of(values: Sequence[str], given: str | None) -> str:
    return given if given and given in values else ""


@staff_required
@require_safe
def answer_list(request: HttpRequest) -> HttpResponse:
    """Show the answers this member of staff may know of, by their words and by what they are."""
    user = agent_of(request)
    narrowed = Narrowed.of(request.GET)
    found = _search(user, narrowed.words) if narrowed.words else None
    page = _page(user, narrowed, found, request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(user, page),
        "narrowed": narrowed,
        "is_narrowed": narrowed != Narrowed(),
        "found": found,
        "states": _states(),
        "waiting": _waiting(user) if can(user, WRITE) else [],
        "languages": KnowledgeLanguage.choices,
        "visibilities": Visibility.choices,
        "owners": ((MINE, _("My own")), (NOBODY, _("Nobody\u2019s"))),
        "nodes": flat(tree_of(user.authority_id, known_in_list(user))),
        "has_sections": Section.objects.filter(authority_id=user.authority_id).exists(),
    }
    return knowledge_page(request, "list", context)


def _states() -> list[tuple[str, object]]:
    """Return what the list can be narrowed to: states, stages of the draft, what is due."""
    stages = [(value, label) for value, label in Stage.choices if value in ON_ITS_WAY]
    return [*State.choices, *stages, (DUE, _("review is due"))]


def _waiting(user: User) -> list[dict[str, object]]:
    """Return what waits for somebody: how many are in review, and how many to be read again."""
    counts = editable_by(user).aggregate(
        **{
            Stage.REVIEW.value: Count("pk", filter=Q(stage=Stage.REVIEW)),
            DUE: Count("pk", filter=is_due()),
        }
    )
    labels = dict(_states())
    return [
        {"state": state, "label": labels[state], "count": count}
        for state, count in counts.items()
        if count
    ]


def _search(user: User, words: str) -> AnswersFound:
    """Return what holds the words: in working copies for who edits, else in what is published."""
    if can(user, WRITE):
        return search_working(user, words)
    return search_for_staff(user, words)


def _page(
    user: User, narrowed: Narrowed, found: AnswersFound | None, number: str | None
) -> Page[Answer]:
    """Return a page of the answers: what was found by how well it fits, else all by title."""
    rows = narrowed.narrow(user)
    if found is None:
        rows = in_order_of_titles(rows, is_working=can(user, WRITE))
    else:
        places = [When(pk=key, then=Value(place)) for place, key in enumerate(found.keys)]
        place = Case(*places, default=Value(0), output_field=IntegerField())
        rows = rows.filter(pk__in=found.keys).order_by(place)
    return Paginator(rows.select_related("section", "team", "owner"), PAGE).get_page(number)


def _rows(user: User, page: Page[Answer]) -> list[Row]:
    answers = list(page.object_list)
    titles = titles_for_editors(answers) if can(user, WRITE) else titles_for_readers(answers)
    return [Row(answer, titles[answer.pk], is_overdue(answer)) for answer in answers]
