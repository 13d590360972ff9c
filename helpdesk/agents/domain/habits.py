"""What an agent chose last, so that it is at hand the next time: no setting, and no fact."""

from django.db import transaction

from helpdesk.agents.models import SendThen, Team, User

SEND_THEN = "send_then"


def send_then_of(user: User, team: Team) -> str:
    """Return what follows an answer of ``user`` in ``team`` by the button at hand."""
    chosen = user.habits.get(SEND_THEN, {}).get(str(team.pk), "")
    return chosen if chosen in SendThen.values else team.send_then


@transaction.atomic
def remember_send_then(*, user_id: int, team_id: int, then: str) -> None:
    """Keep what followed the answer that was just sent; what is no habit is not kept."""
    if then not in SendThen.values:
        return
    user = User.objects.select_for_update().get(pk=user_id)
    chosen = user.habits.get(SEND_THEN, {})
    if chosen.get(str(team_id)) == then:
        return
    user.habits = {**user.habits, SEND_THEN: {**chosen, str(team_id): then}}
    user.save(update_fields=["habits"])
