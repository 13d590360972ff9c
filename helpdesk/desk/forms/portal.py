"""The forms of what a town says of itself in its portal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Language
from helpdesk.desk.forms.base import SettingsForm
from knowledgebase.marks import from_marks, to_marks

MARKS_HINT = _(
    "## Heading, - list, 1. numbered, **bold**, [words](address). A blank line begins a paragraph."
)


class LegalTextForm(SettingsForm):
    """A page in each language of the product, as text with marks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add one field for each language; the German page is what all others fall back to."""
        super().__init__(*args, **kwargs)
        for code, name in Language.choices:
            self.fields[f"body_{code}"] = forms.CharField(
                label=name,
                required=False,
                strip=False,
                help_text=MARKS_HINT,
                widget=forms.Textarea(attrs={"rows": 16, "lang": code, "spellcheck": "true"}),
            )

    @staticmethod
    def initial_of(bodies: dict[str, str]) -> dict[str, str]:
        """Return the fields' values for kept bodies."""
        return {f"body_{code}": to_marks(body) for code, body in bodies.items()}

    def bodies(self) -> dict[str, str]:
        """Return what was typed, by language, as HTML that still has to be cleaned."""
        return {code: from_marks(self.cleaned_data[f"body_{code}"]) for code in Language.values}
