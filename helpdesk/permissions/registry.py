"""Which verbs exist, and the one place that says whether a viewer may use one.

Rooms register what decides about their verbs; faces only ask :func:`can`.
Rights in a team are not verbs of a role: they belong to memberships.
"""

from collections.abc import Mapping

from helpdesk.permissions.predicates import Predicate

ROLE_VERBS: Mapping[str, str] = {
    "administer": "change settings, teams, agents and mailboxes",
    "operate": "see health, quarantine and failed sendings, and act on them",
    "edit_texts": "write text modules for everybody",
    "write_knowledge": "write answers of the knowledge base and hand them in",
    "review_knowledge": "approve what others wrote, or give it back",
    "edit_knowledge": "write, publish and archive answers of the knowledge base",
}
# Who holds one of these verbs holds those as well.
ROLE_IMPLIES: Mapping[str, tuple[str, ...]] = {
    "review_knowledge": ("write_knowledge",),
    "edit_knowledge": ("write_knowledge", "review_knowledge"),
}

_rules: dict[str, Predicate] = {}


def register(verb: str, rule: Predicate) -> None:
    """Say what decides about ``verb``; a second registration is a programming error."""
    if verb in _rules:
        raise ValueError(f"verb {verb!r} is registered twice")
    _rules[verb] = rule


def can(viewer: object, verb: str, obj: object = None) -> bool:
    """Tell whether ``viewer`` may ``verb`` (``obj``); an unknown verb is a programming error."""
    return _rules[verb](viewer, obj)
