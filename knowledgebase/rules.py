"""Who may read and edit an answer: each predicate beside the queryset that must agree with it.

An answer of a team is for that team alone: also those who may edit everything else know
nothing of it.
"""

from django.db.models import Q, QuerySet

from helpdesk.agents.models import User
from helpdesk.permissions.predicates import Predicate
from helpdesk.permissions.registry import can, register
from helpdesk.tickets.rules import is_staff, team_ids
from knowledgebase.enums import Stage, State, Visibility
from knowledgebase.models import Answer

# Publishing and everything else; approving what others wrote; writing and handing in.
EDIT = "edit_knowledge"
REVIEW = "review_knowledge"
WRITE = "write_knowledge"
FOR_CITIZENS = (Visibility.PUBLIC, Visibility.SIGNED_IN)


def public_answers(authority_id: int) -> QuerySet[Answer]:
    """Return the answers everybody may read."""
    return Answer.objects.filter(
        authority_id=authority_id, state=State.PUBLISHED, visibility=Visibility.PUBLIC
    )


def portal_answers(authority_id: int, *, signed_in: bool) -> QuerySet[Answer]:
    """Return the answers that a reader of the portal may read, with an account or without."""
    if not signed_in:
        return public_answers(authority_id)
    return Answer.objects.filter(
        authority_id=authority_id, state=State.PUBLISHED, visibility__in=FOR_CITIZENS
    )


def _shared_with(user: User) -> Q:
    """Return the condition that no team keeps an answer from ``user``."""
    return ~Q(visibility=Visibility.TEAM) | Q(team_id__in=team_ids(user, "can_read"))


def readable_by(user: User) -> QuerySet[Answer]:
    """Return the published answers that ``user`` may read at work."""
    if not is_staff(user):
        return Answer.objects.none()
    return Answer.objects.filter(
        _shared_with(user), authority_id=user.authority_id, state=State.PUBLISHED
    )


def known_to(user: User) -> QuerySet[Answer]:
    """Return the answers, in any state, that no team keeps from ``user``."""
    return Answer.objects.filter(_shared_with(user), authority_id=user.authority_id)


def editable_by(user: User) -> QuerySet[Answer]:
    """Return the answers, in any state, that ``user`` may edit."""
    if not can(user, WRITE):
        return Answer.objects.none()
    return known_to(user)


# Who may read, from the fewest to the most; each reads what all after it may read, too.
_WIDTH = (Visibility.TEAM, Visibility.STAFF, Visibility.SIGNED_IN, Visibility.PUBLIC)


def open_to_readers_of(visibility: str) -> tuple[Visibility, ...]:
    """Return what all readers of an answer may read; of answers of teams only their own."""
    return _WIDTH[_WIDTH.index(Visibility(visibility)) :]


def shows_to_more(answer: Answer, visibility: str, team_id: int | None) -> bool:
    """Tell whether words that have readers, or are approved, would get others than they have.

    That is publishing, and asks for the right to it; narrowing is for everybody who writes.
    """
    if answer.state != State.PUBLISHED and answer.stage not in {Stage.APPROVED, Stage.SCHEDULED}:
        return False
    return is_wider((answer.visibility, answer.team_id), (visibility, team_id))


def is_wider(before: tuple[str, int | None], after: tuple[str, int | None]) -> bool:
    """Tell whether ``after`` (visibility, team) has readers that ``before`` has not."""
    old, new = (_WIDTH.index(Visibility(one)) for one, _team in (before, after))
    is_other_team = after[0] == Visibility.TEAM and before[1] != after[1]
    return new > old or (new == old and is_other_team)


def _user_of(viewer: object, obj: object) -> tuple[User, Answer] | None:
    user = getattr(viewer, "_wrapped", viewer)
    if not is_staff(viewer) or not isinstance(user, User) or not isinstance(obj, Answer):
        return None
    if user.authority_id != obj.authority_id:
        return None
    if obj.visibility == Visibility.TEAM and obj.team_id not in team_ids(user, "can_read"):
        return None
    return user, obj


def _may_read(viewer: object, obj: object) -> bool:
    known = _user_of(viewer, obj)
    return known is not None and known[1].state == State.PUBLISHED


def _may_edit(viewer: object, obj: object) -> bool:
    known = _user_of(viewer, obj)
    return known is not None and can(known[0], WRITE)


register("read_answer", Predicate("answer is published and shared", _may_read))
register("edit_answer", Predicate("edits answers shared with them", _may_edit))
