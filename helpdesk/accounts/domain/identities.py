"""Signing in at the town's provider, and which provider that is."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.accounts.domain.links import account_for
from helpdesk.accounts.domain.sessions import Entered, enter, hold
from helpdesk.accounts.models import Identity, IdentityProvider, PortalAccount
from helpdesk.accounts.oidc import Person
from helpdesk.agents.changes import save_setting
from helpdesk.agents.models import Authority, User
from helpdesk.lib.http import ForbiddenAddressError, checked
from helpdesk.lib.secretbox import seal


class NoProvedAddressError(Exception):
    """The provider does not say that the person's mail address is proved."""


@dataclass(frozen=True, slots=True)
class ProviderDetails:
    """Where citizens sign in; ``client_secret`` None keeps the stored one."""

    is_active: bool
    name: str
    issuer: str
    client_id: str
    client_secret: str | None = None


@transaction.atomic
def sign_in_by_identity(*, authority_id: int, person: Person, language: str) -> Entered:
    """Sign in to the account of somebody whom the provider has named by issuer and subject.

    The first time it is found or made by their address, which the provider must have proved.
    Raises NoProvedAddressError.
    """
    # One after another, for two first times at once would make two rows of one person; without
    # the key, or every new row of the authority, such as a mail's request, would wait as well.
    Authority.objects.select_for_update(no_key=True).get(pk=authority_id)
    known = Identity.objects.filter(
        account__authority_id=authority_id, issuer=person.issuer, subject=person.subject
    )
    account_id = known.values_list("account_id", flat=True).first()
    account = hold(account_id) if account_id else None
    if account is not None:
        return enter(account=account, way="provider")
    account = _by_address(authority_id, person, language)
    Identity.objects.create(account=account, issuer=person.issuer, subject=person.subject)
    return enter(account=account, way="provider")


def _by_address(authority_id: int, person: Person, language: str) -> PortalAccount:
    if not person.email:
        raise NoProvedAddressError
    return account_for(
        authority_id=authority_id, email=person.email, language=language, name=person.name
    )


@transaction.atomic
def save_provider(
    *, authority_id: int, details: ProviderDetails, user: User | None
) -> IdentityProvider:
    """Write where citizens sign in. Raises ValidationError by field.

    A stored secret stays with the provider it was entered for (docs/adr/0052).
    """
    Authority.objects.select_for_update(no_key=True).get(pk=authority_id)
    kept = IdentityProvider.objects.filter(authority_id=authority_id).first()
    provider = kept or IdentityProvider(authority_id=authority_id)
    _check(provider, details)
    values: dict[str, object] = {
        "is_active": details.is_active,
        "name": details.name.strip(),
        "issuer": details.issuer.strip(),
        "client_id": details.client_id.strip(),
    }
    if details.client_secret is not None:
        values["client_secret"] = seal(details.client_secret)
    return save_setting(
        instance=provider, values=values, subject_kind="identity_provider", user=user
    )


def _check(provider: IdentityProvider, details: ProviderDetails) -> None:
    problems: dict[str, str] = {}
    try:
        checked(details.issuer.strip())
    except ForbiddenAddressError:
        problems["issuer"] = _("Write the address of the provider; it begins with https://")
    moved = provider.issuer not in {"", details.issuer.strip()}
    if moved and provider.client_secret and details.client_secret is None:
        problems["client_secret"] = _("Enter the secret anew: it was stored for another provider.")
    if problems:
        raise ValidationError(problems)
