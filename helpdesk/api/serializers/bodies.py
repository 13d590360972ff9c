"""The shapes of what comes in."""

from rest_framework import serializers

from helpdesk.api.serializers.base import Coordinate, Id, Members, Strict, Text
from helpdesk.api.serializers.shapes import PRIORITIES
from helpdesk.citizens.models import ContactKind
from helpdesk.outbox.headers import InvalidAddressError, clean_address
from helpdesk.tickets.domain.addressees import MAX_COPIES
from helpdesk.tickets.enums import Channel, Outcome, Result, Status

LONGEST_TEXT = 100_000
MOST_FILES = 20
MOST_CONTACTS = 20
NOTED = (Channel.PHONE.value, Channel.COUNTER.value, Channel.LETTER.value)


class PersonBody(Strict):
    """Who asks; every member may be left out.

    A mail address leads to the citizen it belongs to if you can read them; anybody else is new.
    """

    name = Text(max_length=160, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = Text(max_length=40, required=False, allow_blank=True)
    address = Text(max_length=320, required=False, allow_blank=True)


def _uploads() -> serializers.ListField:
    return serializers.ListField(
        child=Text(max_length=40),
        required=False,
        max_length=MOST_FILES,
        help_text="Names of files sent to /uploads before.",
    )


def _demand_address(value: str) -> None:
    """Ask what will send it, so that what is wrong is told of the very member it stands in."""
    try:
        clean_address(value)
    except InvalidAddressError as error:
        raise serializers.ValidationError("This is no address that mail can go to.") from error


def _copies(words: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.EmailField(max_length=254, validators=[_demand_address]),
        required=False,
        max_length=MAX_COPIES,
        help_text=words,
    )


class NewTicketBody(Strict):
    """A request that is handed in for a citizen."""

    title = Text(max_length=250)
    text = Text(max_length=LONGEST_TEXT)
    team = Id(required=False, help_text="Needed unless the category leads to a team.")
    category = Id(required=False)
    citizen = Id(required=False, help_text="Somebody you can read; or give `person`.")
    person = PersonBody(required=False)
    language = Text(max_length=10, required=False, default="de")
    place = Text(max_length=250, required=False, allow_blank=True)
    latitude = Coordinate(bound=90, required=False)
    longitude = Coordinate(bound=180, required=False)
    form_version = Id(required=False)
    answers = Members(required=False)
    uploads = _uploads()


class NewNoteBody(Strict):
    """What somebody said or wrote on paper; only staff sees it. Its first line is the title.

    `ticket` adds it to one; else a new one is opened with `team` or `category`, for `citizen` or
    `person`.
    """

    channel = serializers.ChoiceField(choices=list(NOTED))
    text = Text(max_length=LONGEST_TEXT)
    ticket = Id(required=False)
    team = Id(required=False, help_text="Of a new ticket, unless the category leads to a team.")
    category = Id(required=False)
    citizen = Id(required=False, help_text="Somebody you can read; or give `person`.")
    person = PersonBody(required=False)
    place = Text(max_length=250, required=False, allow_blank=True)
    received_at = serializers.DateTimeField(
        required=False, help_text="When it came, as a letter days ago; now without it."
    )
    result = serializers.ChoiceField(choices=Result.choices, default=Result.OPEN, required=False)
    outcome = serializers.ChoiceField(
        choices=Outcome.choices, required=False, help_text="Of `done`; answered without it."
    )
    callback_at = serializers.DateTimeField(required=False, help_text="Demanded by `callback`.")
    callback_phone = Text(max_length=40, required=False, help_text="Demanded by `callback`.")
    uploads = _uploads()


class TicketChangeBody(Strict):
    """What is to be different; what is left out stays."""

    title = Text(max_length=250, required=False)
    category = Id(required=False, allow_null=True)
    priority = serializers.ChoiceField(choices=list(PRIORITIES), required=False)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    outcome = serializers.ChoiceField(
        choices=Outcome.choices, required=False, help_text="Demanded by resolved and closed."
    )
    waiting_until = serializers.DateTimeField(required=False, help_text="Demanded by waiting_date.")
    team = Id(required=False)
    owner = Id(required=False, allow_null=True)


class NewArticleBody(Strict):
    """An answer, which leaves as a mail, or an internal note, which only staff ever sees."""

    kind = serializers.ChoiceField(choices=["answer", "note"])
    text = Text(max_length=LONGEST_TEXT)
    uploads = _uploads()
    status = serializers.ChoiceField(
        choices=Status.choices, required=False, help_text="Of the ticket after an answer."
    )
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)
    waiting_until = serializers.DateTimeField(required=False)
    cc = _copies("Who gets a copy of an answer, seen by all.")
    bcc = _copies("Who gets a copy of an answer, seen by nobody.")


class ContactBody(Strict):
    """One way to reach somebody."""

    kind = serializers.ChoiceField(choices=ContactKind.choices)
    value = Text(max_length=320)


def _check_contacts(contacts: list[dict[str, str]]) -> None:
    checker = serializers.EmailField(max_length=254)
    for index, contact in enumerate(contacts):
        if contact["kind"] == ContactKind.MAIL:
            try:
                checker.run_validation(contact["value"])
            except serializers.ValidationError as error:
                raise serializers.ValidationError(
                    {"contacts": {str(index): {"value": error.detail}}}
                ) from error


class NewCitizenBody(Strict):
    """Somebody who has not asked anything yet."""

    name = Text(max_length=160)
    language = Text(max_length=10, required=False, default="de")
    contacts = serializers.ListField(child=ContactBody(), required=False, max_length=MOST_CONTACTS)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Check the mail addresses."""
        _check_contacts(attrs.get("contacts", []))  # type: ignore[arg-type]  # checked above
        return attrs


class CitizenChangeBody(Strict):
    """What is to be different; `contacts` replaces the whole list."""

    name = Text(max_length=160, required=False)
    language = Text(max_length=10, required=False)
    contacts = serializers.ListField(child=ContactBody(), required=False, max_length=MOST_CONTACTS)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Check the mail addresses."""
        _check_contacts(attrs.get("contacts", []))  # type: ignore[arg-type]  # checked above
        return attrs


class UploadBody(serializers.Serializer[object]):
    """One file."""

    file = serializers.FileField()
