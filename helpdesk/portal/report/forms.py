"""The forms of the steps; each keeps what was typed and says what to do."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from helpdesk.forms.schema import DEFAULT_LANGUAGE, GIVEN, Kind, Question, Words
from helpdesk.forms.validate import Answer, AnswerError, clean_answer
from helpdesk.outbox.headers import InvalidAddressError, clean_address
from helpdesk.portal.limits import ToldLimits
from helpdesk.tickets.models import Category, PlaceNeed

LONGEST_TEXT = 10_000
SHORTEST_TEXT = 3
FEWEST_DIGITS = 5
OTHER, NONE = "other", "none"
MAIL, PHONE, LETTER, ANONYMOUS = "mail", "phone", "letter", "anonymous"
# The field that each way of reaching somebody needs.
NEEDED_BY = {"email": MAIL, "phone": PHONE, "address": LETTER}


class DescribeForm(forms.Form):
    """What it is about, in the citizen's own words."""

    text = forms.CharField(
        label=gettext_lazy("What is it about?"),
        help_text=gettext_lazy("For example: The street lamp in front of Lindenstraße 12 is dark."),
        # Without a limit in the browser, which would cut what is pasted without a word.
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Describe your request in a few words")},
    )

    def clean_text(self) -> str:
        """Demand a few letters, and name the limit."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").replace("\x00", "")
        if sum(sign.isalnum() for sign in text) < SHORTEST_TEXT:
            raise forms.ValidationError(_("Describe your request in a few words"))
        if len(text) > LONGEST_TEXT:
            raise forms.ValidationError(
                _("Shorten your text to %(limit)s characters; it has %(count)s")
                % {"limit": LONGEST_TEXT, "count": len(text)}
            )
        return text


class TopicForm(forms.Form):
    """One of the topics on the page, or something else."""

    topic = forms.ChoiceField(widget=forms.RadioSelect, required=True)

    def __init__(self, *args: Any, topics: Sequence[Category], other: str, **kwargs: Any) -> None:
        """Offer ``topics`` and, as the last choice, ``other``."""
        super().__init__(*args, **kwargs)
        self.topics = {str(topic.pk): topic for topic in topics}
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the declared field
        field.label = _("Does this topic fit?")
        language = get_language() or "de"
        names = [(key, topic.name_in(language)) for key, topic in self.topics.items()]
        field.choices = [*names, (other, other)]
        field.error_messages = {
            "required": _("Choose a topic"),
            "invalid_choice": _("Choose a topic"),
        }


class QuestionForm(forms.Form):
    """One question of a topic; its check is that of the room ``forms``."""

    day = forms.CharField(required=False)
    month = forms.CharField(required=False)
    year = forms.CharField(required=False)

    def __init__(
        self,
        *args: Any,
        question: Question,
        language: str,
        names: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        """Build the control of ``question``; ``names`` are the files kept for it."""
        super().__init__(*args, **kwargs)
        self.question = question
        self.names = list(names)
        field = _control(question, language)
        field.label = marked(question.text(language), question.label, language)
        field.help_text = marked(question.explanation(language), question.hint, language)
        # Our own check speaks; the field only tells whether an answer is needed.
        field.required = question.required
        self.fields["answer"] = field
        self.order_fields(["answer", "day", "month", "year"])
        self.answer: Answer = ""

    def full_clean(self) -> None:
        """Let the field's own demands rest; ``clean`` knows better words."""
        field = self.fields["answer"]
        field.required = False
        super().full_clean()
        field.required = self.question.required

    def clean(self) -> dict[str, Any]:
        """Check the answer as the room ``forms`` does."""
        if "answer" in self.errors:
            del self.errors["answer"]
        try:
            self.answer = clean_answer(self.question, self._given(), today=timezone.localdate())
        except AnswerError as error:
            self.add_error("answer", str(error))
        return self.cleaned_data

    def _given(self) -> list[str]:
        if self.question.kind == Kind.FILE:
            return self.names
        if self.question.kind == Kind.DATE:
            parts = [str(self.data.get(name, "")) for name in ("day", "month", "year")]
            return [part or "?" for part in parts] if any(parts) else []
        getter = getattr(self.data, "getlist", None)
        return list(getter("answer")) if getter else []


def marked(text: str, words: Words, language: str) -> str:
    """Return what somebody has written of a question, marked where it is there in German only."""
    if not text or words.get(language[:2]) or not words.get(DEFAULT_LANGUAGE):
        return text
    return format_html('<span lang="{}">{}</span>', DEFAULT_LANGUAGE, text)


def _control(question: Question, language: str) -> forms.Field:
    choices = [
        (one.value, marked(question.option_text(one.value, language), one.label, language))
        for one in question.options
    ]
    short = {"class": "input-short", "inputmode": "decimal", "autocomplete": "off"}
    controls: dict[Kind, forms.Field] = {
        Kind.LONG_TEXT: forms.CharField(widget=forms.Textarea(attrs={"rows": 6})),
        Kind.NUMBER: forms.CharField(widget=forms.TextInput(attrs=short)),
        Kind.CHOICE: forms.ChoiceField(choices=choices, widget=forms.RadioSelect),
        Kind.CHOICES: forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple
        ),
        Kind.CONSENT: forms.MultipleChoiceField(
            choices=[(GIVEN, _("I agree"))], widget=forms.CheckboxSelectMultiple
        ),
    }
    return controls.get(question.kind, forms.CharField())


def answer_as_data(question: Question, answer: Answer) -> dict[str, Any]:
    """Return the initial values that show an answer again."""
    if question.kind == Kind.DATE and isinstance(answer, str) and answer.count("-") == 2:
        year, month, day = answer.split("-")
        return {"day": day.lstrip("0"), "month": month.lstrip("0"), "year": year}
    if question.kind == Kind.CONSENT:
        return {"answer": [answer] if answer else []}
    return {"answer": answer}


class PlaceForm(ToldLimits):
    """Where it is: words, and a point if the device knows it."""

    place = forms.CharField(
        label=gettext_lazy("Where is it?"),
        help_text=gettext_lazy(
            "Street and house number, or describe the place: “playground in the city park”."
        ),
        required=False,
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-places"}),
        error_messages={"max_length": gettext_lazy("Shorten the place to 250 characters")},
    )
    latitude = forms.CharField(required=False, widget=forms.HiddenInput)
    longitude = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, need: str, **kwargs: Any) -> None:
        """Demand a place if the topic does."""
        super().__init__(*args, **kwargs)
        self.is_needed = need == PlaceNeed.REQUIRED
        self.fields["place"].required = self.is_needed
        self.fields["place"].error_messages["required"] = _("Say where it is")

    def full_clean(self) -> None:
        """A point alone will do as a place."""
        self.fields["place"].required = False
        super().full_clean()
        self.fields["place"].required = self.is_needed

    def clean(self) -> dict[str, Any]:
        """Keep a point only whole and on this earth."""
        values = self.cleaned_data
        point = _point(values.get("latitude", ""), values.get("longitude", ""))
        values["latitude"], values["longitude"] = point or ("", "")
        if self.is_needed and not values.get("place") and not point and "place" not in self.errors:
            self.add_error("place", _("Say where it is"))
        return values


def _point(latitude: str, longitude: str) -> tuple[str, str] | None:
    try:
        north, east = Decimal(latitude), Decimal(longitude)
    except InvalidOperation:
        return None
    if not (north.is_finite() and east.is_finite() and abs(north) <= 90 and abs(east) <= 180):
        return None
    return f"{north:.6f}", f"{east:.6f}"


def mail_address(typed: str) -> str:
    """Return a mail address as it is kept, "" where it is none.

    One without a dot in its domain is valid, but it is a slip of the finger here.
    """
    try:
        address = clean_address(typed)
    except InvalidAddressError:
        return ""
    return address if "." in address.rpartition("@")[2] else ""


class ContactForm(ToldLimits):
    """How to reach the citizen."""

    way = forms.ChoiceField(label=gettext_lazy("How can we reach you?"), widget=forms.RadioSelect)
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    address = forms.CharField(
        label=gettext_lazy("Postal address"),
        help_text=gettext_lazy("Street and house number, postcode and town"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, allows_anonymous: bool, **kwargs: Any) -> None:
        """Offer to stay anonymous if the topic does."""
        super().__init__(*args, **kwargs)
        for name in NEEDED_BY:
            self.fields[name].required = True
        ways = [(MAIL, _("By e-mail")), (PHONE, _("By phone")), (LETTER, _("By letter"))]
        if allows_anonymous:
            ways.append((ANONYMOUS, _("Not at all: I want to stay anonymous")))
        field = self.fields["way"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the declared field
        field.choices = ways
        field.error_messages = {
            "required": _("Choose how we can reach you"),
            "invalid_choice": _("Choose how we can reach you"),
        }

    def full_clean(self) -> None:
        """Each way needs its own field, and only that; on the page none is called optional."""
        for name in NEEDED_BY:
            self.fields[name].required = False
        super().full_clean()
        for name in NEEDED_BY:
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Check what the chosen way needs; what was typed for another way stays as it is."""
        checks = {MAIL: self._check_mail, PHONE: self._check_phone, LETTER: self._check_letter}
        check = checks.get(self.cleaned_data.get("way", ""))
        if check:
            check()
        return self.cleaned_data

    def _check_mail(self) -> None:
        address = mail_address(self.cleaned_data.get("email", ""))
        if address:
            self.cleaned_data["email"] = address
        else:
            self.add_error("email", _("Enter an e-mail address such as name@example.org"))

    def _check_phone(self) -> None:
        typed = self.cleaned_data.get("phone", "")
        if sum(sign.isdigit() for sign in typed) < FEWEST_DIGITS:
            self.add_error("phone", _("Enter a phone number such as 0123 456789"))

    def _check_letter(self) -> None:
        if not self.cleaned_data.get("address", "").strip():
            self.add_error("address", _("Enter your postal address"))
        if not self.cleaned_data.get("name", "").strip():
            self.add_error("name", _("Enter your name, so that the letter arrives"))


class LaterForm(ToldLimits):
    """Where the link goes by which somebody goes on later."""

    email = forms.CharField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Enter the e-mail address to which the link goes"),
            "max_length": gettext_lazy("Shorten the address to 254 characters"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    def clean_email(self) -> str:
        """Refuse what is no address, in words that say why."""
        address = mail_address(self.cleaned_data["email"])
        if not address:
            raise forms.ValidationError(_("Enter an e-mail address such as name@example.org"))
        return address


class FilesForm(forms.Form):
    """Files to add; each is checked when it is kept, and refused with a reason of its own."""

    upload = forms.FileField(label=gettext_lazy("Add photos"), required=False)


class SendForm(forms.Form):
    """Nothing but the button; carries what stands in the way of sending."""
