"""Signing in by a link in a mail, and out.

Mail scanners follow links, so that following one only shows a button; pressing it signs in.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.accounts.domain.links import LinkGoneError, Wish, press_again, sign_in_by_link
from helpdesk.accounts.domain.sessions import Entered, leave, leave_everywhere
from helpdesk.accounts.models import AccountLink, AccountSession
from helpdesk.accounts.passkeys import ask_for_known
from helpdesk.accounts.queries import link_of, pressed_link_of, provider_of
from helpdesk.agents.models import Authority
from helpdesk.notifications.portal_mails import may_send
from helpdesk.portal.account.forms import AddressForm
from helpdesk.portal.account.known import known_asker, remember_browser
from helpdesk.portal.account.mails import Asked, mail_link
from helpdesk.portal.account.places import place_of
from helpdesk.portal.account.session import (
    for_holder,
    forget,
    holder_of,
    inner,
    private,
    remember,
    speak,
    town_of,
)
from helpdesk.portal.frame import frame
from helpdesk.portal.report.filing import language_of
from helpdesk.portal.throttle import asker_of, seconds_to_wait, too_often

FORM = require_http_methods(["GET", "HEAD", "POST"])
REFUSED, GONE = 422, 410


@FORM
@private
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take an address; the answer is the same whether it has an account, or ever wrote to us."""
    back = inner(request.POST.get("next", "") or request.GET.get("next", ""))
    if request.method != "POST" and holder_of(request) is not None:
        return HttpResponseRedirect(back or reverse("portal:account"))
    authority = town_of(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _asked(request, Wish(authority.pk, form.cleaned_data["email"], next=back))
    place = place_of(request, authority)
    more = {
        "form": form,
        "next": back,
        "may_send": may_send(authority.pk),
        "provider": provider_of(authority.pk),
        "passkey": ask_for_known(place) if place else None,
    }
    status = REFUSED if request.method == "POST" else 200
    return _page(request, "sign_in", more, status)


def _asked(request: HttpRequest, wish: Wish) -> HttpResponse:
    """Mail the link, if one may leave; nothing tells whether it did.

    A browser in which the address was proved before does not share the count of its network.
    """
    asker = known_asker(request, wish.email)
    wait = 0 if asker else seconds_to_wait(request, "sign_in")
    if wait:
        return too_often(request, wait)
    mail_link(asked=Asked(town_of(request), wish, language_of(), asker or asker_of(request)))
    return HttpResponseRedirect(reverse("portal:sign_in_sent"))


def _page(request: HttpRequest, name: str, more: dict[str, Any], status: int = 200) -> HttpResponse:
    context = frame(request) | more
    return render(request, f"portal/account/{name}.html", context, status=status)


@require_safe
@private
def sent(request: HttpRequest) -> HttpResponse:
    """Say what happens now, the same to everybody."""
    return _page(request, "sent", {})


@FORM
@private
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show whose account the link opens, with a button; pressed, it signs in and is used up."""
    authority = town_of(request)
    purpose = AccountLink.Purpose.SIGN_IN
    link = link_of(authority_id=authority.pk, token=token, purpose=purpose)
    if link is None:
        return _gone(request, authority, token)
    if request.method != "POST":
        return _page(request, "link", {"email": link.email, "token": token})
    try:
        entered = sign_in_by_link(
            link_id=link.pk, language=language_of(), browser=_secret_of(request)
        )
    except LinkGoneError:
        return _gone(request, authority, token)
    return signed_in(request, entered, link.next)


def _secret_of(request: HttpRequest) -> str:
    """Return what this browser alone knows since it was shown the button."""
    return request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")


def _gone(request: HttpRequest, authority: Authority, token: str) -> HttpResponse:
    """Answer a link that was used or is too old; who is in by it already just goes on."""
    link = pressed_link_of(authority_id=authority.pk, token=token)
    holder = holder_of(request)
    if holder is not None:
        back = link.next if link and link.session_id == holder.pk else ""
        return HttpResponseRedirect(inner(back) or reverse("portal:account"))
    if link is not None and request.method == "POST":
        secret = _secret_of(request)
        try:
            entered = press_again(authority_id=authority.pk, token=token, browser=secret)
        except LinkGoneError:
            pass
        else:
            return signed_in(request, entered, link.next)
    return _page(request, "link_gone", {"form": AddressForm()}, GONE)


def signed_in(request: HttpRequest, entered: Entered, back: str) -> HttpResponse:
    """Let this browser in and end the session it had before, whosever that was."""
    before = holder_of(request)
    if before is not None:
        leave(session_id=before.pk)
    response = HttpResponseRedirect(inner(back) or reverse("portal:account"))
    remember(response, entered)
    emails = entered.account.addresses.values_list("email", flat=True)
    remember_browser(request, response, emails)
    speak(response, entered.account.language)
    return response


@require_POST
@private
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign this browser out; what was opened by the account is closed with it."""
    session = holder_of(request)
    if session is not None:
        leave(session_id=session.pk)
    return _out(request, gettext("You are signed out."))


@require_POST
@for_holder
def sign_out_everywhere(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Sign out on all devices."""
    leave_everywhere(account=session.account)
    return _out(request, gettext("You are signed out on all devices."))


def _out(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    response = HttpResponseRedirect(reverse("portal:sign_in"))
    forget(response)
    return response
