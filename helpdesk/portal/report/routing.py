"""Which team gets a report whose topic names none."""

from helpdesk.agents.models import Authority, Team
from helpdesk.outbox.models import Sender


def team_for(authority: Authority) -> Team | None:
    """Return the team of the default sender, else the first one; None where there is none."""
    senders = Sender.objects.filter(
        authority=authority, is_default=True, is_active=True, team__is_active=True
    )
    default = senders.select_related("team").first()
    if default:
        return default.team
    return Team.objects.filter(authority=authority, is_active=True).order_by("id").first()
