"""Who may share a view with whom, and change one that is shared."""

from helpdesk.agents.models import Team, User
from helpdesk.permissions.predicates import Predicate
from helpdesk.permissions.registry import can, register
from helpdesk.tickets.rules import team_ids
from helpdesk.worklists.models import Audience, SavedView


def _may_share(viewer: object, audience: object) -> bool:
    """With a team whoever changes its tickets; with everybody (None) whoever administers."""
    if not isinstance(viewer, User) or not viewer.is_staff_kind:
        return False
    if isinstance(audience, Team):
        return audience.pk in team_ids(viewer, "can_change")
    return audience is None and can(viewer, "administer")


def _may_change(viewer: object, view: object) -> bool:
    """One's own; a shared one, whoever could have shared it."""
    if not isinstance(viewer, User) or not isinstance(view, SavedView):
        return False
    if view.authority_id != viewer.authority_id:
        return False
    if view.audience == Audience.OWN:
        return view.owner_id == viewer.pk
    return _may_share(viewer, view.team)


def register_rules() -> None:
    """Enter the verbs into the permission registry."""
    register("share_view", Predicate("share_view", _may_share))
    register("change_view", Predicate("change_view", _may_change))
