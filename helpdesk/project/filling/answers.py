"""Fills the knowledge base with invented answers, each word as rare as in a real one that size."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils import timezone

from helpdesk.agents.models import Authority
from helpdesk.agents.queries import first_authority
from helpdesk.lib import german
from helpdesk.project.filling.bulk import insert
from knowledgebase.enums import KnowledgeLanguage, State
from knowledgebase.models import Answer, AnswerText, AnswerVersion, Section

# Nothing of any town: words that answers could be about, joined anew for each.
SUBJECTS = "Reisepass Ausweis Sperrmüll Hundesteuer Bauantrag Parkausweis Kindergarten Wohngeld"
ACTIONS = "beantragen verlängern anmelden abholen verlieren bezahlen ändern kündigen"
BODY_WORDS = 150
SUMMARY_WORDS = 12
SENTENCE = 10
BATCH = 1000
# In this order: what is pointed to comes first. An answer and its version point to each other.
TABLES: tuple[type[Model], ...] = (Answer, AnswerVersion, AnswerText)


class AnswersThereError(Exception):
    """There are answers already; invented ones are never mixed with them."""


class NoAuthorityError(Exception):
    """Nobody is there whose answers they would be."""


def fill_answers(*, count: int, seed: int = 1) -> None:
    """Write ``count`` published answers in German that everybody may read.

    Raises AnswersThereError if there are any, NoAuthorityError before requests were filled in.
    No facts are recorded of them: what builds the search index anew finds them all the same.
    """
    if Answer.objects.exists():
        raise AnswersThereError
    authority = first_authority()
    if authority is None:
        raise NoAuthorityError
    chance = Random(seed)  # noqa: S311 - the same answers each time, no secret
    with transaction.atomic():
        sections = [_section(authority, name) for name in SUBJECTS.split()]
    rows = _Rows(authority, sections, chance)
    for start in range(0, count, BATCH):
        for _number in range(start, min(start + BATCH, count)):
            rows.add()
        with transaction.atomic():
            rows.save()
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), TABLES):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _section(authority: Authority, name: str) -> Section:
    slug = german.fold(name)
    return Section.objects.get_or_create(authority=authority, slug=slug, defaults={"name": name})[0]


@dataclass(slots=True)
class _Rows:
    """Rows that wait to be written, and the last id given out."""

    authority: Authority
    sections: list[Section]
    chance: Random
    answers: list[Answer] = field(default_factory=list)
    versions: list[AnswerVersion] = field(default_factory=list)
    texts: list[AnswerText] = field(default_factory=list)
    last: int = 0
    last_version: int = 0
    last_text: int = 0
    atoms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.atoms = sorted({atom for atom in german.atoms() if len(atom) > 3})
        self.last_version = AnswerVersion.objects.aggregate(most=Max("pk"))["most"] or 0
        self.last_text = AnswerText.objects.aggregate(most=Max("pk"))["most"] or 0

    def add(self) -> None:
        """Add one answer with its words, published and with the same working copy."""
        self.last += 1
        self.last_version += 1
        at = timezone.now() - timedelta(hours=self.last)
        answer = Answer(
            id=self.last,
            authority=self.authority,
            section=self.chance.choice(self.sections),
            state=State.PUBLISHED,
            has_changes=False,
            live_version_id=self.last_version,
            created_at=at,
            updated_at=at,
            published_at=at,
        )
        self.answers.append(answer)
        self.versions.append(
            AnswerVersion(id=self.last_version, answer=answer, number=1, published_at=at)
        )
        words = self._words()
        for version_id in (self.last_version, None):
            self.last_text += 1
            self.texts.append(
                AnswerText(
                    id=self.last_text,
                    answer=answer,
                    version_id=version_id,
                    language=KnowledgeLanguage.GERMAN,
                    **words,
                )
            )

    def _words(self) -> dict[str, str]:
        chance = self.chance
        body = chance.choices(self.atoms, k=BODY_WORDS)
        sentences = [body[at : at + SENTENCE] for at in range(0, len(body), SENTENCE)]
        subject, action = chance.choice(SUBJECTS.split()), chance.choice(ACTIONS.split())
        return {
            "title": f"{subject} {action}: {chance.choice(self.atoms)}",
            "summary": " ".join(chance.choices(self.atoms, k=SUMMARY_WORDS)),
            "body": "".join(f"<p>{' '.join(sentence)}.</p>" for sentence in sentences),
        }

    def save(self) -> None:
        """Write what waits; the constraints between answers and versions hold at the end."""
        insert(Answer, self.answers)
        insert(AnswerVersion, self.versions)
        insert(AnswerText, self.texts)
        self.answers, self.versions, self.texts = [], [], []
