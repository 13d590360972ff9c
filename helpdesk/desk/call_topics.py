"""Topics and teams that a note may choose, and the topic that its words suggest."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.agents.models import Team, User
from helpdesk.tickets.domain.suggest import place_in_tree, rank
from helpdesk.tickets.enums import Result
from helpdesk.tickets.models import Category
from helpdesk.tickets.models.category import PlaceNeed
from helpdesk.tickets.rules import RIGHTS, team_ids

ARROW = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"


def topics_of(user: User) -> list[Category]:
    """Return the topics of the user's authority that are offered, as the settings order them."""
    rows = Category.objects.filter(authority_id=user.authority_id, is_active=True)
    found = list(rows.select_related("parent", "team", "learned"))
    return sorted(found, key=place_in_tree)


def teams_of(user: User) -> list[Team]:
    """Return every team that a request may be handed to, by name."""
    return list(
        Team.objects.filter(authority_id=user.authority_id, is_active=True).order_by("name")
    )


def suggest_topic(topics: Sequence[Category], text: str) -> Category | None:
    """Return the topic that fits ``text`` best, or None."""
    return next(iter(rank(topics, text)), None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the form shows of a topic: its way in the tree, its team, whether a place matters."""

    topic: Category | None

    @property
    def label(self) -> str:
        """Return the name with that of the topic above it."""
        return topic_label(self.topic) if self.topic else ""

    @property
    def team(self) -> str:
        """Return the name of the team that the topic belongs to."""
        return self.topic.team.name if self.topic and self.topic.team else ""

    @property
    def asks_place(self) -> bool:
        """Tell whether the place matters for this topic."""
        return self.topic is not None and self.topic.place != PlaceNeed.NONE


def topic_label(topic: Category) -> str:
    """Return a topic with the one above it."""
    return f"{topic.parent.name} {ARROW} {topic.name}" if topic.parent else topic.name


def choose_team(
    user: User, *, result: Result, topic: Category | None, wanted: int | None
) -> int | None:
    """Return the team of a new request, None if the user may take in none.

    An open request goes where it is sent, else to its topic's team. What the agent ends
    or will call back about stays in a team of theirs.
    """
    mine = team_ids(user, RIGHTS["create_ticket"])
    if not mine:
        return None
    by_topic = topic.team_id if topic and topic.team and topic.team.is_active else None
    order = [wanted, by_topic] if result is Result.OPEN else [by_topic, wanted]
    for team_id in order:
        if team_id is not None and (result is Result.OPEN or team_id in mine):
            return team_id
    return min(mine)
