"""Publishing, archiving, restoring: how an answer gets readers and loses them."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.models import User
from knowledgebase import facts
from knowledgebase.body import linked_answers
from knowledgebase.checklist import Problem, problems_of
from knowledgebase.domain.snippet_uses import note_uses
from knowledgebase.enums import State
from knowledgebase.models import NOTE_LENGTH, Answer, AnswerText, AnswerVersion
from knowledgebase.placing import Place, settle
from knowledgebase.review import STAGE_FIELDS, begin_again, needs_approval
from knowledgebase.rules import known_to
from knowledgebase.snippets import names_in, pieces_of
from knowledgebase.translations import changes_since

REVIEW_AFTER = timedelta(days=365)


class NotReadyError(Exception):
    """The checklist has open points; nothing was published."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep what is to be put right."""
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


@transaction.atomic
def publish_answer(*, answer_id: int, user: User | None, note: str = "") -> AnswerVersion:
    """Make the working copy the live version, and keep it as one for ever.

    Raises NotReadyError, also where another person must approve first. ``note`` says what was
    changed and why. From now on readers see these words; an archived answer comes back.
    """
    answer = locked(answer_id)
    problems = problems_of(answer)
    # None is the system, which lays out a town nobody works in yet.
    if user is not None and needs_approval(answer):
        problems.append(Problem.missing_approval())
    if problems:
        raise NotReadyError(problems)
    return publish_locked(answer, user=user, note=note)


def publish_locked(answer: Answer, *, user: User | None, note: str) -> AnswerVersion:
    """Publish an answer whose row the caller holds and whose checklist is clear."""
    version = _keep_version(answer, user, note)
    placed = settle(answer)
    begin_again(answer)
    answer.state = State.PUBLISHED
    answer.live_version = version
    answer.has_changes = False
    answer.successor = None
    answer.published_at = version.published_at
    answer.reviewed_on = timezone.localdate(version.published_at)
    if answer.owner_id is None:
        answer.owner = user
    answer.review_on = next_review(answer.review_on, answer.reviewed_on)
    answer.save()
    moved = {"fields": placed} if placed else {}
    facts.record(facts.PUBLISHED, answer, user, {"version": version.number, **moved})
    return version


def next_review(wanted: date | None, read_on: date) -> date:
    """Return when an answer is to be read again: as wanted if that lies ahead, else in a year."""
    if wanted is not None and wanted > read_on:
        return wanted
    return read_on + REVIEW_AFTER


@transaction.atomic
def review_answer(*, answer_id: int, user: User) -> None:
    """Note that a published answer was read through today and is right; the next time is set."""
    answer = locked(answer_id)
    if answer.state != State.PUBLISHED:
        raise ValidationError(_("Only a published answer can be confirmed."))
    answer.reviewed_on = timezone.localdate()
    answer.review_on = answer.reviewed_on + REVIEW_AFTER
    answer.save(update_fields=["reviewed_on", "review_on"])
    facts.record(facts.REVIEWED, answer, user)


@transaction.atomic
def archive_answer(*, answer_id: int, successor_id: int | None = None, user: User) -> None:
    """Take an answer away from its readers; they are led to the successor if there is one.

    Raises ValidationError when the successor is not a published answer that ``user`` knows of.
    """
    answer = locked(answer_id)
    if successor_id is not None:
        others = known_to(user).filter(state=State.PUBLISHED)
        if not others.exclude(pk=answer.pk).filter(pk=successor_id).exists():
            raise ValidationError({"successor": _("Choose a published answer as successor.")})
    begin_again(answer)
    answer.state = State.ARCHIVED
    answer.successor_id = successor_id
    answer.save(update_fields=["state", "successor", *STAGE_FIELDS])
    facts.record(facts.ARCHIVED, answer, user, {"successor": successor_id})


@transaction.atomic
def restore_version(*, answer_id: int, version_id: int, user: User) -> Answer:
    """Make an old version the working copy again; readers notice nothing until it is published.

    An archived answer becomes a draft. The working copy that is replaced is gone, unless it
    was published.
    """
    answer = locked(answer_id)
    version = answer.versions.get(pk=version_id)
    answer.texts.filter(version=None).delete()
    _copy_texts(version.texts.all(), None)
    kept = version.files.values("pk")
    answer.files.filter(pk__in=kept).update(is_removed=False)
    answer.files.exclude(pk__in=kept).update(is_removed=True)
    answer.internal = version.internal
    begin_again(answer)
    is_shown = answer.live_version_id == version.pk and answer.state == State.PUBLISHED
    # Another place that waits is a change, too, whatever the words are.
    answer.has_changes = not is_shown or Place.ahead(answer) != Place.now(answer)
    if answer.state == State.ARCHIVED:
        answer.state = State.DRAFT
        answer.successor = None
    answer.revision += 1
    answer.updated_at = timezone.now()
    answer.updated_by = user
    answer.save()
    facts.record(facts.RESTORED, answer, user, {"version": version.number})
    return answer


@transaction.atomic
def reopen_answer(*, answer_id: int, user: User) -> None:
    """Make an archived answer a draft with its working copy; any other is left as it is."""
    answer = locked(answer_id)
    if answer.state != State.ARCHIVED:
        return
    answer.state = State.DRAFT
    answer.successor = None
    answer.has_changes = True
    answer.save(update_fields=["state", "successor", "has_changes"])
    facts.record(facts.RESTORED, answer, user)


def locked(answer_id: int) -> Answer:
    """Return the answer with its row locked until the end of the transaction."""
    rows = Answer.objects.select_for_update(of=("self",))
    above = ("section__parent__parent", "wanted_section__parent__parent")
    return rows.select_related("authority", *above).get(pk=answer_id)


def _keep_version(answer: Answer, user: User | None, note: str) -> AnswerVersion:
    last = answer.versions.aggregate(last=Max("number"))["last"] or 0
    version = AnswerVersion.objects.create(
        answer=answer,
        number=last + 1,
        internal=answer.internal,
        published_by=user,
        approved_by=answer.approved_by,
        note=note.strip()[:NOTE_LENGTH],
    )
    copies = _copy_texts(answer.texts.filter(version=None), version)
    version.links = sorted(set().union(*(linked_answers(text.body) for text in copies)))
    version.snippets = _shown_then(answer, copies)
    version.save(update_fields=["links", "snippets"])
    version.files.set(answer.files.filter(is_removed=False))
    return version


def _shown_then(answer: Answer, texts: Sequence[AnswerText]) -> dict[str, dict[str, str]]:
    """Return the shared texts that these texts show now: language → name → HTML."""
    named = {text.language: names_in(text) for text in texts}
    wanted = frozenset().union(*named.values())
    pieces = pieces_of(answer.authority_id, wanted) if wanted else {}
    return {
        language: {name: pieces[language][name] for name in sorted(names & pieces[language].keys())}
        for language, names in named.items()
        if names
    }


def _main_of(text: AnswerText) -> str:
    return text.answer.authority.language


def _copy_texts(texts: QuerySet[AnswerText], version: AnswerVersion | None) -> list[AnswerText]:
    copies = list(texts.select_related("answer__authority"))
    main = next((one for one in copies if one.language == _main_of(one)), None)
    for text in copies:
        text.is_outdated = changes_since(main, text) > 0
        text.pk = None
        text._state.adding = True  # noqa: SLF001 - Django's documented way to copy a row
        text.version = version
    made = AnswerText.objects.bulk_create(copies)
    if made:
        note_uses(made, made[0].answer.authority_id)
    return made
