"""Signing in by a key of the device instead of a mail, and the keys of an account."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from helpdesk.accounts.domain.passkeys import (
    MOST_PASSKEYS,
    TooManyPasskeysError,
    add_passkey,
    remove_passkey,
    sign_in_by_passkey,
)
from helpdesk.accounts.models import AccountSession
from helpdesk.accounts.passkeys import PasskeyError, Place, TooLateError
from helpdesk.portal.account.places import place_of
from helpdesk.portal.account.session import for_holder, inner, private, to_sign_in, town_of
from helpdesk.portal.account.views.entrance import signed_in
from helpdesk.portal.throttle import seconds_to_wait, too_often


def _place(request: HttpRequest) -> Place:
    place = place_of(request, town_of(request))
    if place is None:
        raise Http404
    return place


@require_POST
@private
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in with what the browser's key has signed."""
    wait = seconds_to_wait(request, "passkey")
    if wait:
        return too_often(request, wait)
    back = inner(request.POST.get("next", ""))
    try:
        entered = sign_in_by_passkey(
            authority_id=town_of(request).pk,
            place=_place(request),
            seal=request.POST.get("seal", ""),
            answer=request.POST.get("answer", ""),
        )
    except TooLateError:
        messages.error(request, gettext("That took too long. Please try again."))
        return to_sign_in(back)
    except PasskeyError:
        words = gettext("We don't know this passkey. Sign in with a link by e-mail.")
        messages.error(request, words)
        return to_sign_in(back)
    return signed_in(request, entered, back)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:account_profile") + "#passkeys")


@require_POST
@for_holder
def add(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Keep the key that the device has made."""
    name = request.POST.get("name", "").strip() or gettext("My device")
    try:
        add_passkey(
            account=session.account,
            place=_place(request),
            seal=request.POST.get("seal", ""),
            answer=request.POST.get("answer", ""),
            name=name,
        )
    except TooLateError:
        messages.error(request, gettext("That took too long. Please try again."))
    except PasskeyError:
        messages.error(request, gettext("This device gave us no passkey. Please try again."))
    except TooManyPasskeysError:
        words = gettext("An account can have %(most)s passkeys. Remove one first.")
        messages.error(request, words % {"most": MOST_PASSKEYS})
    else:
        messages.success(request, gettext("From now on you sign in on this device without a mail."))
    return _back()


@require_POST
@for_holder
def remove(request: HttpRequest, session: AccountSession, passkey_id: int) -> HttpResponse:
    """Let a key sign in no more."""
    if not remove_passkey(account=session.account, passkey_id=passkey_id):
        raise Http404
    messages.success(request, gettext("The passkey signs in no more."))
    return _back()
