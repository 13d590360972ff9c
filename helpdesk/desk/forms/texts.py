"""The form of a text module, with its languages side by side."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Language, Team
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.topics import key_or_none, offer


class TextForm(SettingsForm):
    """Title, words by which it is found, and its wording by language."""

    title = forms.CharField(label=_("Title"), max_length=120)
    keywords = forms.CharField(
        label=_("Keywords"),
        max_length=200,
        required=False,
        help_text=_("Further words by which it is found after “::”."),
    )
    team = forms.TypedChoiceField(
        label=_("Team"), required=False, coerce=key_or_none, empty_value=None
    )
    is_active = forms.BooleanField(label=_("Offer this text"), required=False, initial=True)

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        """Offer teams, and one field for the wording in each language."""
        super().__init__(*args, **kwargs)
        offer(self, "team", [("", _("(all teams)")), *((team.pk, team.name) for team in teams)])
        for language in Language:
            self.fields[f"body_{language}"] = forms.CharField(
                label=language.label,
                max_length=20000,
                required=False,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 14, "lang": language, "spellcheck": "true"}),
            )

    @property
    def bodies(self) -> dict[str, str]:
        """Return language → wording with plain line ends."""
        return {
            language: self.cleaned_data[f"body_{language}"].replace("\r\n", "\n").strip("\n")
            for language in Language
        }
