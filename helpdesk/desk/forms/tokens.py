"""The forms of access keys: of an agent's program, and of a program with rights of its own."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.domain.tokens import TokenDetails
from helpdesk.agents.scopes import SCOPES
from helpdesk.desk.forms.base import SettingsForm

LIFETIMES = ((30, _("30 days")), (90, _("90 days")), (365, _("one year")))


class TokenForm(SettingsForm):
    """What a key is called, what it may do, and for how long."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("The history names the key by this."),
    )
    days = forms.TypedChoiceField(label=_("Valid for"), choices=LIFETIMES, coerce=int, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=tuple(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("As few as possible. A key never has more rights than its owner."),
    )

    @property
    def details(self) -> TokenDetails:
        """Return what the doors take."""
        given = self.cleaned_data
        return TokenDetails(given["name"].strip(), tuple(given["scopes"]), given["days"])


class ServiceForm(TokenForm):
    """A program that works here like a colleague, with rights in teams."""

    name = forms.CharField(
        label=_("Name of the program"),
        max_length=80,
        help_text=_("The history and answers name it by this."),
    )
