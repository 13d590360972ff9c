"""The forms of django-allauth with our labels, and those of invitation and profile."""

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from helpdesk.agents.models import AfterSend, Language, User
from helpdesk.desk.forms.base import SettingsForm

NEW_PASSWORD_HINT = _("At least 12 characters. A few words in a row are easy to remember.")


class Labelled:
    """Gives the fields of a form our labels and hints, and takes placeholders away."""

    labels: dict[str, StrOrPromise] = {}
    hints: dict[str, StrOrPromise] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Relabel what the form of the library has made."""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.error_messages["required"] = gettext("Please fill in: %(label)s") % {
                "label": field.label
            }


class SignInForm(Labelled, LoginForm):  # type: ignore[misc] # allauth ships no types
    """Address and password."""

    labels = {"login": _("E-mail address"), "password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let password managers recognise the address."""
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}


class ForgottenForm(Labelled, ResetPasswordForm):  # type: ignore[misc] # allauth ships no types
    """The address to which the link goes."""

    labels = {"email": _("E-mail address")}


class NewPasswordForm(Labelled, ResetPasswordKeyForm):  # type: ignore[misc] # allauth ships no types
    """A new password, twice."""

    labels = {"password1": _("New password"), "password2": _("New password again")}
    hints = {"password1": NEW_PASSWORD_HINT}


class PasswordForm(Labelled, ChangePasswordForm):  # type: ignore[misc] # allauth ships no types
    """The old password and a new one, twice."""

    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }
    hints = {"password1": NEW_PASSWORD_HINT}


class AgainForm(Labelled, ReauthenticateForm):  # type: ignore[misc] # allauth ships no types
    """The password once more before something sensitive."""

    labels = {"password": _("Password")}


class CodeForm(Labelled, AuthenticateForm):  # type: ignore[misc] # allauth ships no types
    """A code of the app, or a recovery code."""

    labels = {"code": _("Code")}
    hints = {"code": _("Six digits of your authenticator app, or one of your recovery codes.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Put the cursor there; there is nothing else to do on the page."""
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class CodeAgainForm(Labelled, ReauthenticateCodeForm):  # type: ignore[misc] # allauth ships no types
    """A code once more before something sensitive."""

    labels = CodeForm.labels
    hints = CodeForm.hints


class AddCodeForm(Labelled, ActivateTOTPForm):  # type: ignore[misc] # allauth ships no types
    """The first code, as proof that the app has the secret."""

    labels = {"code": _("Code from the app")}
    hints = {"code": _("The six digits that the app shows now.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show digits on a phone's keyboard."""
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class InvitationForm(SettingsForm):
    """The first password of an agent."""

    password = forms.CharField(
        label=_("Password"),
        help_text=NEW_PASSWORD_HINT,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Check the password against the name and address of ``user``."""
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Refuse what is too short, too common or too similar to the name."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Demand the same password twice."""
        cleaned = super().clean() or {}
        one, other = cleaned.get("password"), cleaned.get("again")
        if one and other and one != other:
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class FirstAdministratorForm(InvitationForm):
    """Name, address and password of who administers a new installation."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("You sign in with it."))
    field_order = ("name", "email", "password", "again")


class ProfileForm(SettingsForm):
    """What agents may change about themselves."""

    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("Appears where a text module has the placeholder {{mitarbeiter.telefon}}."),
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    signature = forms.CharField(
        label=_("Signature"),
        max_length=2000,
        required=False,
        help_text=_("Stands below your answers in place of the signature of the team."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    greets = forms.BooleanField(
        label=_("Begin answers with greeting and closing"),
        required=False,
        help_text=_("In the citizen's language; the team may have worded them."),
    )
    after_send = forms.ChoiceField(
        label=_("After sending"),
        choices=AfterSend.choices,
        help_text=_("Whoever keeps a request open stays with it in any case."),
    )
