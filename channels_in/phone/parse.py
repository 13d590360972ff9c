"""Turns the cleaned form of a note into an Inbound; writes nothing."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk.tickets.enums import ArticleKind, Channel
from helpdesk.tickets.inbound import Inbound, InboundFile, Person

TITLE_LENGTH = 250
# A number at the end of a name, as one types it: "Meyer 0171 5550132".
_TRAILING_NUMBER = re.compile(
    r"(?P<name>.*?[^\W\d_].*?)[\s,:;]+(?P<phone>[+(]?\d[\d\s()/.-]{4,})\Z"
)
_FEWEST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent noted, checked by the form.

    ``citizen_id`` is somebody known who was chosen, ``ticket_id`` a request that the note
    joins; ``caller`` is what was typed when it is somebody new.
    """

    channel: Channel
    caller: Person
    text: str
    request_key: str
    received_at: datetime
    citizen_id: int | None = None
    ticket_id: int | None = None
    category_id: int | None = None
    place: str = ""
    files: tuple[InboundFile, ...] = field(default_factory=tuple)


def parse_note(note: Note, *, authority_id: int, team_id: int, user_id: int) -> Inbound:
    """Return the Inbound of a note that ``user_id`` took for a team."""
    title, text = split_title(note.text)
    return Inbound(
        authority_id=authority_id,
        team_id=team_id,
        channel=note.channel,
        person=note.caller,
        subject=title,
        text=text,
        received_at=note.received_at,
        files=note.files,
        category_id=note.category_id,
        place=note.place,
        kind=ArticleKind.PHONE_NOTE,
        ticket_id=note.ticket_id,
        citizen_id=note.citizen_id,
        by_user_id=user_id,
        request_key=note.request_key,
    )


def split_title(text: str) -> tuple[str, str]:
    """Return the first line as the title, and the whole text, which stays as it was typed."""
    whole = text.replace("\r\n", "\n").strip()
    first = whole.partition("\n")[0].strip()
    return first[:TITLE_LENGTH], whole


def parse_caller(typed: str) -> Person:
    """Read "Meyer, 0171 5550132, Lindenstraße 14" into its parts; every one may be missing."""
    person = Person()
    for part in (part.strip() for part in re.split(r"[,;\n]", typed)):
        if part:
            person = _add(person, part)
    return person


def _add(person: Person, part: str) -> Person:
    ending = _TRAILING_NUMBER.match(part)
    if ending and not person.phone and not _is_address(part):
        return _add(replace(person, phone=ending["phone"].strip()), ending["name"])
    if _is_mail(part) and not person.email:
        return replace(person, email=part)
    if _is_phone(part) and not person.phone:
        return replace(person, phone=part)
    if not person.name and not _is_address(part):
        return replace(person, name=part)
    return replace(person, address=", ".join(filter(None, [person.address, part])))


def _is_mail(part: str) -> bool:
    local, at, domain = part.partition("@")
    return bool(local and at and "." in domain and " " not in part)


def _is_phone(part: str) -> bool:
    digits = sum(sign.isdigit() for sign in part)
    return digits >= _FEWEST_DIGITS and not any(sign.isalpha() for sign in part)


def _is_address(part: str) -> bool:
    """A street has its number at the end, a town its code in front: few digits among letters."""
    digits = sum(sign.isdigit() for sign in part)
    return 0 < digits <= _FEWEST_DIGITS and any(sign.isalpha() for sign in part)
