"""How an agent arranges the sections beside a request: a matter of taste, and no fact."""

from typing import Any

from helpdesk.agents.models import User


def keep_panel(*, user: User, layout: dict[str, Any]) -> None:
    """Keep order and folded sections for every device ``user`` signs in on."""
    user.panel = layout
    user.save(update_fields=["panel"])
