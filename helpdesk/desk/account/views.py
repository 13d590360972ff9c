"""The pages of allauth that are exposed, each with what this product adds to it."""

import time
from typing import Any

from allauth.account.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetFromKeyView,
    PasswordResetView,
    ReauthenticateView,
)
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateCodeView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib.auth import update_session_auth_hash
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from helpdesk.agents.domain.signin import end_sessions
from helpdesk.agents.models import User
from helpdesk.agents.queries import first_authority
from helpdesk.desk.account.middleware import CHECKED
from helpdesk.desk.account.push import sign_out_browser
from helpdesk.desk.agent import agent_of
from helpdesk.permissions.decorators import staff_required
from helpdesk.ui.qr import qr_svg

# A reset takes so long whether the address is known or not (quality.md 41).
RESET_SECONDS = 0.4
NOT_ALLOWED = 422

no_store = method_decorator(never_cache, name="dispatch")
staff_only = method_decorator(staff_required, name="dispatch")


class Entrance:
    """Shows the authority, and answers a refused form with 422."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the authority that the page speaks for."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc] # a mixin before a view
        return {"authority": first_authority()} | context

    def form_invalid(self, form: Form) -> HttpResponse:
        """Keep what was typed, and say by the status that nothing happened."""
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc] # a mixin before a view
        response.status_code = NOT_ALLOWED
        return response


def keep_only_this_session(request: HttpRequest) -> None:
    """End all other sessions of the signed-in agent."""
    user = agent_of(request)
    end_sessions(user=user, by=user)
    update_session_auth_hash(request, user)


class SignIn(Entrance, LoginView):  # type: ignore[misc] # allauth ships no types
    """Address and password."""


class SignOut(Entrance, LogoutView):  # type: ignore[misc] # allauth ships no types
    """Ends the session and what the browser keeps of it."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out; nothing personal stays in the browser's storage (ASVS 14.3.1).

        Nor in its memory, what other tabs had fetched ahead. And it is told no more what is new:
        who comes next would read it.
        """
        user = self.request.user
        response: HttpResponse = super().post(*args, **kwargs)
        if isinstance(user, User):
            sign_out_browser(self.request, user, response)
        response.headers["Clear-Site-Data"] = '"storage", "prefetchCache", "prerenderCache"'
        return response


@no_store
class Forgotten(Entrance, PasswordResetView):  # type: ignore[misc] # allauth ships no types
    """Asks for the address to which a link goes."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Answer known and unknown addresses alike, also in time."""
        started = time.monotonic()
        response: HttpResponse = super().form_valid(form)
        time.sleep(max(0.0, RESET_SECONDS - (time.monotonic() - started)))
        return response


@no_store
class SetForgotten(Entrance, PasswordResetFromKeyView):  # type: ignore[misc] # allauth ships no types
    """Takes the new password; the second factor stays as it is."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Set it and end every session."""
        response: HttpResponse = super().form_valid(form)
        end_sessions(user=self.reset_user, by=self.reset_user)
        return response


@staff_only
class ChangePassword(Entrance, PasswordChangeView):  # type: ignore[misc] # allauth ships no types
    """Changes the password of who is signed in."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Change it and end all other sessions."""
        response: HttpResponse = super().form_valid(form)
        keep_only_this_session(self.request)
        return response


@staff_only
class Again(Entrance, ReauthenticateView):  # type: ignore[misc] # allauth ships no types
    """Asks for the password once more."""


@staff_only
class CodeAgain(Entrance, ReauthenticateCodeView):  # type: ignore[misc] # allauth ships no types
    """Asks for a code once more."""


class Code(Entrance, AuthenticateView):  # type: ignore[misc] # allauth ships no types
    """The second step of signing in."""


@staff_only
class AddCode(Entrance, ActivateTOTPView):  # type: ignore[misc] # allauth ships no types
    """Shows the secret as QR code and in letters, and takes the first code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Draw the code ourselves: the library's is a data: address."""
        context = super().get_context_data(**kwargs)
        label = gettext("QR code for the authenticator app")
        secret = context["form"].secret
        groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return context | {"qr": qr_svg(context["totp_url"], label), "secret": groups}

    def form_valid(self, form: Form) -> HttpResponse:
        """Switch the factor on and end all other sessions."""
        response: HttpResponse = super().form_valid(form)
        keep_only_this_session(self.request)
        return response


@staff_only
class RemoveCode(Entrance, DeactivateTOTPView):  # type: ignore[misc] # allauth ships no types
    """Switches the second factor off."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Switch it off and end all other sessions."""
        response: HttpResponse = super().form_valid(form)
        self.request.session.pop(CHECKED, None)
        keep_only_this_session(self.request)
        return response


@staff_only
@no_store
class MakeRecoveryCodes(Entrance, GenerateRecoveryCodesView):  # type: ignore[misc] # allauth ships no types
    """Replaces the recovery codes."""


@staff_only
@no_store
class ShowRecoveryCodes(Entrance, ViewRecoveryCodesView):  # type: ignore[misc] # allauth ships no types
    """Shows the recovery codes once."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show codes only where this very answer has made them."""
        context = super().get_context_data(**kwargs)
        shown = context["can_view_codes"] and any(context["unused_codes"])
        return context | {"can_view_codes": shown}
