"""Turns what a citizen filled in and checked into the one form that tickets understand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from helpdesk.tickets.inbound import Inbound, InboundFile, Person

CHANNEL = "web"
LONGEST_SUBJECT = 90
_SENTENCE_ENDS = (". ", "! ", "? ", "\n")


@dataclass(frozen=True, slots=True)
class Submission:
    """A report as it was checked and sent; ``shown`` are questions and answers in words."""

    authority_id: int
    team_id: int
    text: str
    received_at: datetime
    request_key: str
    language: str
    person: Person
    category_id: int | None = None
    form_version_id: int | None = None
    answers: Mapping[str, object] = field(default_factory=dict)
    shown: tuple[tuple[str, str], ...] = ()
    place: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    files: tuple[InboundFile, ...] = ()
    subject: str = ""
    callback_phone: str = ""


def to_inbound(submission: Submission) -> Inbound:
    """Map a report to an Inbound; nothing in its words chooses a ticket or a right."""
    return Inbound(
        authority_id=submission.authority_id,
        team_id=submission.team_id,
        channel=CHANNEL,
        person=submission.person,
        subject=submission.subject or subject_of(submission.text),
        text=readable(submission.text, submission.shown),
        language=submission.language,
        received_at=submission.received_at,
        files=submission.files,
        category_id=submission.category_id,
        place=submission.place,
        latitude=submission.latitude,
        longitude=submission.longitude,
        form_version_id=submission.form_version_id,
        answers=submission.answers,
        request_key=submission.request_key,
        callback_phone=submission.callback_phone,
    )


def subject_of(text: str) -> str:
    """Return the first sentence, cut between words where it is long."""
    line = text.strip()
    ends = [at for end in _SENTENCE_ENDS if (at := line.find(end)) > 0]
    first = " ".join(line[: min(ends)].split()) if ends else " ".join(line.split()).rstrip(".")
    if len(first) <= LONGEST_SUBJECT:
        return first
    cut = first[:LONGEST_SUBJECT].rsplit(" ", 1)[0].rstrip(" ,;:-")
    return f"{cut} …"


def readable(text: str, shown: tuple[tuple[str, str], ...]) -> str:
    """Return the words a citizen wrote, followed by each question with its answer."""
    answers = "\n\n".join(f"{question}\n{answer}" for question, answer in shown)
    return f"{text.strip()}\n\n{answers}".strip()
