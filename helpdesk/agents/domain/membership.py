"""Agents: what they are called, which roles they hold, and whether they may sign in."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.domain.signin import end_sessions
from helpdesk.agents.domain.tokens import revoke_tokens_of
from helpdesk.agents.models import AfterSend, Authority, OneTimeLink, Role, User
from helpdesk.agents.queries import ADMINISTER, administrators_of


class LastAdministratorError(Exception):
    """Nobody could administer the authority any more."""


@dataclass(frozen=True, slots=True)
class AgentDetails:
    """What is known of an agent; the mail address is what they sign in with."""

    name: str
    email: str
    phone: str = ""
    language: str = "de"


@dataclass(frozen=True, slots=True)
class ProfileDetails:
    """What agents may change about themselves."""

    name: str
    phone: str
    language: str
    signature: str
    after_send: str = AfterSend.NEXT
    greets: bool = True


def save_details(agent: User, details: AgentDetails, user: User | None) -> User:
    """Write the details; the address is kept in lower case. Must run inside atomic()."""
    values = asdict(details) | {"email": details.email.strip().lower()}
    demand_unused(User.objects.all(), instance=agent, field="email", value=values["email"])
    return save_setting(instance=agent, values=values, subject_kind="user", user=user)


@transaction.atomic
def change_agent(
    *, user_id: int, details: AgentDetails, role_ids: Iterable[int], user: User
) -> User:
    """Change an agent; a new mail address ends the sessions.

    Raises ValidationError, or LastAdministratorError when the last role to administer goes.
    """
    agent = User.objects.select_for_update().get(pk=user_id)
    before = agent.email
    save_details(agent, details, user)
    set_roles(agent, role_ids, user)
    if agent.email != before:
        OneTimeLink.objects.filter(user=agent, used_at=None).delete()
        # The sign-in library keeps a copy; by the old address nobody may sign in or reset.
        EmailAddress.objects.filter(user_id=agent.pk).delete()
        end_sessions(user=agent, by=user)
    return agent


def set_roles(agent: User, role_ids: Iterable[int], user: User | None) -> None:
    """Give exactly these roles, all of the agent's authority. Must run inside atomic()."""
    wanted = set(role_ids)
    roles = list(Role.objects.filter(pk__in=wanted, authority_id=agent.authority_id))
    if len(roles) != len(wanted):
        raise ValidationError(_("This role does not exist."))
    if not any(ADMINISTER in role.verbs for role in roles):
        _demand_another_administrator(agent)
    before = set(agent.roles.values_list("pk", flat=True))
    if before == wanted:
        return
    agent.roles.set(roles)
    vars(agent).pop("role_verbs", None)
    _record(agent, user, "changed", ("roles",))


def _demand_another_administrator(agent: User) -> None:
    # The authority's row is the lock: of two who leave at once, one must see the other gone.
    Authority.objects.select_for_update().get(pk=agent.authority_id)
    if [found.pk for found in administrators_of(agent.authority_id)] == [agent.pk]:
        raise LastAdministratorError


@transaction.atomic
def deactivate_agent(*, user_id: int, user: User) -> None:
    """Lock an agent out at once, invitations and tokens included; histories keep what they did.

    Raises LastAdministratorError.
    """
    agent = User.objects.select_for_update().get(pk=user_id)
    _demand_another_administrator(agent)
    save_setting(instance=agent, values={"is_active": False}, subject_kind="user", user=user)
    OneTimeLink.objects.filter(user=agent, used_at=None).delete()
    revoke_tokens_of(owner=agent, user=user)
    end_sessions(user=agent, by=user)


@transaction.atomic
def reactivate_agent(*, user_id: int, user: User) -> None:
    """Let an agent sign in again with the old password."""
    agent = User.objects.select_for_update().get(pk=user_id)
    save_setting(instance=agent, values={"is_active": True}, subject_kind="user", user=user)


@transaction.atomic
def change_profile(*, user_id: int, details: ProfileDetails) -> User:
    """Change what agents may change about themselves."""
    agent = User.objects.select_for_update().get(pk=user_id)
    return save_setting(instance=agent, values=asdict(details), subject_kind="user", user=agent)


@transaction.atomic
def change_keys(*, user_id: int, is_off: bool, changes: Mapping[str, str]) -> User:
    """Change which keys run commands for an agent; which keys may is for the caller to say."""
    agent = User.objects.select_for_update().get(pk=user_id)
    values = {"keys_off": is_off, "key_changes": dict(changes)}
    return save_setting(instance=agent, values=values, subject_kind="user", user=agent)


def _record(agent: User, user: User | None, action: str, fields: Iterable[str] = ()) -> None:
    record_setting(
        subject=("user", agent.pk),
        authority_id=agent.authority_id,
        user=user,
        action=action,
        fields=fields,
    )
