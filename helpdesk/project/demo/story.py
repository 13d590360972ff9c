"""The story of Musterstadt as data: who asked what and when, and what was done about it.

The files below story/requests/ hold one team's requests each. A moment is either working
days before today and a time of day ("6 09:12"), or today and minutes before now
("0 25"); that keeps the town as old on the day it is shown as on the day it was written.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any

from helpdesk.tickets.enums import Channel

FOLDER = Path(__file__).parent / "story"
_MOMENT = re.compile(r"(?P<days>\d+) (?:(?P<hour>\d\d):(?P<minute>\d\d)|(?P<ago>\d+))")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a request; ``do`` names the door it goes through.

    take, answer, note, reply (by the citizen), status, priority. ``then`` is the
    status that an answer leaves behind, ``wait`` the working days that it waits.
    """

    at: str
    do: str
    by: str = ""
    text: str = ""
    then: str = ""
    outcome: str = ""
    value: str = ""
    wait: int = 0


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """How one request began; ``by`` is who took a call, ``outcome`` ends it at once."""

    at: str
    text: str
    team: str
    channel: str = Channel.MAIL
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    subject: str = ""
    topic: str = ""
    place: str = ""
    spot: tuple[Decimal, ...] = ()
    language: str = "de"
    by: str = ""
    outcome: str = ""
    files: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def latitude(self) -> Decimal | None:
        """Return where it lies, if the device of whoever reported it knew."""
        return self.spot[0] if self.spot else None

    @property
    def longitude(self) -> Decimal | None:
        """Return the other half of that."""
        return self.spot[1] if self.spot else None


@cache
def requests() -> tuple[DemoRequest, ...]:
    """Return all requests of the town, team by team."""
    return tuple(
        _request(path.stem, row)
        for path in sorted((FOLDER / "requests").glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["request"]
    )


def _request(team: str, row: dict[str, Any]) -> DemoRequest:
    values = dict(row)
    name, email = parseaddr(values.pop("from", ""))
    steps = tuple(_step(step) for step in values.pop("step", ()))
    return DemoRequest(
        team=team,
        # A caller or a visitor has a name alone, which looks like an address to a parser.
        name=name or row.get("from", ""),
        email=email if name else "",
        text=values.pop("text").strip(),
        files=tuple(values.pop("files", ())),
        spot=tuple(Decimal(each) for each in values.pop("spot", ())),
        steps=steps,
        **values,
    )


def _step(row: dict[str, Any]) -> Step:
    return Step(**{**row, "text": row.get("text", "").strip()})


def moment(written: str, now: datetime) -> datetime:
    """Return when that was, in the time zone of ``now``."""
    found = _MOMENT.fullmatch(written)
    if found is None:
        raise ValueError(f"no moment of the story: {written!r}")
    if found["ago"]:
        return now - timedelta(minutes=int(found["ago"]))
    day = working_day(now, -int(found["days"]))
    return day.replace(hour=int(found["hour"]), minute=int(found["minute"]))


def working_day(now: datetime, days: int) -> datetime:
    """Return the midnight that lies so many working days after today, or before if negative."""
    day, step = now.date(), 1 if days > 0 else -1
    for _ in range(abs(days)):
        day += timedelta(days=step)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=step)
    return datetime.combine(day, time(), now.tzinfo)


def written_texts(request: DemoRequest) -> Iterator[str]:
    """Yield everything that somebody wrote in a request."""
    yield request.text
    for step in request.steps:
        if step.text:
            yield step.text
