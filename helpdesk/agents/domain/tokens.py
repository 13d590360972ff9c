"""Tokens of the interface: made, shown once, revoked; each step is part of the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.changes import demand_unused, record_setting, save_setting
from helpdesk.agents.domain.teams import Rights, set_user_rights
from helpdesk.agents.models import ApiToken, Authority, User, UserKind
from helpdesk.agents.scopes import known_scopes
from helpdesk.lib.tokens import digest, new_nonce

PREFIX_BYTES = 6
SECRET_BYTES = 20
LONGEST_DAYS = 366
# The time of the last use is for people: it need not be exact, and costs a write.
COARSE = timedelta(seconds=60)
# No mail ever arrives there (RFC 6761).
SERVICE_DOMAIN = "service.invalid"


@dataclass(frozen=True, slots=True)
class TokenDetails:
    """What a token is called, what it may do, and for how many days."""

    name: str
    scopes: tuple[str, ...]
    days: int


@transaction.atomic
def make_personal_token(*, user: User, details: TokenDetails) -> tuple[ApiToken, str]:
    """Make a token that acts as its user; returns it with the secret, which nothing keeps.

    Raises ValidationError by field.
    """
    own = ApiToken.objects.filter(user=user, revoked_at=None)
    demand_unused(own, instance=ApiToken(), field="name", value=details.name)
    return _make(user, details, user)


@transaction.atomic
def make_service_token(
    *, authority_id: int, details: TokenDetails, rights: Mapping[int, Rights], user: User | None
) -> tuple[ApiToken, str]:
    """Make a service with its own rights in teams, and its token; raises ValidationError by field.

    Returns the token with the secret, which nothing keeps.
    """
    if not any(given.can_read for given in rights.values()):
        raise ValidationError({"rights": _("Choose at least one team.")})
    others = User.objects.filter(authority_id=authority_id, kind=UserKind.SERVICE, is_active=True)
    service = User(
        authority_id=authority_id,
        kind=UserKind.SERVICE,
        email=f"{new_nonce()}@{SERVICE_DOMAIN}",
        language=Authority.objects.values_list("language", flat=True).get(pk=authority_id),
    )
    demand_unused(others, instance=service, field="name", value=details.name)
    service.set_unusable_password()
    save_setting(instance=service, values={"name": details.name}, subject_kind="user", user=user)
    set_user_rights(user_id=service.pk, rights=rights, user=user)
    return _make(service, details, user)


def _make(owner: User, details: TokenDetails, by: User | None) -> tuple[ApiToken, str]:
    scopes = known_scopes(details.scopes)
    if not scopes or len(scopes) != len(set(details.scopes)):
        raise ValidationError({"scopes": _("Choose at least one permission.")})
    if not 0 < details.days <= LONGEST_DAYS:
        raise ValidationError({"days": _("A token is valid for a year at most.")})
    prefix = new_nonce(PREFIX_BYTES)
    secret = f"anl_{prefix}_{new_nonce(SECRET_BYTES)}"
    token = ApiToken(
        user=owner,
        name=details.name,
        prefix=prefix,
        digest=digest(secret),
        scopes=scopes,
        created_by=by,
        expires_at=timezone.now() + timedelta(days=details.days),
    )
    token.full_clean(exclude=("created_by",))
    token.save()
    _record(token, owner, by, "created")
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: int, user: User | None) -> None:
    """End a token at once; a service ends with it. A second time changes nothing."""
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token_id)
    if token.revoked_at is not None:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    owner = token.user
    _record(token, owner, user, "revoked")
    if owner.kind == UserKind.SERVICE:
        save_setting(instance=owner, values={"is_active": False}, subject_kind="user", user=user)


def revoke_tokens_of(*, owner: User, user: User | None) -> None:
    """End all tokens of somebody who leaves. Must run inside atomic()."""
    for token in ApiToken.objects.filter(user=owner, revoked_at=None):
        revoke_token(token_id=token.pk, user=user)


def note_use(token: ApiToken) -> None:
    """Remember coarsely that a token is in use: at most one write a minute."""
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < COARSE:
        return
    due = Q(last_used_at=None) | Q(last_used_at__lt=now - COARSE)
    ApiToken.objects.filter(due, pk=token.pk).update(last_used_at=now)


def _record(token: ApiToken, owner: User, by: User | None, action: str) -> None:
    record_setting(
        subject=("api_token", token.pk),
        authority_id=owner.authority_id,
        user=by,
        action=action,
        fields=("scopes",) if action == "created" else (),
    )
