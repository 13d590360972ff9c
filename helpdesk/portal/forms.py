"""What citizens type besides messages: how a request is found again, and how it went."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.outbox.headers import InvalidAddressError, clean_address
from helpdesk.portal.limits import ToldLimits
from helpdesk.tickets.enums import Solved
from helpdesk.tickets.models import Rating
from helpdesk.tickets.references import read_code, read_reference

STARS = (
    ("1", _("1 – not at all")),
    ("2", "2"),
    ("3", "3"),
    ("4", "4"),
    ("5", _("5 – very")),
)
# The words of `Solved`, here among those that citizens read: catalogues go by the file.
VERDICTS = (
    (Solved.YES.value, _("Yes")),
    (Solved.PARTLY.value, _("Partly")),
    (Solved.NO.value, _("No")),
)
MAX_TEXT = 2_000


def reference_field() -> forms.CharField:
    """Return a field for the reference."""
    return forms.CharField(
        label=_("Your reference"),
        max_length=40,
        help_text=_("For example MU-7K4P-2Q. You find it in our confirmation."),
        error_messages={"required": _("Enter the reference from our confirmation.")},
        widget=forms.TextInput(
            attrs={
                "class": "input-short",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class _ByReference(ToldLimits):
    """A form that names a request; a mistyped sign is noticed before anything is looked up."""

    reference = reference_field()

    def __init__(self, *args: Any, town: str = "", **kwargs: Any) -> None:
        """Take the letters before the first dash, which people leave out."""
        super().__init__(*args, **kwargs)
        self.town = town

    def clean_reference(self) -> str:
        """Return the reference as stored."""
        read = read_reference(self.cleaned_data["reference"], prefix=self.town)
        if read is None:
            raise forms.ValidationError(
                _(
                    "There is a slip in this reference. "
                    "Compare it sign by sign with our confirmation."
                )
            )
        return read


class LookupForm(_ByReference):
    """A reference and the address to which the link is sent again."""

    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The one you gave for this request."),
        error_messages={"required": _("Enter the e-mail address you gave for this request.")},
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        """Refuse what is no address, in words that say why."""
        try:
            return clean_address(self.cleaned_data["email"])
        except InvalidAddressError as error:
            raise forms.ValidationError(
                _("Enter an e-mail address such as name@example.org."), code="address"
            ) from error


class CodeForm(_ByReference):
    """A reference and the access code that was shown or read out."""

    code = forms.CharField(
        label=_("Access code"),
        max_length=60,
        help_text=_("16 letters and digits, for example K7QP-3MXR-9TWA-HJ2D."),
        error_messages={"required": _("Enter the access code.")},
        widget=forms.TextInput(
            attrs={
                "class": "input-short",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )

    def clean_code(self) -> str:
        """Return the code as it was given out."""
        read = read_code(self.cleaned_data["code"])
        if read is None:
            raise forms.ValidationError(
                _("There is a slip in this access code. Compare it sign by sign with your note.")
            )
        return read


class RatingForm(ToldLimits):
    """Whether a request was resolved, and what else its citizen wants to say."""

    solved = forms.ChoiceField(
        label=_("Was your matter resolved?"),
        choices=VERDICTS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes, partly or no.")},
    )
    stars = forms.TypedChoiceField(
        label=_("How satisfied are you with how we dealt with it?"),
        choices=STARS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What should we know?"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Shorten this to %(limit_value)s characters.")},
    )

    @classmethod
    def of(cls, rating: Rating | None) -> Self:
        """Return the form with what was said before."""
        if rating is None:
            return cls()
        said = {"solved": rating.solved, "stars": rating.stars, "text": rating.text}
        return cls(initial=said)
