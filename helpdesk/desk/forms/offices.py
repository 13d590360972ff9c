"""The form of an entry in the directory of other authorities."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.desk.forms.base import SettingsForm


class OfficeForm(SettingsForm):
    """Who it is, where requests are sent, and what they are responsible for."""

    name = forms.CharField(label=_("Name"), max_length=160)
    email = forms.CharField(label=_("E-mail"), max_length=254)
    note = forms.CharField(
        label=_("Responsible for"), max_length=250, required=False, help_text=_("For colleagues.")
    )
