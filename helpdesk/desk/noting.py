"""From the valid form of a note to what the doors of the tickets take."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from channels_in.phone.parse import Note, parse_caller, parse_note
from helpdesk.agents.models import User
from helpdesk.citizens.models import Citizen, ContactKind
from helpdesk.desk.call_topics import choose_team, suggest_topic
from helpdesk.desk.callers import Chosen
from helpdesk.desk.forms.note import NONE, NoteForm
from helpdesk.desk.numbers import read_id
from helpdesk.files.store import put
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff
from helpdesk.lib.tokens import digest
from helpdesk.tickets.domain.call_notes import NotYourTeamError
from helpdesk.tickets.enums import Channel, Result
from helpdesk.tickets.inbound import Inbound, InboundFile, Person
from helpdesk.tickets.models import Category

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


def inbound_of(user: User, form: NoteForm, chosen: Chosen, topics: list[Category]) -> Inbound:
    """Return the Inbound of a valid form; scans are on disk before any transaction.

    Raises NotYourTeamError for somebody who may take in no requests.
    """
    given = form.cleaned_data
    topic = _topic(given, topics)
    wanted = read_id(given["team"])
    team_id = choose_team(user, result=Result(given["result"]), topic=topic, wanted=wanted)
    if chosen.ticket is not None:
        team_id = chosen.ticket.team_id
    if team_id is None:
        raise NotYourTeamError
    note = Note(
        channel=Channel(given["channel"]),
        caller=_person(given, chosen.citizen),
        text=_text(given, is_joining=chosen.ticket is not None),
        request_key=_request_key(user, given),
        received_at=form.received_at(),
        citizen_id=chosen.citizen.pk if chosen.citizen else None,
        ticket_id=chosen.ticket.pk if chosen.ticket else None,
        category_id=topic.pk if topic else None,
        place=given["place"],
        files=tuple(_store(file) for file in given["scans"]),
    )
    return parse_note(note, authority_id=user.authority_id, team_id=team_id, user_id=user.pk)


def _request_key(user: User, given: dict[str, Any]) -> str:
    """Name one saving of one note; another note under the same key is another one.

    Two windows of a browser share what is kept of an unsaved note, its key included.
    """
    parts = [given[name] for name in ("request_key", "who", "caller", "note")]
    return f"note:{user.pk}:{digest('|'.join(parts))}"[:80]


def _topic(given: dict[str, Any], topics: list[Category]) -> Category | None:
    if given["topic"] == NONE:
        return None
    if not given["topic"]:
        return suggest_topic(topics, given["note"])
    return next((one for one in topics if str(one.pk) == given["topic"]), None)


def _text(given: dict[str, Any], *, is_joining: bool) -> str:
    """Return the note; a place that its request can't take stays in the words."""
    if is_joining and given["place"]:
        return f"{given['note']}\n{gettext('Place')}: {given['place']}"
    return str(given["note"])


def _person(given: dict[str, Any], citizen: Citizen | None) -> Person:
    if citizen is None:
        typed = parse_caller(given["caller"])
        return replace(typed, phone=typed.phone or given["callback_phone"])
    points = citizen.contact_points.filter(kind=ContactKind.PHONE).order_by("pk")
    phone = given["callback_phone"] or next((point.value for point in points[:1]), "")
    return Person(name=citizen.name, phone=phone)


def _store(file: "UploadedFile[Any]") -> InboundFile:
    """Keep a scan durably before the transaction that speaks of it."""
    content, name = file.read(), clean_filename(file.name or "")
    kind = sniff(content, name=name, declared=file.content_type or "")
    stored = put(content, kind)
    return InboundFile(stored.pk, name, kind, stored.size)
