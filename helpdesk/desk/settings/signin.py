"""Signing in once on behalf of a mailbox: off to the provider, and back with a code (OAuth 2.0)."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from channels_in.accounts import accounts_of
from channels_in.models import Account
from helpdesk.agents.models import Authority
from helpdesk.desk.agent import agent_of
from helpdesk.notifications.account_mails import absolute
from helpdesk.outbox.models import Grant
from helpdesk.outbox.oauth import GrantError, new_verifier, redeem_code, sign_in_url
from helpdesk.permissions.decorators import verb_required

KEY = "mailbox_sign_in"
STATE_BYTES = 24


def needs_sign_in(grant: Grant | None) -> bool:
    """Tell whether somebody has to sign in before mail can be read."""
    return grant is not None and grant.needs_sign_in


def back_url(authority: Authority) -> str:
    """Return the address to which the provider sends people back; it has to be allowed there."""
    return absolute(reverse("desk:settings_mailbox_signed_in"), authority)


def _account(request: HttpRequest, account_id: int) -> Account:
    accounts = accounts_of(agent_of(request).authority_id).select_related("authority")
    found = accounts.filter(pk=account_id).first()
    if found is None:
        raise Http404
    _grant(found)
    return found


def _grant(account: Account) -> Grant:
    if account.grant is None or not account.grant.authorize_url:
        raise Http404
    return account.grant


@verb_required("administer")
@require_safe
def begin(request: HttpRequest, account_id: int) -> HttpResponse:
    """Go to the provider. A GET, since the answer to a form may only lead to ourselves."""
    account = _account(request, account_id)
    state, verifier = secrets.token_urlsafe(STATE_BYTES), new_verifier()
    request.session[KEY] = {"state": state, "verifier": verifier, "account": account.pk}
    url = sign_in_url(
        _grant(account),
        redirect_uri=back_url(account.authority),
        state=state,
        verifier=verifier,
        hint=account.username,
    )
    return HttpResponseRedirect(url)


@verb_required("administer")
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Take what the provider sent back; only once, and only what we asked for in this session."""
    begun: dict[str, Any] = request.session.pop(KEY, {})
    given = request.GET.get("state", "")
    if not begun or not secrets.compare_digest(given.encode(), begun["state"].encode()):
        messages.error(request, gettext("This sign-in was not begun here. Begin it again."))
        return HttpResponseRedirect(reverse("desk:settings_mailboxes"))
    account = _account(request, begun["account"])
    _redeem(request, account, begun["verifier"])
    return HttpResponseRedirect(reverse("desk:settings_mailbox", args=(account.pk,)))


def _redeem(request: HttpRequest, account: Account, verifier: str) -> None:
    code = request.GET.get("code", "")
    if not code:
        messages.error(request, gettext("The provider did not let us in. Try it again there."))
        return
    try:
        redeem_code(
            grant_id=_grant(account).pk,
            code=code,
            verifier=verifier,
            redirect_uri=back_url(account.authority),
        )
    except GrantError as error:
        messages.error(request, gettext("Signing in failed: %(reason)s") % {"reason": error})
    else:
        messages.success(request, gettext("Signed in. Mail is fetched from now on."))
