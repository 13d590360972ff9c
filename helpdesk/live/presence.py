"""Who has a request before them, and who writes in it: a courtesy that nobody keeps.

It lives in the connections alone and is told to those who may read the request at that
moment. It is written down nowhere, neither in a table nor in a log, and ends by itself when
nothing is heard for a while (works council: shown, not recorded).
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from helpdesk.agents.models import User
from helpdesk.tickets.queries import visible_to

# A screen says it again in less than half of that.
EXPIRES_SECONDS: Final = 45
GONE: Final = "gone"
# A tuple: what a browser says may be anything, also what has no hash.
SAYINGS: Final = ("viewing", "answering", "noting", GONE)

MESSAGE_TYPE: Final = "ticket.presence"
ASK_TYPE: Final = "presence.asked"


@dataclass(frozen=True, slots=True)
class Presence:
    """One screen of somebody, before one request of a team."""

    ticket: int
    team: int
    user: int
    name: str
    doing: str

    def frame(self) -> dict[str, Any]:
        """Return what a browser is told."""
        told = asdict(self)
        del told["team"]
        return {"type": "presence", **told}


def look_in(user: User, ticket_id: int, doing: str) -> Presence | None:
    """Return the presence of ``user``, None for a request they may not see or that is not there."""
    team_id = visible_to(user).filter(pk=ticket_id).values_list("team_id", flat=True).first()
    if team_id is None:
        return None
    return Presence(ticket_id, team_id, user.pk, user.name, doing)


def to_message(presence: Presence, channel: str) -> dict[str, Any]:
    """Return the form in which a channel layer carries it; ``channel`` is the screen it is of."""
    return {"type": MESSAGE_TYPE, "presence": asdict(presence), "channel": channel}


def from_message(message: dict[str, Any]) -> Presence:
    """Return what :func:`to_message` wrote."""
    return Presence(**message["presence"])
