"""What readers of the knowledge base may fill in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.portal.limits import ToldLimits
from knowledgebase.domain.feedback import MAX_TEXT
from knowledgebase.enums import FeedbackReason


class ReasonForm(ToldLimits):
    """Why an answer did not help; nothing about who says so."""

    reason = forms.ChoiceField(
        label=_("What was the matter?"),
        choices=FeedbackReason.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What should we do better?"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Shorten this to %(limit_value)s characters.")},
        help_text=_("Please write nothing personal here. We can't reply to it."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a form in which nothing was said."""
        given = super().clean() or self.cleaned_data
        if not self.errors and not given.get("reason") and not given.get("text"):
            self.add_error("reason", _("Choose a reason or write what was missing."))
        return given
