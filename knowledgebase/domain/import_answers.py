"""Imported answers become drafts, all of one import or none."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
BELOW = " > "


class Names:
    """What is found by a name: as it is spelled, else whatever its case."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Take names with their keys; several things may have one name."""
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._folded: dict[str, list[int]] = defaultdict(list)
        for name, key in pairs:
            self._exact[name].append(key)
            self._folded[name.casefold()].append(key)

    def find(self, name: str) -> list[int]:
        """Return the keys of what may be meant."""
        return self._exact.get(name) or self._folded.get(name.casefold(), [])


@transaction.atomic
def import_answers(
    *, rows: Sequence[ImportRow], section_id: int, visibility: str, user: User
) -> list[Answer]:
    """Create a draft of each row without errors; a named section counts if it is there.

    ``visibility`` holds for the rows that say nothing of their readers. Nobody but editors sees
    anything of a draft. Raises ValidationError.
    """
    sections, teams = sections_by_name(user.authority_id), _teams_by_name(user)
    rows = placed(rows=rows, user=user)
    return [
        create_answer(
            authority_id=user.authority_id,
            details=AnswerDetails(
                next(iter(sections.find(row.section)), section_id),
                visibility=row.visibility or visibility,
                team_id=teams.find(row.team)[0] if row.visibility == TEAM else None,
            ),
            texts={row.language: row.text},
            user=user,
        )
        for row in rows
        if not row.errors
    ]


def placed(*, rows: Sequence[ImportRow], user: User) -> list[ImportRow]:
    """Return the rows, those refused of which is not clear where they belong and who may read them.

    What belongs to a team of which ``user`` is no member is never given to more readers instead.
    """
    sections, teams = sections_by_name(user.authority_id), _teams_by_name(user)
    found = (replace(row, errors=(*row.errors, *_doubts(row, sections, teams))) for row in rows)
    return list(found)


def _doubts(row: ImportRow, sections: Names, teams: Names) -> Iterator[str]:
    if len(sections.find(row.section)) > 1:
        sentence = _("There are several sections “%(name)s”: write it with the one above, “A > B”.")
        yield sentence % {"name": row.section[:80]}
    if row.visibility != TEAM or not row.team:
        return
    theirs = teams.find(row.team)
    if not theirs:
        sentence = _(
            "You are in no team “%(name)s”: only its members can keep an answer within it."
        )
        yield sentence % {"name": row.team[:80]}
    elif len(theirs) > 1:
        sentence = _("You are in several teams “%(name)s”: write it as it is spelled there.")
        yield sentence % {"name": row.team[:80]}


def _teams_by_name(user: User) -> Names:
    """Return the teams within which this user may keep an answer."""
    rows = Team.objects.filter(pk__in=team_ids(user, "can_read"))
    return Names(rows.values_list("name", "pk"))


def sections_by_name(authority_id: int) -> Names:
    """Return the sections of an authority, by name and by name with the one above: “A > B”."""
    rows = Section.objects.filter(authority_id=authority_id)
    known = list(rows.values_list("name", "parent__name", "pk"))
    paths = ((f"{parent}{BELOW}{name}", key) for name, parent, key in known if parent)
    return Names([*((name, key) for name, _parent, key in known), *paths])
