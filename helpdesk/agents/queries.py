"""Reading authorities, users and teams."""

import hmac
import json
import re
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Case, Count, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.utils import timezone

from helpdesk.agents.models import (
    ApiToken,
    Authority,
    Membership,
    OneTimeLink,
    Role,
    Team,
    User,
    UserKind,
)
from helpdesk.lib.leases import SKEW
from helpdesk.lib.statements import Lookup, ask, slot
from helpdesk.lib.tokens import digest

ADMINISTER = "administer"
SECRET = re.compile(r"anl_([a-z2-7]{10})_[a-z2-7]{32}\Z")


_BY_PORTAL = Lookup(
    lambda host: Authority.objects.annotate(
        is_asked=Case(When(portal_host=host, then=1), default=0)
    ).order_by("-is_asked", "id")[:1],
    "host",
)


def authority_of_host(host: str) -> Authority | None:
    """Return the authority with this portal host, else the installation's first."""
    found: Authority | None = _BY_PORTAL.one(host=host)
    return found


def first_authority() -> Authority | None:
    """Return the authority an installation starts with, None while it is empty."""
    return Authority.objects.order_by("id").first()


def staff_of(authority_id: int) -> QuerySet[User]:
    """Return everybody who works or worked for an authority, by name."""
    return User.objects.filter(authority_id=authority_id, kind=UserKind.STAFF).order_by(
        "name", "id"
    )


def active_staff_of(authority_id: int) -> QuerySet[User]:
    """Return everybody who works for an authority now."""
    return staff_of(authority_id).filter(is_active=True)


def find_agent(authority_id: int, key: int) -> User | None:
    """Return the staff user of this authority, None for any other."""
    return staff_of(authority_id).filter(pk=key).first()


def teams_of(authority_id: int) -> QuerySet[Team]:
    """Return the teams of an authority by name, with the number of active members."""
    working = Q(memberships__user__is_active=True, memberships__user__kind=UserKind.STAFF)
    members = Count("memberships", filter=working)
    teams = Team.objects.filter(authority_id=authority_id)
    return teams.annotate(member_count=members).order_by("-is_active", "name")


def roles_of(authority_id: int) -> QuerySet[Role]:
    """Return the roles of an authority by name."""
    return Role.objects.filter(authority_id=authority_id).order_by("name")


def administrators_of(authority_id: int) -> QuerySet[User]:
    """Return who can administer and sign in now; somebody merely invited does not count."""
    roles = [role.pk for role in roles_of(authority_id) if ADMINISTER in role.verbs]
    able = active_staff_of(authority_id).filter(roles__in=roles).distinct()
    unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return able.exclude(unusable)


def memberships_of_team(team_id: int) -> dict[int, Membership]:
    """Return the memberships of a team by user."""
    return {member.user_id: member for member in Membership.objects.filter(team_id=team_id)}


def memberships_of_user(user_id: int) -> dict[int, Membership]:
    """Return the memberships of a user by team."""
    return {member.team_id: member for member in Membership.objects.filter(user_id=user_id)}


# What is read of each membership and its team; a role fills the same columns with nothing.
_RIGHTS = ("can_read", "can_create", "can_answer", "can_change")
_TEAM = ("authority_id", "name", "slug", "email_name", "signature")


def read_access(user: User) -> dict[int, Membership]:
    """Return the memberships that let ``user`` read, by team, each with its team.

    The verbs of the user's roles come with the same statement and are kept on ``user``.
    """
    memberships, verbs = {}, set[str]()
    for team_id, *columns, calendar_id, listed in ask(_access, user=user.pk):
        if listed:
            verbs.update(json.loads(listed))
        if not team_id:
            continue
        rights = dict(zip(_RIGHTS, columns, strict=False))
        named = dict(zip(_TEAM, columns[len(_RIGHTS) :], strict=True))
        team = Team(pk=team_id, calendar_id=calendar_id or None, **named)
        memberships[team_id] = Membership(user_id=user.pk, team=team, **rights)
    vars(user)["role_verbs"] = frozenset(verbs)
    return memberships


def _access() -> QuerySet[Any]:
    members = Membership.objects.filter(
        user_id=slot("user"), can_read=True, team__is_active=True
    ).annotate(
        **{f"x_{name}": F(f"team__{name}") for name in _TEAM},
        x_calendar=F("team__calendar_id"),
        x_verbs=Value(""),
    )
    roles = Role.objects.filter(users__id=slot("user")).annotate(
        x_team=Value(0),
        **{f"x_{name}": Value(False) for name in _RIGHTS},
        x_authority=F("authority_id"),
        **{f"x_{name}": Value("") for name in _TEAM[1:]},
        x_calendar=Value(0),
        x_verbs=Cast("verbs", TextField()),
    )
    taken = (*(f"x_{name}" for name in _TEAM), "x_calendar", "x_verbs")
    rows = members.values_list("team_id", *_RIGHTS, *taken)
    columns = ("x_team", *(f"x_{name}" for name in _RIGHTS), "x_authority", *taken[1:])
    return rows.union(roles.values_list(*columns), all=True)


def find_link(token: str) -> OneTimeLink | None:
    """Return the one-time link of this token while it may be used; reading uses nothing up."""
    now = timezone.now()
    links = OneTimeLink.objects.filter(
        digest=digest(token), used_at=None, expires_at__gt=now, created_at__lte=now + SKEW
    )
    return links.select_related("user__authority").first()


def find_token(secret: str) -> ApiToken | None:
    """Return the living token of this secret with its living user, compared in constant time.

    Read anew for each request, so that a revoked token is dead with the next one.
    """
    form = SECRET.match(secret)
    if form is None:
        return None
    tokens = ApiToken.objects.select_related("user__authority")
    token = tokens.filter(prefix=form[1]).first()
    if not hmac.compare_digest(token.digest if token else "", digest(secret)) or token is None:
        return None
    return token if token.is_live and token.user.works_here else None


def tokens_of(user_id: int) -> QuerySet[ApiToken]:
    """Return the tokens of a user that are not revoked, the newest first."""
    return ApiToken.objects.filter(user_id=user_id, revoked_at=None).order_by("-id")


def service_tokens_of(authority_id: int) -> QuerySet[ApiToken]:
    """Return the tokens of an authority's services that are not revoked, by name."""
    tokens = ApiToken.objects.filter(user__authority_id=authority_id, user__kind=UserKind.SERVICE)
    living = tokens.filter(revoked_at=None).select_related("user", "created_by")
    return living.prefetch_related("user__memberships__team").order_by("name", "id")
