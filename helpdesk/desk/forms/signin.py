"""The part of a mailbox's form that says how one signs in: by passwords or by OAuth 2.0."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from helpdesk.desk.forms.base import SettingsForm
from helpdesk.outbox.grants import GrantDetails
from helpdesk.outbox.models import Grant

BY_PASSWORD = "password"  # noqa: S105 - the name of a choice
KEPT = _("Leave empty to keep the stored one.")
WAYS = (
    (BY_PASSWORD, _("by login and password")),
    (Grant.Provider.MICROSOFT, _("at Microsoft 365 (OAuth 2.0)")),
    (Grant.Provider.GOOGLE, _("at Google (OAuth 2.0)")),
    (Grant.Provider.OTHER, _("at another provider (OAuth 2.0)")),
)
COLUMNS = ("flow", "tenant", "client_id", "authorize_url", "token_url", "scope", "expires_on")


def secret_field(label: StrOrPromise, **values: Any) -> forms.CharField:
    """Return a field that is never filled by us, whatever is stored."""
    return forms.CharField(
        label=label,
        max_length=4000,
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        **values,
    )


def day_field(label: StrOrPromise, **values: Any) -> forms.DateField:
    """Return a field for a day, chosen from the browser's own calendar."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **values,
    )


class SignInForm(SettingsForm):
    """How one signs in at the servers of a mailbox."""

    sign_in = forms.ChoiceField(label=_("Sign in"), choices=WAYS, widget=forms.RadioSelect)
    flow = forms.ChoiceField(
        label=_("Tokens are asked for"),
        choices=Grant.Flow.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    tenant = forms.CharField(
        label=_("Directory (tenant)"),
        max_length=100,
        required=False,
        help_text=_("Its ID or domain, as it stands beside the application at Microsoft."),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=255, required=False)
    client_secret = secret_field(_("Client secret"))
    expires_on = day_field(
        _("The secret ends on"),
        help_text=_("From 30 days before, the health page reminds you to renew it."),
    )
    refresh_token = secret_field(
        _("Refresh token"),
        help_text=_("Only if you have one already: else sign in after saving."),
    )
    authorize_url = forms.CharField(label=_("Address to sign in"), max_length=500, required=False)
    token_url = forms.CharField(label=_("Address for tokens"), max_length=500, required=False)
    scope = forms.CharField(label=_("Scope"), max_length=500, required=False)

    def demand_sign_in(self, *, has_secret: bool) -> None:
        """Demand what the chosen way needs; of a stored secret say that it is kept."""
        if not self.by_token:
            return
        needed = {"flow", "client_id"}
        if self._chosen("sign_in") == Grant.Provider.MICROSOFT:
            needed.add("tenant")
        if self._chosen("sign_in") == Grant.Provider.OTHER:
            needed.add("token_url")
        if has_secret:
            self.fields["client_secret"].help_text = KEPT
        elif self._chosen("flow") == Grant.Flow.CLIENT:
            needed.add("client_secret")
        for name in needed:
            self.fields[name].required = True

    @property
    def by_token(self) -> bool:
        """Tell whether one signs in by OAuth 2.0."""
        return self._chosen("sign_in") not in {BY_PASSWORD, None, ""}

    def _chosen(self, name: str) -> object:
        return self.data.get(name) if self.is_bound else self.initial.get(name)

    def grant(self) -> GrantDetails | None:
        """Return what the door takes, None for passwords."""
        if not self.by_token:
            return None
        given = self.cleaned_data
        return GrantDetails(
            provider=given["sign_in"],
            flow=given["flow"],
            client_id=given["client_id"],
            client_secret=given["client_secret"] or None,
            refresh_token=given["refresh_token"] or None,
            tenant=given["tenant"],
            authorize_url=given["authorize_url"],
            token_url=given["token_url"],
            scope=given["scope"],
            expires_on=given["expires_on"],
        )


def sign_in_of(grant: Grant | None) -> dict[str, Any]:
    """Return what the form shows of a stored grant: never a secret."""
    if grant is None:
        return {"sign_in": BY_PASSWORD, "flow": Grant.Flow.REFRESH}
    return {"sign_in": grant.provider} | {name: getattr(grant, name) for name in COLUMNS}
