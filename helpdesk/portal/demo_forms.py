"""What one writes as a citizen of the demonstration."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_in.models import Account
from helpdesk.outbox.headers import InvalidAddressError, clean_address
from helpdesk.outbox.models import Recipient

MAXIMUM_TEXT = 20_000


def address_field() -> forms.CharField:
    """Return a field for a mail address."""
    return forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )


class ReplyForm(forms.Form):
    """An answer to one mail, as one of those who received it."""

    recipient = forms.ChoiceField(label=_("Answer as"))
    text = forms.CharField(
        label=_("Your answer"),
        max_length=MAXIMUM_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("It goes back as an e-mail, with the original quoted below."),
    )

    def __init__(self, *args: Any, recipients: Sequence[Recipient], **kwargs: Any) -> None:
        """Offer ``recipients``; a single one is not asked for."""
        super().__init__(*args, **kwargs)
        field = self.fields["recipient"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the declared field
        field.choices = [(str(each.pk), each.address) for each in recipients]
        if len(recipients) == 1:
            field.widget = forms.HiddenInput()
            field.initial = str(recipients[0].pk)


class WriteForm(forms.Form):
    """A new mail to one of the authority's mailboxes."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    address = address_field()
    account = forms.ChoiceField(label=_("To"))
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Your message"),
        max_length=MAXIMUM_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, accounts: Sequence[Account], **kwargs: Any) -> None:
        """Offer ``accounts`` by their addresses."""
        super().__init__(*args, **kwargs)
        self._accounts = {str(each.pk): each for each in accounts}
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the declared field
        field.choices = [
            (key, f"{each.name} <{each.address}>") for key, each in self._accounts.items()
        ]

    def clean_address(self) -> str:
        """Refuse what is no address, in words that say why."""
        try:
            return clean_address(self.cleaned_data["address"])
        except InvalidAddressError as error:
            raise forms.ValidationError(
                _("Enter an e-mail address such as name@example.org."), code="address"
            ) from error

    def clean_account(self) -> Account:
        """Return the chosen mailbox."""
        return self._accounts[self.cleaned_data["account"]]
