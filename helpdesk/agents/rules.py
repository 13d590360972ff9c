"""Who may use the verbs of roles."""

from functools import partial

from helpdesk.agents.models import User
from helpdesk.permissions.predicates import Predicate
from helpdesk.permissions.registry import ROLE_IMPLIES, ROLE_VERBS, register


def holds_role_verb(verb: str, viewer: object, obj: object = None) -> bool:
    """Tell whether active staff holds ``verb``, and in the authority that ``obj`` belongs to."""
    if not isinstance(viewer, User) or not viewer.is_staff_kind:
        return False
    same = getattr(obj, "authority_id", viewer.authority_id) == viewer.authority_id
    return same and any(
        verb == held or verb in ROLE_IMPLIES.get(held, ()) for held in viewer.role_verbs
    )


def register_role_verbs() -> None:
    """Enter every verb of roles into the permission registry."""
    for verb in ROLE_VERBS:
        register(verb, Predicate(verb, partial(holds_role_verb, verb)))
