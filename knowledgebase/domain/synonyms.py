"""Writing the synonyms of the search."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import record_setting
from helpdesk.agents.models import User
from knowledgebase.models import Synonym
from knowledgebase.synonyms import terms_of

SUBJECT = "synonym"
MOST_WORDS = 12
LONGEST = 60
MOST_GROUPS = 1000


@transaction.atomic
def add_synonym(*, authority_id: int, words: Sequence[str], user: User) -> Synonym:
    """Keep words that mean the same; raises ValidationError by field "words"."""
    if Synonym.objects.filter(authority_id=authority_id).count() >= MOST_GROUPS:
        raise ValidationError({"words": _("There are a thousand synonyms already.")})
    row = Synonym.objects.create(authority_id=authority_id, words=_checked(words))
    _record(row, user, "created")
    return row


@transaction.atomic
def change_synonym(*, synonym_id: int, words: Sequence[str], user: User) -> None:
    """Change words that mean the same; raises ValidationError by field "words"."""
    row = Synonym.objects.select_for_update().get(pk=synonym_id)
    row.words = _checked(words)
    row.updated_at = timezone.now()
    row.save(update_fields=["words", "updated_at"])
    _record(row, user, "changed")


@transaction.atomic
def delete_synonym(*, synonym_id: int, user: User) -> None:
    """Forget that words mean the same."""
    row = Synonym.objects.select_for_update().get(pk=synonym_id)
    _record(row, user, "deleted")
    row.delete()


def _checked(words: Sequence[str]) -> list[str]:
    named = [" ".join(word.replace("\0", "").split()) for word in words]
    found = {terms_of(word): word for word in reversed(named) if word}
    if () in found:
        sentence = _("“%(word)s” can't be searched for.") % {"word": found[()]}
        raise ValidationError({"words": sentence})
    kept = list(reversed(found.values()))
    if not 1 < len(kept) <= MOST_WORDS:
        raise ValidationError(
            {"words": _("Write two to twelve different words that mean the same.")}
        )
    too_long = next((word for word in kept if len(word) > LONGEST), "")
    if too_long:
        sentence = _("“%(word)s…” is too long: 60 characters at most.") % {"word": too_long[:30]}
        raise ValidationError({"words": sentence})
    return kept


def _record(row: Synonym, user: User, action: str) -> None:
    record_setting(
        subject=(SUBJECT, row.pk),
        authority_id=row.authority_id,
        user=user,
        action=action,
        fields=("words",),
    )
