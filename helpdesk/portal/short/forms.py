"""What is typed into forms of one page."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.outbox.headers import InvalidAddressError, clean_address
from helpdesk.portal.limits import ToldLimits
from helpdesk.portal.report.forms import FEWEST_DIGITS, SHORTEST_TEXT
from helpdesk.portal.short.days import AFTERNOON, MORNING, Half

MAX_TEXT = 5_000
AIDS = (
    ("", _("No answer")),
    ("screen_reader", _("Screen reader")),
    ("magnifier", _("Magnified screen or large text")),
    ("keyboard", _("Keyboard alone")),
    ("voice", _("Voice control")),
    ("contrast", _("Other colours or more contrast")),
    ("simple", _("Plain language")),
    ("other", _("Something else")),
)
SOON = "soon"


def _long_text(label: Any, missing: Any, **more: Any) -> forms.CharField:  # noqa: ANN401 - lazy words
    return forms.CharField(
        label=label,
        max_length=MAX_TEXT,
        error_messages={
            "required": missing,
            "max_length": _(
                "Shorten your text to %(limit_value)s characters; it has %(show_value)s"
            ),
        },
        **more,
    )


class ShortForm(ToldLimits):
    """A form of one page; ``key`` makes sending it twice the same as once."""

    key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Demand a few letters where words are asked for."""
        given = super().clean() or self.cleaned_data
        text = given.get("text", "")
        if text and sum(sign.isalnum() for sign in text) < SHORTEST_TEXT:
            self.add_error("text", self.fields["text"].error_messages["required"])
        return given


class BarrierForm(ShortForm):
    """What did not work for somebody, and on which page."""

    page = forms.CharField(
        label=_("Page"),
        max_length=500,
        required=False,
        help_text=_("The address or the name of the page on which it happened."),
        error_messages={"max_length": _("Shorten the address to 500 characters")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    text = _long_text(
        _("What did not work?"),
        _("Describe in a few words what did not work"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    aid = forms.ChoiceField(
        label=_("What do you use?"),
        choices=AIDS,
        required=False,
        help_text=_("It helps us to try it the same way."),
    )
    reply_to = forms.CharField(
        label=_("Where may we answer?"),
        max_length=254,
        required=False,
        help_text=_("An e-mail address or a phone number."),
        error_messages={"max_length": _("Shorten this to 254 characters")},
        widget=forms.TextInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def clean_reply_to(self) -> str:
        """Take an address or a number, and nothing that is neither."""
        typed: str = self.cleaned_data["reply_to"].strip()
        if "@" in typed:
            try:
                return clean_address(typed)
            except InvalidAddressError:
                typed = "@"
        is_number = sum(sign.isdigit() for sign in typed) >= FEWEST_DIGITS
        if typed and (typed == "@" or not is_number):
            raise forms.ValidationError(
                _("Enter an e-mail address such as name@example.org, or a phone number.")
            )
        return typed


class CallbackForm(ShortForm):
    """At which number, when and about what somebody wants to be called."""

    phone = forms.CharField(
        label=_("Your phone number"),
        max_length=40,
        error_messages={
            "required": _("Enter the phone number at which we reach you"),
            "max_length": _("Shorten the number to 40 characters"),
        },
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    when = forms.ChoiceField(label=_("When suits you?"), widget=forms.RadioSelect)
    text = _long_text(
        _("What is it about?"),
        _("Say in a few words what it is about, so that the right person calls"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=160,
        required=False,
        error_messages={"max_length": _("Shorten the name to 160 characters")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, halves: Iterable[Half], **kwargs: Any) -> None:
        """Offer the halves of the next working days in which somebody is there."""
        super().__init__(*args, **kwargs)
        field = self.fields["when"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the declared field
        self.times = dict([(SOON, gettext("As soon as possible")), *_in_words(halves)])
        field.choices = list(self.times.items())
        field.initial = SOON
        field.error_messages = {
            "required": gettext("Choose when we may call"),
            "invalid_choice": gettext("Choose when we may call"),
        }

    def clean_phone(self) -> str:
        """Demand a few digits."""
        typed: str = self.cleaned_data["phone"].strip()
        if sum(sign.isdigit() for sign in typed) < FEWEST_DIGITS:
            raise forms.ValidationError(_("Enter a phone number such as 0123 456789"))
        return typed

    def when_in_words(self) -> str:
        """Return the chosen time in words."""
        return self.times[self.cleaned_data["when"]]


def _in_words(halves: Iterable[Half]) -> list[tuple[str, str]]:
    words = {MORNING: gettext("before noon"), AFTERNOON: gettext("after noon")}
    return [
        (f"{day.isoformat()}-{half}", f"{date_format(day, gettext('l, j F'))}, {words[half]}")
        for day, half in halves
    ]
