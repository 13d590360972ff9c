"""Turns a checked request of a program into the one form that tickets understand; no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.tickets.inbound import Inbound, InboundFile, Person

CHANNEL = "rest"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known beside the body: where it goes, who hands it in, which files came along."""

    authority_id: int
    team_id: int
    received_at: datetime
    handed_in_by: tuple[str, int | None]
    files: tuple[InboundFile, ...] = ()


def to_inbound(body: Mapping[str, Any], arrival: Arrival) -> Inbound:
    """Map a checked body to an Inbound. It grants nothing: rights were asked before."""
    return Inbound(
        authority_id=arrival.authority_id,
        team_id=arrival.team_id,
        channel=CHANNEL,
        person=to_person(body.get("person", {})),
        citizen_id=body.get("citizen"),
        subject=one_line(body["title"]),
        text=body["text"].replace("\r\n", "\n").strip("\n"),
        language=body.get("language", ""),
        received_at=arrival.received_at,
        category_id=body.get("category"),
        place=one_line(body.get("place", "")),
        latitude=body.get("latitude"),
        longitude=body.get("longitude"),
        form_version_id=body.get("form_version"),
        answers=body.get("answers", {}),
        files=arrival.files,
        handed_in_by=arrival.handed_in_by,
    )


def to_person(given: Mapping[str, str]) -> Person:
    """Return who is named in a checked body."""
    return Person(
        name=one_line(given.get("name", "")),
        email=given.get("email", "").strip(),
        phone=one_line(given.get("phone", "")),
        address=one_line(given.get("address", "")),
    )


def one_line(text: str) -> str:
    """Return a text without breaks and further blanks."""
    return " ".join(text.split())
