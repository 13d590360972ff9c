"""The form that lets browsers tell agents what is new."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.desk.forms.base import SettingsForm


class PushForm(SettingsForm):
    """Whom the operator of a push service may write to."""

    contact = forms.EmailField(
        label=_("E-mail address for the operators of push services"),
        max_length=254,
        help_text=_("They write there if something is wrong with what we send."),
    )
