"""What all forms of the desk's settings share."""

from typing import Any

from django import forms
from django.utils.translation import gettext


class SettingsForm(forms.Form):
    """A form whose errors name the field, as they also stand in a summary above it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say which field is empty instead of that some field is."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = gettext("Please fill in: %(label)s") % {
                "label": field.label
            }
