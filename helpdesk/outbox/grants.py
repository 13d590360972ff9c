"""Writing grants: by which application a mailbox is used, and where its tokens come from."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.agents.changes import save_setting
from helpdesk.agents.models import User
from helpdesk.lib.http import ForbiddenAddressError, checked
from helpdesk.lib.secretbox import seal
from helpdesk.outbox.models import Grant

TENANT = re.compile(r"[A-Za-z0-9.-]{1,100}")
# So long before its end a secret is spoken of (mail.md 16).
EXPIRY_NOTICE = dt.timedelta(days=30)
_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a provider, so that nobody has to look it up; ``{tenant}`` is filled in."""

    authorize_url: str
    token_url: str
    scopes: Mapping[str, str]
    imap_host: str
    smtp_host: str


PRESETS: Mapping[str, Preset] = {
    Grant.Provider.MICROSOFT: Preset(
        authorize_url=f"{_MICROSOFT}/authorize",
        token_url=f"{_MICROSOFT}/token",
        scopes={
            Grant.Flow.REFRESH: (
                "https://outlook.office.com/IMAP.AccessAsUser.All "
                "https://outlook.office.com/SMTP.Send offline_access"
            ),
            Grant.Flow.CLIENT: "https://outlook.office365.com/.default",
        },
        imap_host="outlook.office365.com",
        smtp_host="smtp.office365.com",
    ),
    Grant.Provider.GOOGLE: Preset(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, no secret
        scopes={Grant.Flow.REFRESH: "https://mail.google.com/"},
        imap_host="imap.gmail.com",
        smtp_host="smtp.gmail.com",
    ),
}


@dataclass(frozen=True, slots=True)
class GrantDetails:
    """A grant as an administrator enters it; secrets of None keep what is stored.

    The addresses and the scope count for a provider without a preset alone.
    """

    provider: str
    flow: str
    client_id: str
    client_secret: str | None = None
    refresh_token: str | None = None
    tenant: str = ""
    authorize_url: str = ""
    token_url: str = ""
    scope: str = ""
    expires_on: dt.date | None = None


@transaction.atomic
def save_grant(
    *,
    authority_id: int,
    grant_id: int | None,
    details: GrantDetails,
    user: User | None,
    is_for_another: bool = False,
) -> Grant:
    """Create or change a grant; raises ValidationError by field.

    Whatever changes where tokens come from forgets the token that is kept, and so does
    ``is_for_another``: that tokens will be shown to another mail server than before.
    """
    grant = (
        Grant(authority_id=authority_id)
        if grant_id is None
        else Grant.objects.select_for_update().get(pk=grant_id, authority_id=authority_id)
    )
    values = _values(details)
    if grant.pk and _server(grant.token_url) != _server(str(values["token_url"])):
        values |= _elsewhere(grant, details)
    if grant.pk and is_for_another:
        values |= _for_another(grant, details)
    if is_for_another or any(getattr(grant, name) != value for name, value in values.items()):
        values |= {"access_token": "", "access_until": None, "last_error": ""}
        values |= {"failing_since": None}
    values["expires_on"] = details.expires_on
    return save_setting(instance=grant, values=values, subject_kind="grant", user=user)


def _values(details: GrantDetails) -> dict[str, object]:
    values: dict[str, object] = {
        "provider": details.provider,
        "flow": details.flow,
        "tenant": details.tenant,
        "client_id": details.client_id,
        **_places(details),
    }
    for name in ("client_secret", "refresh_token"):
        given = getattr(details, name)
        if given is not None:
            values[name] = seal(given)
    return values


def _server(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _elsewhere(grant: Grant, details: GrantDetails) -> dict[str, object]:
    """Let no stored secret go to another server than the one it was entered for."""
    if grant.client_secret and details.client_secret is None:
        text = _("Tokens come from another server now. Enter the secret for it.")
        raise ValidationError({"client_secret": text})
    return {"refresh_token": ""} if details.refresh_token is None else {}


def _for_another(grant: Grant, details: GrantDetails) -> dict[str, object]:
    """Let another mail server see no token until somebody who may ask for one has done so."""
    by_itself = details.flow == Grant.Flow.CLIENT
    if by_itself and grant.client_secret and details.client_secret is None:
        text = _("Another mail server or login is used now. Enter the secret again.")
        raise ValidationError({"client_secret": text})
    return {"refresh_token": ""} if details.refresh_token is None else {}


def _places(details: GrantDetails) -> dict[str, object]:
    """Return addresses and scope: of the preset, or as entered and checked."""
    preset = PRESETS.get(details.provider)
    if preset is None:
        _check_url("token_url", details.token_url)
        if details.authorize_url:
            _check_url("authorize_url", details.authorize_url)
        return {
            "authorize_url": details.authorize_url,
            "token_url": details.token_url,
            "scope": details.scope,
        }
    if details.flow not in preset.scopes:
        text = _("Google offers this for no mailbox. Sign in once on its behalf instead.")
        raise ValidationError({"flow": text})
    if "{tenant}" in preset.token_url and not TENANT.fullmatch(details.tenant):
        text = _("Write the directory's ID or its domain, such as stadt.onmicrosoft.com.")
        raise ValidationError({"tenant": text})
    return {
        "authorize_url": preset.authorize_url.format(tenant=details.tenant),
        "token_url": preset.token_url.format(tenant=details.tenant),
        "scope": preset.scopes[details.flow],
    }


def _check_url(field: str, url: str) -> None:
    try:
        checked(url)
    except ForbiddenAddressError as error:
        text = _("Write an address that begins with https:// and holds no login.")
        raise ValidationError({field: text}) from error


def expiring(authority_id: int) -> QuerySet[Grant]:
    """Return the grants in use whose secret ends within 30 days, or has ended."""
    border = timezone.localdate() + EXPIRY_NOTICE
    return in_use(authority_id).filter(expires_on__lte=border).order_by("expires_on", "pk")


def in_use(authority_id: int) -> QuerySet[Grant]:
    """Return the grants by which a mailbox is read or a sender sends."""
    used = Q(accounts__is_active=True) | Q(senders__is_active=True)
    return Grant.objects.filter(used, authority_id=authority_id).distinct()
