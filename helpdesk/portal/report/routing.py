"""Which team gets a report whose topic names none."""

from helpdesk.agents.models import Authority, Team
from helpdesk.lib.statements import Lookup
from helpdesk.outbox.models import Sender

_DEFAULT = Lookup(
    lambda authority_id: Team.objects.filter(
        pk__in=Sender.objects.filter(
            authority_id=authority_id, is_default=True, is_active=True
        ).values("team_id"),
        is_active=True,
    ).order_by("id")[:1],
    "authority_id",
)
_FIRST = Lookup(
    lambda authority_id: Team.objects.filter(authority_id=authority_id, is_active=True).order_by(
        "id"
    )[:1],
    "authority_id",
)


def team_for(authority: Authority) -> Team | None:
    """Return the team of the default sender, else the first one; None where there is none."""
    found: Team | None = _DEFAULT.one(authority_id=authority.pk)
    if found is None:
        found = _FIRST.one(authority_id=authority.pk)
    return found
