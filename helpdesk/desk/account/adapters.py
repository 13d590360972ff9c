"""Where django-allauth meets this product: our mails, our throttle, our sealed secrets."""

import logging
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.domain.signin import BEGAN
from helpdesk.agents.models import User
from helpdesk.desk.account import throttle
from helpdesk.desk.account.push import take_over_browser
from helpdesk.lib.secretbox import seal, unseal
from helpdesk.lib.tokens import digest
from helpdesk.notifications.account_mails import (
    AccountMail,
    NoSenderError,
    absolute,
    queue_account_mail,
)

logger = logging.getLogger("anliegen.signin")

# So long after signing in nobody is asked for the password again.
FRESH_SECONDS = 300
# What happened to an account → what its owner is told.
NOTICES = {
    "account/email/password_changed": _("The password of your access was changed."),
    "account/email/password_reset": _("The password of your access was set anew."),
    "mfa/email/totp_activated": _("Signing in now asks for a code of your authenticator app."),
    "mfa/email/totp_deactivated": _("Signing in no longer asks for a code."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your access."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """Sign-in of staff: nobody signs up, mails go through the outbox, tries are counted."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Address or password is not right."),
        "incorrect_password": _("The password is not right."),
        "incorrect_code": _("The code is not right, or it has been used already."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes and try again."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
        "enter_current_password": _("The current password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Refuse: agents are invited."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try before the password is looked at."""
        wanted = self._buckets(request, credentials)
        try:
            self._login_failed_rl_usage = throttle.consume(request, wanted)
        except throttle.TooManyTriesError:
            logger.warning("sign-in throttled: %s", self._who(request, credentials))
            raise self.validation_error("too_many_login_attempts") from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave a trace for the operator, without the address in clear text."""
        logger.warning("sign-in refused: %s", self._who(request, credentials))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Remember the device, now that every factor was right; it tells nothing of others."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        logger.info("signed in: user %s", user.pk)
        throttle.remember_device(request, response, user.email)
        take_over_browser(request, user)
        return response

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        throttle.clear(request, self._buckets(request, credentials))

    def _buckets(
        self, request: HttpRequest, credentials: dict[str, Any]
    ) -> tuple[throttle.Bucket, ...]:
        login = str(credentials.get("email", "")).lower()
        return throttle.buckets(request, login, self.get_client_ip(request))

    def _who(self, request: HttpRequest, credentials: dict[str, Any]) -> str:
        login = str(credentials.get("email", "")).lower()
        return f"account {digest(login)[:12]} from {self.get_client_ip(request)}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Demand the password again, unless the session is only minutes old."""
        began = allauth_context.request.session.get(BEGAN, 0.0)
        if time.time() - began < FRESH_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail; it never follows a request's Host header."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.BASE_URL + path.replace("UID-KEY", key))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Return to the overview of one's own account."""
        return reverse("account_profile")

    def send_mail(
        self,
        template_prefix: str,
        email: str,  # noqa: ARG002 - allauth's signature; the user has the address
        context: dict[str, Any],
    ) -> None:
        """Queue the mails this product sends; to unknown addresses there is none."""
        if template_prefix == "account/email/password_reset_key":
            link = absolute_reset_link(context["user"], context["uid"], context["key"])
            self._queue(AccountMail("password_reset", context["user"], link=link))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User | AnonymousUser,
        context: dict[str, Any] | None = None,  # noqa: ARG002 - allauth's signature
        email: str | None = None,  # noqa: ARG002 - allauth's signature
    ) -> None:
        """Tell the owner of an account what was done to it."""
        what = NOTICES.get(template_prefix)
        if what and isinstance(user, User):
            self._queue(AccountMail("security_notice", user, what=str(what)))

    def _queue(self, mail: AccountMail) -> None:
        try:
            queue_account_mail(mail=mail)
        except NoSenderError:
            logger.exception("no sender: %s for user %s was not sent", mail.kind, mail.user.pk)


def absolute_reset_link(user: User, uid: str, key: str) -> str:
    """Return the address under which this user sets a new password."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    return absolute(path, user.authority)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """The second factor: secrets are sealed at rest, and administrators may have to keep it."""

    error_messages = DefaultMFAAdapter.error_messages | {
        # No code of another half minute is taken (adr/0001), so a clock that is wrong shows here.
        "incorrect_code": _(
            "The code is not right, or it has been used already. Enter the one that the app shows "
            "now. If that does not help, the clock of your phone may be wrong: let it set the time "
            "by itself."
        ),
        "cannot_delete_authenticator": _("Your authority demands a code from administrators."),
    }

    def get_totp_issuer(self) -> str:
        """Return what the app shows above the code."""
        user = allauth_context.request.user
        return gettext("Anliegen %(authority)s") % {"authority": user.authority.short_name}

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Read what was sealed."""
        return unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse where the authority demands the factor."""
        user = authenticator.user
        demanded = "administer" in user.role_verbs and user.authority.require_second_factor
        return settings.DEMO or not demanded
