"""The form of an agent."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Language, Role
from helpdesk.desk.forms.base import SettingsForm


class AgentForm(SettingsForm):
    """Who somebody is, and which roles they hold."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address for signing in"), max_length=254)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What somebody may do besides working on requests."),
    )

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        """Offer the roles of the authority."""
        super().__init__(*args, **kwargs)
        field = self.fields["roles"]
        if isinstance(field, forms.TypedMultipleChoiceField):
            field.choices = [(role.pk, role.name) for role in roles]
