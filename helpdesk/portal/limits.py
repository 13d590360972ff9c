"""Limits of texts that are told instead of being kept in silence."""

from typing import Any

from django import forms


class ToldLimits(forms.Form):
    """A form whose fields have no `maxlength` in the browser.

    It would cut what is pasted without a word. The field's own limit refuses instead, in
    words, with everything still there.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the limits off the controls, not off the fields."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
