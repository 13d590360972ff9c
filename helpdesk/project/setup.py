"""Makes an empty database an installation, and says what its owner needs to know."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.urls import reverse

from helpdesk.agents.domain.invite import mint_administrator_link
from helpdesk.agents.domain.setup import create_authority
from helpdesk.agents.domain.signin import end_sessions
from helpdesk.agents.models import Authority, User
from helpdesk.agents.queries import administrators_of, first_authority
from helpdesk.project.demo import town
from helpdesk.project.demo.build import build_demo
from helpdesk.sla.models import Agreement

NEW_NAME = "Neue Behörde"
NEW_SHORT_NAME = "Anliegen"
# Two working days to a first answer, ten to a solution, at eight hours each.
FIRST_ANSWER_MINUTES = 2 * 8 * 60
SOLUTION_MINUTES = 10 * 8 * 60


class NotADemonstrationError(Exception):
    """Real work lies here: a demonstration would show its mails and send none of them."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What stands there now, and the lines to print at the start."""

    authority: Authority
    welcome_lines: tuple[str, ...] = ()


def ensure_installation(*, demo: bool) -> Installation:
    """Create what an empty database needs; change nothing that is already there.

    Without the demonstration its well-known passwords are locked, and while nobody
    can administer, a new one-time link is minted and returned among the lines. Once
    locked or begun without it, an installation is never a demonstration: raises
    NotADemonstrationError.
    """
    with transaction.atomic():
        authority = first_authority()
        if authority and demo and not any(map(_has_public_password, _demo_users())):
            raise NotADemonstrationError
        authority = authority or _create(demo=demo)
        lines = _demo_lines(authority) if demo else _locked_lines()
        if not administrators_of(authority.pk).exists():
            lines += (f"First administrator, once, within 72 hours: {administrator_link()}",)
    return Installation(authority, lines)


def administrator_link(user: User | None = None) -> str:
    """Mint a link that makes an administrator and return its whole address."""
    token = mint_administrator_link(user=user)
    return settings.BASE_URL + reverse("account_invitation", args=(token,))


def _create(*, demo: bool) -> Authority:
    authority = (
        create_authority(
            name=town.NAME,
            short_name=town.SHORT_NAME,
            reference_prefix=town.PREFIX,
            team_name=town.CITIZENS,
        )
        if demo
        else create_authority(name=NEW_NAME, short_name=NEW_SHORT_NAME)
    )
    Agreement.objects.create(
        authority=authority,
        name="Standard",
        calendar=authority.calendar,
        first_answer_minutes=FIRST_ANSWER_MINUTES,
        solution_minutes=SOLUTION_MINUTES,
        is_default=True,
    )
    if demo:
        build_demo(authority)
    return authority


def _demo_users() -> list[User]:
    addresses = [agent.email for agent in town.AGENTS]
    return list(User.objects.filter(email__in=addresses, is_active=True).order_by("id"))


def _demo_lines(authority: Authority) -> tuple[str, ...]:
    users = _demo_users()
    if not users:
        return ()
    sign_ins = [f"  {user.email}  ({user.name})" for user in users]
    mailboxes = [f"  {box.address}  ({box.name})" for box in authority.accounts.order_by("id")]
    return (
        "",
        f"Sign in with the password {town.DEMO_PASSWORD} as",
        *sign_ins,
        "",
        "Send mail to",
        *mailboxes,
    )


def _has_public_password(user: User) -> bool:
    return check_password(town.DEMO_PASSWORD, user.password)


def _locked_lines() -> tuple[str, ...]:
    known = [user for user in _demo_users() if _has_public_password(user)]
    for user in known:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        end_sessions(user=user, by=None)
    return tuple(f"Locked, since its password was public: {user.email}" for user in known)
