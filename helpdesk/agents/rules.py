"""What decides about the verbs that a role gives."""


from helpdesk.agents.models import User
from helpdesk.permissions.predicates import Predicate
from helpdesk.permissions.registry import ROLE_VERBS, register

_CACHE = "_role_verbs"


def role_verbs(user: User) -> frozenset[str]:
    """Return the verbs of all roles of ``user``, read once per user object."""
    cached: frozenset[str] | object = getattr(user, _CACHE, None)
    if not isinstance(cached, frozenset):
        lists = user.roles.values_list("verbs", flat=True)
        cached = frozenset(verb for verbs in lists for verb in verbs)
        setattr(user, _CACHE, cached)
    return cached


def _holds(verb: str) -> Predicate:
    def test(viewer: object, _obj: object) -> bool:
        user = getattr(viewer, "_wrapped", viewer)
        return isinstance(user, User) and user.is_staff_kind and verb in role_verbs(user)

    return Predicate(f"role holds {verb}", test)


for _verb in ROLE_VERBS:
    register(_verb, _holds(_verb))
