"""The form of an entry in the list of senders kept out or let in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_in.models import SenderRule
from helpdesk.desk.forms.base import SettingsForm


class SenderRuleForm(SettingsForm):
    """An address or a domain, and what becomes of its mail."""

    pattern = forms.CharField(
        label=_("Address or domain"),
        max_length=320,
        help_text=_("A domain stands for everything below it, too."),
    )
    verdict = forms.ChoiceField(
        label=_("Mail from there"),
        choices=SenderRule.Verdict.choices,
        initial=SenderRule.Verdict.BAN,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Reason, for colleagues"), max_length=200, required=False)
