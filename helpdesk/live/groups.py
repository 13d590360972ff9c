"""The names of live groups and who may join them."""

from helpdesk.agents.models import User
from helpdesk.tickets.rules import is_staff, team_ids


def team_group(team_id: int) -> str:
    """Return the name of the group that hears of a team's tickets."""
    return f"team.{team_id}"


def user_group(user_id: int) -> str:
    """Return the name of the group of one person's own screens."""
    return f"user.{user_id}"


def groups_of(user: User) -> frozenset[str]:
    """Return the groups ``user`` may join: their own, and one for each team they may read.

    Rights are cached on the user object; pass one that was just loaded.
    """
    if not is_staff(user):
        return frozenset()
    teams = frozenset(team_group(team_id) for team_id in team_ids(user, "can_read"))
    return teams | {user_group(user.pk)}
