"""Where an answer is to stand, and who is to read it, once its draft is published.

What decides about rights holds at once. Where two people are demanded, two changes do not:
moving a published answer, or a draft out of such a section, and showing a published answer
to more people. They are part of the draft then, and are read, approved and published with it.
"""

from dataclasses import dataclass

from knowledgebase.enums import State
from knowledgebase.models import Answer, Section
from knowledgebase.review import needs_review
from knowledgebase.rules import is_wider


@dataclass(frozen=True, slots=True)
class Place:
    """A section, who may read, and the team that is responsible."""

    section_id: int
    visibility: str
    team_id: int | None

    @classmethod
    def now(cls, answer: Answer) -> "Place":
        """Return what holds for readers."""
        return cls(answer.section_id, answer.visibility, answer.team_id)

    @classmethod
    def ahead(cls, answer: Answer) -> "Place":
        """Return what holds from the next publishing on."""
        team = answer.wanted_team_id if answer.wanted_visibility else answer.team_id
        return cls(
            answer.wanted_section_id or answer.section_id,
            answer.wanted_visibility or answer.visibility,
            team,
        )

    def widens(self, other: "Place") -> bool:
        """Tell whether ``other`` would have readers that this one has not."""
        return is_wider((self.visibility, self.team_id), (other.visibility, other.team_id))


def waits(answer: Answer, place: Place) -> tuple[bool, bool]:
    """Tell whether the section, and whether the readers, of ``place`` wait for a publishing."""
    now = Place.now(answer)
    leaves = needs_review(answer.section)
    target = Section.objects.filter(pk=place.section_id).select_related("parent__parent").first()
    enters = target is not None and needs_review(target)
    has_readers = answer.state == State.PUBLISHED
    moves = place.section_id != now.section_id and (leaves or (enters and has_readers))
    return moves, has_readers and (leaves or enters) and now.widens(place)


def values_of(answer: Answer, place: Place) -> dict[str, object]:
    """Return the columns that let ``place`` hold: now as far as it may, else from then on."""
    moves, shows = waits(answer, place)
    now = Place.now(answer)
    return {
        "section_id": now.section_id if moves else place.section_id,
        "wanted_section_id": place.section_id if moves else None,
        "visibility": now.visibility if shows else place.visibility,
        "team_id": now.team_id if shows else place.team_id,
        "wanted_visibility": place.visibility if shows else "",
        "wanted_team_id": place.team_id if shows else None,
    }


def settle(answer: Answer) -> list[str]:
    """Let hold what has waited, and return its names; the caller saves the answer."""
    ahead, now = Place.ahead(answer), Place.now(answer)
    answer.section_id, answer.visibility = ahead.section_id, ahead.visibility
    answer.team_id = ahead.team_id
    answer.wanted_section, answer.wanted_visibility, answer.wanted_team = None, "", None
    pairs = (
        ("section_id", ahead.section_id != now.section_id),
        ("visibility", ahead.visibility != now.visibility),
        ("team_id", ahead.team_id != now.team_id),
    )
    return [name for name, is_changed in pairs if is_changed]
