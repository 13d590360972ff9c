"""One-time links: invitations, and the link that makes an administrator.

Only the digest of a token is stored. A link works once, for 72 hours; reading
the page uses nothing up, so that mail scanners which follow links do no harm.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from helpdesk.agents.changes import record_setting
from helpdesk.agents.domain.membership import AgentDetails, save_details, set_roles
from helpdesk.agents.domain.signin import remove_second_factor
from helpdesk.agents.domain.teams import Rights, set_user_rights
from helpdesk.agents.models import Authority, OneTimeLink, Role, Team, User, UserKind
from helpdesk.agents.queries import ADMINISTER, roles_of
from helpdesk.lib.leases import SKEW
from helpdesk.lib.tokens import digest, new_nonce

VALID_FOR = timedelta(hours=72)
TOKEN_BYTES = 24


class LinkUsedUpError(Exception):
    """The link was used, has expired, or never existed."""


def _mint(purpose: OneTimeLink.Purpose, user: User | None) -> str:
    token = new_nonce(TOKEN_BYTES)
    OneTimeLink.objects.create(
        purpose=purpose, user=user, digest=digest(token), expires_at=timezone.now() + VALID_FOR
    )
    return token


@transaction.atomic
def invite_agent(
    *,
    authority_id: int,
    details: AgentDetails,
    role_ids: Iterable[int],
    rights: Mapping[int, Rights],
    user: User | None,
) -> tuple[User, str]:
    """Create an agent without a password and return them with the token of their invitation."""
    agent = User(authority_id=authority_id, kind=UserKind.STAFF, invited_at=timezone.now())
    agent.set_unusable_password()
    save_details(agent, details, user)
    set_roles(agent, role_ids, user)
    set_user_rights(user_id=agent.pk, rights=rights, user=user)
    return agent, _mint(OneTimeLink.Purpose.INVITATION, agent)


@transaction.atomic
def renew_invitation(*, user_id: int, user: User) -> tuple[User, str]:
    """Return a new token; the links sent before stop working."""
    agent = User.objects.select_for_update().get(pk=user_id)
    OneTimeLink.objects.filter(user=agent, used_at=None).delete()
    agent.invited_at = timezone.now()
    agent.save(update_fields=["invited_at"])
    _record(agent, user, "invited_again")
    return agent, _mint(OneTimeLink.Purpose.INVITATION, agent)


@transaction.atomic
def mint_administrator_link(*, user: User | None = None) -> str:
    """Return the token of a link that makes an administrator.

    Without a user whoever opens it enters name and address; with one it is their
    way back in: a new password, no second factor, the right to administer. Links
    of this kind minted before stop working. Only who may run commands may call this.
    """
    purpose = OneTimeLink.Purpose.FIRST_ADMINISTRATOR
    OneTimeLink.objects.filter(purpose=purpose, used_at=None).delete()
    return _mint(purpose, user)


def _use_up(token: str, purpose: OneTimeLink.Purpose) -> OneTimeLink:
    links = OneTimeLink.objects.select_for_update().filter(digest=digest(token), purpose=purpose)
    now = timezone.now()
    # One that was minted in a time to come was minted by a clock that was wrong.
    live = links.filter(used_at=None, expires_at__gt=now, created_at__lte=now + SKEW)
    link = live.first()
    # Compare-and-set: of two that arrive together only one goes on.
    if link is None or not OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        raise LinkUsedUpError
    return link


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User:
    """Set the password of the invited agent; raises LinkUsedUpError.

    The caller has checked the password against the validators.
    """
    link = _use_up(token, OneTimeLink.Purpose.INVITATION)
    agent = link.user
    if agent is None or not agent.is_active:
        raise LinkUsedUpError
    _set_password(agent, password)
    return agent


@transaction.atomic
def accept_administrator_link(
    *, token: str, authority: Authority, details: AgentDetails, password: str
) -> User:
    """Make an administrator of ``details``, or of the user the link was minted for.

    Raises LinkUsedUpError, or ValidationError when the address belongs to somebody else.
    """
    link = _use_up(token, OneTimeLink.Purpose.FIRST_ADMINISTRATOR)
    if link.user is not None:
        agent = link.user
        agent.is_active = True
        agent.save(update_fields=["is_active"])
        remove_second_factor(user=agent, by=None)
    else:
        agent = User(authority=authority, kind=UserKind.STAFF)
        agent.set_unusable_password()
        save_details(agent, details, None)
        _join_every_team(agent)
    held = set(agent.roles.values_list("pk", flat=True))
    set_roles(agent, held | {_administrators_role(agent.authority_id).pk}, None)
    _set_password(agent, password)
    return agent


def _join_every_team(agent: User) -> None:
    teams = Team.objects.filter(authority_id=agent.authority_id, is_active=True)
    rights = {team.pk: Rights() for team in teams}
    set_user_rights(user_id=agent.pk, rights=rights, user=None)


def _administrators_role(authority_id: int) -> Role:
    return next(role for role in roles_of(authority_id) if ADMINISTER in role.verbs)


def _set_password(agent: User, password: str) -> None:
    agent.set_password(password)
    agent.save(update_fields=["password"])
    _record(agent, agent, "password_set")


def _record(agent: User, user: User | None, action: str) -> None:
    record_setting(
        subject=("user", agent.pk), authority_id=agent.authority_id, user=user, action=action
    )
