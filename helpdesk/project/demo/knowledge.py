"""The answers of Musterstadt's knowledge base, written, published and read in the town's past."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import count
from typing import Any, Final

from helpdesk.agents.models import User
from helpdesk.project.demo.happenings import Town
from helpdesk.project.demo.story import FOLDER, working_day
from helpdesk.project.demo.timeline import Happening
from knowledgebase.domain.feedback import give_feedback, record_views
from knowledgebase.domain.publish import publish_answer
from knowledgebase.domain.sections import SectionDetails, create_section
from knowledgebase.domain.snippets import create_snippet
from knowledgebase.domain.write import AnswerDetails, TextDraft, change_details, create_answer
from knowledgebase.enums import KnowledgeLanguage, Visibility
from knowledgebase.marks import from_marks
from knowledgebase.models import Answer

LANGUAGES: Final = {
    "de": KnowledgeLanguage.GERMAN,
    "en": KnowledgeLanguage.ENGLISH,
    "simple": KnowledgeLanguage.SIMPLE,
}
# The first answer was published so many working days ago, the next ones every few days.
FIRST, EVERY = 190, 4
REVIEW_AFTER = timedelta(days=365)
DAYS_READ = 5
POPULAR: Final = ("personalausweis-beantragen", "sperrmuell", "ummelden", "wertstoffhof")


@cache
def sections() -> tuple[dict[str, Any], ...]:
    """Return the sections with their answers, as the files below story/answers/ have them."""
    files = sorted((FOLDER / "answers").glob("*.toml"))
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")) for path in files)


@dataclass(slots=True)
class _Shelf:
    """The knowledge base while it fills: answers by the keys of the files."""

    built: Town
    editor: User
    now: datetime
    answers: dict[str, int] = field(default_factory=dict)


def knowledge_happenings(built: Town, now: datetime, numbers: Iterator[int]) -> Iterator[Happening]:
    """Yield the writing of every answer, the linking of related ones, and some reading."""
    shelf = _Shelf(built, built.administrator, now)
    days = count(-FIRST, EVERY)
    first = working_day(now, -FIRST - 1).replace(hour=9)
    yield Happening(first, next(numbers), partial(_share, shelf))
    for section in sections():
        details = SectionDetails(section["name"], section["name_en"], section["summary"])
        made = create_section(
            authority_id=built.authority.pk, details=details, user=shelf.editor
        ).pk
        for row in section["answer"]:
            at = working_day(now, min(next(days), -2)).replace(hour=10, minute=20)
            write = partial(_write, shelf, row, made, section["team"])
            yield Happening(at, next(numbers), write)
    yesterday = working_day(now, -1)
    yield Happening(yesterday.replace(hour=8), next(numbers), partial(_relate, shelf))
    yield Happening(yesterday.replace(hour=18), next(numbers), partial(_read, shelf))


def _write(shelf: _Shelf, row: dict[str, Any], section_id: int, team: str) -> None:
    answer = create_answer(
        authority_id=shelf.built.authority.pk,
        details=AnswerDetails(
            section_id=section_id,
            visibility=row.get("visibility", Visibility.PUBLIC),
            team_id=shelf.built.teams[team].pk,
            category_id=shelf.built.topics.get(row.get("topic", "")),
            review_on=(shelf.now + REVIEW_AFTER).date(),
        ),
        texts={language: _text(row[key]) for key, language in LANGUAGES.items() if key in row},
        internal=from_marks(row.get("internal", "")),
        user=shelf.editor,
    )
    publish_answer(answer_id=answer.pk, user=shelf.editor)
    shelf.answers[row["key"]] = answer.pk


def _share(shelf: _Shelf) -> None:
    """Write down once what several answers will say."""
    content = (FOLDER / "snippets.toml").read_text(encoding="utf-8")
    for name, row in tomllib.loads(content).items():
        create_snippet(
            authority_id=shelf.built.authority.pk,
            name=name,
            about=row["about"],
            bodies={LANGUAGES[key]: from_marks(row[key]) for key in LANGUAGES if key in row},
            user=shelf.editor,
        )


def _text(row: dict[str, str]) -> TextDraft:
    return TextDraft(**{**row, "body": from_marks(row["body"])})


def _relate(shelf: _Shelf) -> None:
    for row in (row for section in sections() for row in section["answer"]):
        if "related" not in row:
            continue
        answer = Answer.objects.get(pk=shelf.answers[row["key"]])
        details = AnswerDetails(
            section_id=answer.section_id,
            visibility=answer.visibility,
            team_id=answer.team_id,
            owner_id=answer.owner_id,
            category_id=answer.category_id,
            review_on=answer.review_on,
            related_ids=tuple(shelf.answers[key] for key in row["related"]),
        )
        change_details(answer_id=answer.pk, details=details, user=shelf.editor)


def _read(shelf: _Shelf) -> None:
    """Let citizens have read the answers, and some have said what they think."""
    dice = random.Random("Musterstadt")  # noqa: S311 - the dice of a story, not of a secret
    for day in range(DAYS_READ):
        views = {answer_id: dice.randint(2, 60) for answer_id in shelf.answers.values()}
        views |= {shelf.answers[key]: dice.randint(90, 140) for key in POPULAR}
        record_views(counts=views, day=working_day(shelf.now, -day - 1).date())
    for answer_id in shelf.answers.values():
        for _ in range(dice.randint(1, 6)):
            give_feedback(answer_id=answer_id, language="de", is_helpful=dice.random() < 0.85)
