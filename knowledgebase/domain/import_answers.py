"""Imported answers become drafts, all of one import or none."""

from collections.abc import Sequence

from django.db import transaction

from helpdesk.agents.models import User
from knowledgebase.domain.write import AnswerDetails, create_answer
from knowledgebase.importing import ImportRow
from knowledgebase.models import Answer, Section


@transaction.atomic
def import_answers(*, rows: Sequence[ImportRow], section_id: int, user: User) -> list[Answer]:
    """Create a draft of each row without errors; a named section counts if it is there.

    Nobody but editors sees anything of it. Raises ValidationError.
    """
    sections = sections_by_name(user.authority_id)
    return [
        create_answer(
            authority_id=user.authority_id,
            details=AnswerDetails(sections.get(row.section.casefold(), section_id)),
            texts={row.language: row.text},
            user=user,
        )
        for row in rows
        if not row.errors
    ]


def sections_by_name(authority_id: int) -> dict[str, int]:
    """Return the sections of an authority by their names, whatever their case."""
    rows = Section.objects.filter(authority_id=authority_id).values_list("name", "pk")
    return {name.casefold(): key for name, key in rows}
