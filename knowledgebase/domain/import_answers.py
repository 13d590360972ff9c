"""Imported answers become drafts, all of one import or none."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.models import Team, User
from helpdesk.tickets.rules import team_ids
from knowledgebase.domain.write import AnswerDetails, create_answer
from knowledgebase.enums import Visibility
from knowledgebase.importing import ImportRow
from knowledgebase.models import Answer, Section

TEAM = Visibility.TEAM


@transaction.atomic
def import_answers(
    *, rows: Sequence[ImportRow], section_id: int, visibility: str, user: User
) -> list[Answer]:
    """Create a draft of each row without errors; a named section counts if it is there.

    ``visibility`` holds for the rows that say nothing of their readers. Nobody but editors sees
    anything of a draft. Raises ValidationError.
    """
    sections, teams = sections_by_name(user.authority_id), _teams_by_name(user)
    return [
        create_answer(
            authority_id=user.authority_id,
            details=AnswerDetails(
                sections.get(row.section.casefold(), section_id),
                visibility=row.visibility or visibility,
                team_id=teams.get(row.team.casefold()) if row.visibility == TEAM else None,
            ),
            texts={row.language: row.text},
            user=user,
        )
        for row in rows
        if not row.errors
    ]


def placed(*, rows: Sequence[ImportRow], user: User) -> list[ImportRow]:
    """Return the rows, those refused that belong to a team which ``user`` is no member of.

    Never are they given to more readers instead.
    """
    teams = _teams_by_name(user)
    sentence = _("You are in no team “%(name)s”: only its members can keep an answer within it.")
    return [
        replace(row, errors=(*row.errors, sentence % {"name": row.team[:80]}))
        if row.visibility == TEAM and row.team and row.team.casefold() not in teams
        else row
        for row in rows
    ]


def _teams_by_name(user: User) -> dict[str, int]:
    """Return the teams within which this user may keep an answer, whatever their names' case."""
    rows = Team.objects.filter(pk__in=team_ids(user, "can_read")).values_list("name", "pk")
    return {name.casefold(): key for name, key in rows}


def sections_by_name(authority_id: int) -> dict[str, int]:
    """Return the sections of an authority by their names, whatever their case."""
    rows = Section.objects.filter(authority_id=authority_id).values_list("name", "pk")
    return {name.casefold(): key for name, key in rows}
