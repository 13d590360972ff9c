"""Writing the working copy of an answer, and what else is known about it.

Saving the copy is no fact of the history: it happens every few seconds while somebody
writes. Publishing is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import apply_values
from helpdesk.agents.models import Team, User
from helpdesk.tickets.models import Category
from helpdesk.tickets.rules import team_ids
from knowledgebase import facts
from knowledgebase.body import MAX_BODY, clean_body
from knowledgebase.checklist import problems_of
from knowledgebase.domain.snippet_uses import hold_names, note_uses
from knowledgebase.enums import KnowledgeLanguage, State, Visibility
from knowledgebase.models import Answer, AnswerText, Section
from knowledgebase.outside import wrong_addresses
from knowledgebase.placing import Place, values_of
from knowledgebase.review import STAGE_FIELDS, lose_approval
from knowledgebase.rules import known_to
from knowledgebase.translations import snapshot

RELATED = 5
SAVED = ("internal", "revision", "has_changes", "updated_at", "updated_by", *STAGE_FIELDS)


@dataclass(frozen=True, slots=True)
class TextDraft:
    """The words of an answer in one language; ``body`` is HTML, which the door cleans."""

    title: str = ""
    summary: str = ""
    body: str = ""
    cost: str = ""
    duration: str = ""
    documents: str = ""
    online_url: str = ""
    online_label: str = ""
    video_url: str = ""
    video_length: str = ""
    video_words_url: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was written in this language."""
        return not any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """What is known about an answer besides its words."""

    section_id: int
    visibility: str = Visibility.PUBLIC
    team_id: int | None = None
    owner_id: int | None = None
    category_id: int | None = None
    review_on: date | None = None
    related_ids: tuple[int, ...] = ()


class EditConflictError(Exception):
    """Somebody else has saved the working copy meanwhile; nothing was written."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer as it stands now."""
        super().__init__(f"answer {answer.pk} is at revision {answer.revision}")
        self.answer = answer


@transaction.atomic
def create_answer(
    *,
    authority_id: int,
    details: AnswerDetails,
    texts: Mapping[str, TextDraft],
    internal: str = "",
    user: User | None,
) -> Answer:
    """Create an answer as a draft; raises ValidationError by field.

    ``texts`` is language → words (see :class:`KnowledgeLanguage`), ``internal`` is HTML that
    only staff ever sees.
    """
    answer = Answer(authority_id=authority_id, owner=user, updated_by=user)
    _check_details(answer, details, user)
    _apply_details(answer, details, asdict(_place_of(details)))
    answer.internal = _clean(internal, "internal")
    answer.save()
    _relate(answer, details.related_ids)
    _write_texts(answer, texts)
    facts.record(facts.CREATED, answer, user)
    return answer


@transaction.atomic
def save_copy(
    *,
    answer_id: int,
    texts: Mapping[str, TextDraft],
    internal: str,
    revision: int,
    user: User,
) -> Answer:
    """Save the working copy whose ``revision`` the editor began with.

    Raises EditConflictError when somebody has saved since, ValidationError by field
    (``body_de``, ``internal``). Saving what is there already changes nothing. Languages that
    ``texts`` does not name stay as they are; an empty draft takes its language away. What was
    approved or scheduled is no longer so once it is changed.
    """
    answer = Answer.objects.select_for_update().get(pk=answer_id)
    cleaned = _clean(internal, "internal")
    is_changed = _write_texts(answer, texts)
    if not is_changed and cleaned == answer.internal:
        # Also where a save of one's own was quicker: both say the same.
        return answer
    if answer.revision != revision:
        raise EditConflictError(answer)
    answer.internal = cleaned
    answer.revision += 1
    answer.has_changes = True
    answer.updated_at = timezone.now()
    answer.updated_by = user
    lose_approval(answer)
    answer.save(update_fields=SAVED)
    return answer


@transaction.atomic
def change_details(*, answer_id: int, details: AnswerDetails, user: User) -> Answer:
    """Change what is known about an answer, visibility included: it holds at once.

    Where two people are demanded, another section and more readers wait for the next
    publishing (see `placing`). Either takes an approval away. Raises ValidationError by field,
    also when what readers see now has open points for those who would come.
    """
    answer = Answer.objects.select_for_update().get(pk=answer_id)
    _check_details(answer, details, user)
    before, shown = Place.ahead(answer), Place.now(answer)
    # What the editor does not know of stays; it was not theirs to take away.
    unseen = answer.related.exclude(pk__in=known_to(user).values("pk"))
    fields = _apply_details(answer, details, values_of(answer, _place_of(details)))
    _demand_ready(answer, shown)
    if _begins_anew(before, Place.ahead(answer)):
        lose_approval(answer)
    if fields and any(name.startswith("wanted_") for name in fields):
        answer.has_changes = True
    if _relate(answer, [*details.related_ids, *unseen.values_list("pk", flat=True)]):
        fields.append("related")
    if fields:
        answer.updated_at = timezone.now()
        answer.updated_by = user
        answer.save()
        facts.record(facts.CHANGED, answer, user, {"fields": sorted(fields)})
    return answer


def _relate(answer: Answer, keys: Sequence[int]) -> bool:
    """Relate an answer to those of ``keys``, both ways; tell whether that changes anything.

    The order of an answer's own rows is the order in which its readers see them.
    """
    wanted = list(dict.fromkeys(keys))
    own = Answer.related.through.objects.filter(from_answer=answer)
    kept = list(own.order_by("pk").values_list("to_answer", flat=True))
    if kept == wanted:
        return False
    answer.related.set(wanted)
    own.delete()
    pairs = [Answer.related.through(from_answer=answer, to_answer_id=key) for key in wanted]
    Answer.related.through.objects.bulk_create(pairs)
    return True


def _apply_details(
    answer: Answer, details: AnswerDetails, placed: Mapping[str, object]
) -> list[str]:
    values = {
        "owner_id": details.owner_id,
        "category_id": details.category_id,
        "review_on": details.review_on,
    }
    return apply_values(answer, {**placed, **values})


def _place_of(details: AnswerDetails) -> Place:
    return Place(details.section_id, details.visibility, details.team_id)


def _begins_anew(before: Place, after: Place) -> bool:
    """Tell whether what was approved is to stand elsewhere, or to be read by more people."""
    return before.section_id != after.section_id or before.widens(after)


def _demand_ready(answer: Answer, before: Place) -> None:
    """Refuse more readers for what has open points: it would be published by that."""
    if answer.state != State.PUBLISHED or not before.widens(Place.now(answer)):
        return
    problems = problems_of(answer, version=answer.live_version)
    if problems:
        raise ValidationError({"visibility": [problem.sentence for problem in problems]})


def _check_details(answer: Answer, details: AnswerDetails, user: User | None) -> None:
    wrong = _check_places(answer, details) | _check_related(answer, details, user)
    is_hidden = details.visibility == Visibility.TEAM
    if is_hidden and details.team_id is None:
        wrong["team"] = _("Choose the team that may read it.")
    elif is_hidden and user and details.team_id not in team_ids(user, "can_read"):
        # Whoever hides an answer from everybody else must not hide it from themselves.
        wrong["team"] = _("Only members of a team can keep an answer within it.")
    if wrong:
        raise ValidationError(wrong)


def _check_places(answer: Answer, details: AnswerDetails) -> dict[str, str]:
    """Refuse what belongs to another authority, or to none."""
    wanted: tuple[tuple[str, type[models.Model], int | None, str], ...] = (
        ("section", Section, details.section_id, _("Choose a section.")),
        ("team", Team, details.team_id, _("This team does not exist.")),
        ("owner", User, details.owner_id, _("This person does not exist.")),
        ("category", Category, details.category_id, _("This topic does not exist.")),
    )
    return {
        field: sentence
        for field, model, key, sentence in wanted
        if key is not None
        and not model._default_manager.filter(  # noqa: SLF001 - Django's public name for it
            pk=key, authority_id=answer.authority_id
        ).exists()
    }


def _check_related(answer: Answer, details: AnswerDetails, user: User | None) -> dict[str, str]:
    keys = set(details.related_ids)
    # Others may have chosen this one: what is there already is never too much.
    if len(keys) > RELATED and not keys <= _related_keys(answer):
        return {"related": _("Five related answers at most.")}
    there = known_to(user) if user else Answer.objects.filter(authority_id=answer.authority_id)
    if keys and (answer.pk in keys or there.filter(pk__in=keys).count() != len(keys)):
        return {"related": _("One of these answers does not exist.")}
    return {}


def _related_keys(answer: Answer) -> set[int]:
    own = Answer.related.through.objects.filter(from_answer=answer.pk)
    return set(own.values_list("to_answer", flat=True))


def _write_texts(answer: Answer, texts: Mapping[str, TextDraft]) -> bool:
    """Write the working copy's texts; tell whether anything changed."""
    hold_names(answer.authority_id)
    kept = {row.language: row for row in answer.texts.filter(version=None)}
    changed = False
    fresh: list[AnswerText] = []
    written: list[AnswerText] = []
    for language, draft in texts.items():
        if language not in KnowledgeLanguage.values:
            raise ValidationError({"language": _("This language is not known.")})
        _check_addresses(draft, language)
        cleaned = replace(draft, body=_clean(draft.body, f"body_{language}"))
        row = kept.get(language)
        if cleaned.is_empty:
            changed = changed or row is not None
            answer.texts.filter(version=None, language=language).delete()
        elif row is None:
            row = AnswerText(answer=answer, language=language, **asdict(cleaned))
            row.clean_fields(exclude=("answer", "version"))
            row.save()
            changed = True
            fresh.append(row)
            written.append(row)
        elif fields := apply_values(row, asdict(cleaned)):
            row.clean_fields(exclude=("answer", "version"))
            row.save(update_fields=fields)
            changed = True
            written.append(row)
    if written:
        note_uses(written, answer.authority_id)
    for row in fresh:
        # Now that all are written: the main text may have come with them.
        row.source = _source_of(answer, row.language)
        row.save(update_fields=["source"])
    return changed


@transaction.atomic
def confirm_translation(*, answer_id: int, language: str, user: User) -> None:
    """Note that a translation says what the main text says now; publishing tells the readers."""
    answer = Answer.objects.select_for_update().get(pk=answer_id)
    source = _source_of(answer, language)
    rows = answer.texts.filter(version=None, language=language)
    if source and rows.exclude(source=source).update(source=source):
        answer.has_changes = True
        answer.updated_at = timezone.now()
        answer.updated_by = user
        answer.save(update_fields=["has_changes", "updated_at", "updated_by"])


def _source_of(answer: Answer, language: str) -> dict[str, str]:
    """Return the words that a new translation is made from; the main text has none."""
    main = answer.authority.language
    if language == main:
        return {}
    found = answer.texts.filter(version=None, language=main).first()
    return snapshot(found) if found else {}


def _check_addresses(draft: TextDraft, language: str) -> None:
    wrong = wrong_addresses(asdict(draft))
    if wrong:
        raise ValidationError(
            {f"{field}_{language}": sentence for field, sentence in wrong.items()}
        )


def _clean(html: str, field: str) -> str:
    if len(html) > MAX_BODY:
        raise ValidationError(
            {
                field: _("This text is too long: %(length)d of %(limit)d characters.")
                % {"length": len(html), "limit": MAX_BODY}
            }
        )
    return clean_body(html)
