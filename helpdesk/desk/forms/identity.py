"""The form of the provider where citizens sign in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.signin import KEPT, secret_field


class ProviderForm(SettingsForm):
    """An OpenID Connect provider."""

    is_active = forms.BooleanField(label=_("Citizens can sign in here"), required=False)
    name = forms.CharField(
        label=_("What it is called"),
        max_length=60,
        help_text=_("Stands on the button: “Sign in with BundID”."),
    )
    issuer = forms.CharField(
        label=_("Address of the provider (issuer)"),
        max_length=300,
        help_text=_("For example https://login.musterstadt.de/realms/buerger"),
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=255)
    client_secret = secret_field(_("Client secret"))

    def demand_secret(self, *, has_secret: bool) -> None:
        """Say of a stored secret that it is kept."""
        if has_secret:
            self.fields["client_secret"].help_text = KEPT
