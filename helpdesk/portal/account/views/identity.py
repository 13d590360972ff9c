"""Signing in at the town's provider: off to it, and back with a code."""

import logging

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from helpdesk.accounts.domain.identities import NoProvedAddressError, sign_in_by_identity
from helpdesk.accounts.models import IdentityProvider
from helpdesk.accounts.oidc import ProviderError, RefusedError, begin, finish
from helpdesk.accounts.queries import provider_of
from helpdesk.agents.models import Authority
from helpdesk.notifications.account_mails import absolute
from helpdesk.portal.account.session import inner, private, to_sign_in, town_of
from helpdesk.portal.account.views.entrance import signed_in
from helpdesk.portal.report.filing import language_of
from helpdesk.portal.throttle import seconds_to_wait, too_often

logger = logging.getLogger(__name__)
LIFETIME = 600


def back_url(authority: Authority) -> str:
    """Return the address to which the provider sends people back; it has to be allowed there."""
    return absolute(reverse("portal:identity_back"), authority)


def _name() -> str:
    return "__Secure-citizen-way" if settings.SECURE else "citizen-way"


def _provider(authority: Authority) -> IdentityProvider:
    provider = provider_of(authority.pk)
    if provider is None:
        raise Http404
    return provider


@require_safe
@private
def leave_for(request: HttpRequest) -> HttpResponse:
    """Go to the provider. A GET, since the answer to a form may only lead to ourselves."""
    authority = town_of(request)
    provider = _provider(authority)
    wait = seconds_to_wait(request, "provider")
    if wait:
        return too_often(request, wait)
    way = inner(request.GET.get("next", ""))
    try:
        begun = begin(provider, back_url=back_url(authority), next_path=way)
    except ProviderError as error:
        logger.warning("identity provider %s: %s", provider.pk, error)
        words = gettext("%(name)s can't be reached now. Sign in with a link by e-mail.")
        messages.error(request, words % {"name": provider.name})
        return to_sign_in(way)
    response = HttpResponseRedirect(begun.url)
    response.set_cookie(
        _name(),
        begun.kept,
        max_age=LIFETIME,
        path=reverse("portal:identity_back"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
@private
def come_back(request: HttpRequest) -> HttpResponse:
    """Take what the provider sent back; only what was begun in this browser, and once."""
    authority = town_of(request)
    response = _come_back(request, authority, _provider(authority))
    response.delete_cookie(_name(), path=reverse("portal:identity_back"), samesite="Lax")
    return response


def _come_back(
    request: HttpRequest, authority: Authority, provider: IdentityProvider
) -> HttpResponse:
    wait = seconds_to_wait(request, "provider")
    if wait:
        return too_often(request, wait)
    try:
        person = finish(
            provider,
            kept=request.COOKIES.get(_name(), ""),
            query=request.GET.dict(),
            back_url=back_url(authority),
        )
        entered = sign_in_by_identity(
            authority_id=authority.pk, person=person, language=language_of()
        )
    except RefusedError as error:
        logger.warning("identity provider %s: %s", provider.pk, error)
        return _not_in(request, gettext("You are not signed in. Please begin again here."))
    except ProviderError as error:
        logger.warning("identity provider %s: %s", provider.pk, error)
        words = gettext("%(name)s can't be reached now. Sign in with a link by e-mail.")
        return _not_in(request, words % {"name": provider.name})
    except NoProvedAddressError:
        words = gettext(
            "%(name)s does not tell us a confirmed e-mail address. Confirm one there, or sign in"
            " with a link by e-mail."
        )
        return _not_in(request, words % {"name": provider.name})
    return signed_in(request, entered, person.next)


def _not_in(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return to_sign_in()
