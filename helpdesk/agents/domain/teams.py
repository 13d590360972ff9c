"""Teams, and the rights of their members."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.hindrances import hindrances_of
from helpdesk.agents.models import Membership, SendThen, Team, User

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class TeamNeededError(Exception):
    """The team can't be deactivated; ``reasons`` says what still depends on it."""

    def __init__(self, reasons: list[str]) -> None:
        """Keep the translated reasons."""
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class TeamDetails:
    """What a team is called, how its mails are signed, and what mostly follows an answer.

    ``greetings`` is language → greeting and closing, with an empty line where the answer goes.
    """

    name: str
    email_name: str = ""
    signature: str = ""
    send_then: str = SendThen.RESOLVE
    greetings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a member may do in a team; without ``can_read`` there is no membership."""

    can_read: bool = True
    can_create: bool = True
    can_answer: bool = True
    can_change: bool = True


NO_RIGHTS = Rights(can_read=False, can_create=False, can_answer=False, can_change=False)


def _free_slug(authority_id: int, name: str) -> str:
    stem = slugify(name.lower().translate(UMLAUTS))[:50] or "team"
    taken = set(Team.objects.filter(authority_id=authority_id).values_list("slug", flat=True))
    number = 1
    slug = stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


@transaction.atomic
def create_team(*, authority_id: int, details: TeamDetails, user: User | None) -> Team:
    """Create a team; raises ValidationError when its name is taken."""
    team = Team(authority_id=authority_id, slug=_free_slug(authority_id, details.name))
    return _save_team(team, details, user)


@transaction.atomic
def change_team(*, team_id: int, details: TeamDetails, user: User) -> Team:
    """Change a team; its slug stays, since addresses of pages are made of it."""
    return _save_team(Team.objects.select_for_update().get(pk=team_id), details, user)


def _save_team(team: Team, details: TeamDetails, user: User | None) -> Team:
    others = Team.objects.filter(authority_id=team.authority_id)
    demand_unused(others, instance=team, field="name", value=details.name)
    return save_setting(instance=team, values=asdict(details), subject_kind="team", user=user)


@transaction.atomic
def deactivate_team(*, team_id: int, user: User) -> None:
    """Take a team out of every choice; raises TeamNeededError while anything depends on it."""
    team = Team.objects.select_for_update().get(pk=team_id)
    reasons = hindrances_of(team_id)
    if reasons:
        raise TeamNeededError(reasons)
    save_setting(instance=team, values={"is_active": False}, subject_kind="team", user=user)


@transaction.atomic
def reactivate_team(*, team_id: int, user: User) -> None:
    """Offer a team again."""
    team = Team.objects.select_for_update().get(pk=team_id)
    save_setting(instance=team, values={"is_active": True}, subject_kind="team", user=user)


@transaction.atomic
def set_team_rights(*, team_id: int, rights: Mapping[int, Rights], user: User | None) -> None:
    """Set the rights of the users named in ``rights``; users of other authorities are refused."""
    team = Team.objects.select_for_update().get(pk=team_id)
    known = set(
        User.objects.filter(pk__in=rights, authority_id=team.authority_id).values_list(
            "pk", flat=True
        )
    )
    if known != set(rights):
        raise ValidationError("A user of another authority can't join this team.")
    changed = [_set_rights(key, team_id, given) for key, given in rights.items()]
    if any(changed):
        _record("team", team.pk, team.authority_id, user)


@transaction.atomic
def set_user_rights(*, user_id: int, rights: Mapping[int, Rights], user: User | None) -> None:
    """Set the rights of one user in the teams named in ``rights``, all of their authority."""
    member = User.objects.select_for_update().get(pk=user_id)
    known = set(
        Team.objects.filter(pk__in=rights, authority_id=member.authority_id).values_list(
            "pk", flat=True
        )
    )
    if known != set(rights):
        raise ValidationError("A team of another authority can't be joined.")
    changed = [_set_rights(user_id, key, given) for key, given in rights.items()]
    if any(changed):
        _record("user", member.pk, member.authority_id, user)


def _set_rights(user_id: int, team_id: int, rights: Rights) -> bool:
    members = Membership.objects.filter(user_id=user_id, team_id=team_id)
    if not rights.can_read:
        return members.delete()[0] > 0
    values = asdict(rights)
    if members.filter(**values).exists():
        return False
    Membership.objects.update_or_create(user_id=user_id, team_id=team_id, defaults=values)
    return True


def _record(kind: str, key: int, authority_id: int, user: User | None) -> None:
    record_setting(
        subject=(kind, key),
        authority_id=authority_id,
        user=user,
        action="changed",
        fields=("memberships",),
    )
