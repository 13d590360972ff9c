"""The names of live groups and who may join them."""

from helpdesk.agents.models import User
from helpdesk.tickets.rules import is_staff, team_ids


def team_group(team_id: int) -> str:
    """Return the name of the group that hears of a team's tickets."""
    return f"team.{team_id}"


def groups_of(user: User) -> frozenset[str]:
    """Return the groups ``user`` may join: one for each team whose tickets they may read.

    Rights are cached on the user object; pass one that was just loaded.
    """
    if not is_staff(user):
        return frozenset()
    return frozenset(team_group(team_id) for team_id in team_ids(user, "can_read"))
