"""What is typed on the pages of an account."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.lib.languages import NAMES
from helpdesk.portal.limits import ToldLimits
from helpdesk.portal.report.forms import mail_address

NEEDED = _("Enter your e-mail address.")


class AddressForm(ToldLimits):
    """An address to which a link is sent."""

    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        error_messages={"required": NEEDED},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        """Refuse what is no address, in words that say why."""
        address = mail_address(self.cleaned_data["email"])
        if not address:
            raise forms.ValidationError(_("Enter an e-mail address such as name@example.org"))
        return address


class FurtherAddressForm(AddressForm):
    """One more address of somebody who is signed in."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Name the field as what it is here."""
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Another e-mail address of yours")


class ProfileForm(ToldLimits):
    """How somebody is called in forms, and the language of the portal."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=160,
        required=False,
        help_text=_("We fill it into the form when you report something. You can change it there."),
        error_messages={"max_length": _("Shorten this to %(limit_value)s characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of the portal"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        """Offer the languages of the authority."""
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - narrows the declared field
        language.choices = [(code, NAMES[code]) for code in languages]
