"""What holders change of their accounts: name, language, addresses, and whether there is one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.accounts.domain.links import (
    MOST_ADDRESSES,
    AddressTakenError,
    LinkGoneError,
    TooManyAddressesError,
    Wish,
    add_address,
)
from helpdesk.accounts.domain.profile import (
    LastAddressError,
    change_profile,
    make_main,
    remove_address,
)
from helpdesk.accounts.models import AccountLink, AccountSession, Passkey, PortalAccount
from helpdesk.accounts.passkeys import Place, Question, ask_for_new
from helpdesk.accounts.queries import link_of
from helpdesk.portal.account.forms import FurtherAddressForm, ProfileForm
from helpdesk.portal.account.known import forget_browser
from helpdesk.portal.account.mails import Asked, mail_link
from helpdesk.portal.account.places import place_of
from helpdesk.portal.account.session import for_holder, forget, speak, town_of
from helpdesk.portal.frame import frame
from helpdesk.portal.report.filing import language_of
from helpdesk.portal.throttle import asker_of, seconds_to_wait, too_often
from helpdesk.privacy.domain.accounts import erase_account

FORM = require_http_methods(["GET", "HEAD", "POST"])
REFUSED, GONE = 422, 410


@FORM
@for_holder
def profile(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Show the account, and change name and language."""
    account = session.account
    if request.method != "POST":
        return _profile(request, account)
    form = ProfileForm(request.POST, languages=account.authority.languages)
    if not form.is_valid():
        return _profile(request, account, form=form)
    change_profile(account=account, **form.cleaned_data)
    messages.success(request, gettext("Saved"))
    response = _back()
    speak(response, form.cleaned_data["language"])
    return response


def _profile(
    request: HttpRequest,
    account: PortalAccount,
    *,
    form: ProfileForm | None = None,
    further: FurtherAddressForm | None = None,
) -> HttpResponse:
    wrong = next((each for each in (form, further) if each is not None and each.errors), None)
    known = {"name": account.name, "language": account.language}
    addresses, passkeys = list(account.addresses.all()), list(account.passkeys.all())
    place = place_of(request, town_of(request))
    context = frame(request) | {
        "form": wrong,
        "profile": form or ProfileForm(initial=known, languages=account.authority.languages),
        "further": further or FurtherAddressForm(),
        "addresses": addresses,
        "may_add": len(addresses) < MOST_ADDRESSES,
        "passkeys": passkeys,
        "passkey": _new_key(place, account, passkeys) if place else None,
    }
    status = REFUSED if wrong else 200
    return render(request, "portal/account/profile.html", context, status=status)


def _new_key(place: Place, account: PortalAccount, passkeys: list[Passkey]) -> Question:
    known = [bytes(each.public_key) for each in passkeys]
    return ask_for_new(place, account_id=account.pk, known=known)


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("portal:account_profile"))


@FORM
@for_holder
def address_add(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Mail a link to a further address; the answer is the same whosever it is."""
    if request.method != "POST":
        return _back()
    form = FurtherAddressForm(request.POST)
    if not form.is_valid():
        return _profile(request, session.account, further=form)
    wait = seconds_to_wait(request, "sign_in")
    if wait:
        return too_often(request, wait)
    authority = town_of(request)
    wish = Wish(authority.pk, form.cleaned_data["email"], account=session.account)
    mail_link(asked=Asked(authority, wish, language_of(), asker_of(request)))
    messages.success(
        request,
        gettext("We have sent an e-mail to this address. Open its link here, in this browser."),
    )
    return _back()


@require_POST
@for_holder
def address(request: HttpRequest, session: AccountSession, address_id: int) -> HttpResponse:
    """Let an address be the main one, or take it away."""
    account = session.account
    removes = request.POST.get("do") == "remove"
    try:
        change = remove_address if removes else make_main
        is_theirs = change(account=account, address_id=address_id)
    except LastAddressError:
        messages.error(
            request,
            gettext("You sign in with this address. Add another one first, or delete the account."),
        )
        return _back()
    if not is_theirs:
        raise Http404
    messages.success(request, gettext("Saved"))
    return _back()


@FORM
@for_holder
def address_confirm(request: HttpRequest, session: AccountSession, token: str) -> HttpResponse:
    """Show the button that adds an address; it works in the account that asked for it alone."""
    link = link_of(
        authority_id=session.account.authority_id,
        token=token,
        purpose=AccountLink.Purpose.ADDRESS,
    )
    if link is None or link.account_id != session.account_id:
        return _confirm(request, {"problem": "gone"}, GONE)
    more: dict[str, Any] = {"email": link.email, "token": token}
    if request.method != "POST":
        return _confirm(request, more)
    try:
        added = add_address(link_id=link.pk, account=session.account)
    except LinkGoneError:
        return _confirm(request, {"problem": "gone"}, GONE)
    except AddressTakenError:
        return _confirm(request, more | {"problem": "taken"}, 409)
    except TooManyAddressesError:
        return _confirm(request, more | {"problem": "many", "most": MOST_ADDRESSES}, 409)
    words = gettext("%(email)s is yours. Its requests are in your list now.")
    messages.success(request, words % {"email": added.email})
    return HttpResponseRedirect(reverse("portal:account"))


def _confirm(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "portal/account/address.html", frame(request) | more, status=status)


@FORM
@for_holder
def delete(request: HttpRequest, session: AccountSession) -> HttpResponse:
    """Ask once, then delete the account and what hangs on its addresses; the requests stay."""
    if request.method != "POST":
        return render(request, "portal/account/delete.html", frame(request))
    erase_account(account=session.account)
    messages.success(request, gettext("Your account is deleted. Your requests go on."))
    response = HttpResponseRedirect(reverse("portal:home"))
    forget(response)
    forget_browser(response)
    return response
