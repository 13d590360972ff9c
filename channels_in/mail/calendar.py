"""The little of an invitation (RFC 5545, RFC 5546) that a card shows: what, when, where."""

import re
from dataclasses import dataclass

_MAX_BYTES = 1_000_000
_FOLD = re.compile(r"\r?\n[ \t]")
# No semicolon inside a parameter: two ways to read one would take a time that doubles with each.
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[^:;\"]*|\"[^\"]*\")*):(.*)")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z?))?\Z")
_ZONE = re.compile(r";TZID=\"?([^;:\"]{1,80})", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True, slots=True)
class Card:
    """An event as its invitation says it; empty where it says nothing."""

    method: str
    summary: str
    start: str
    end: str
    location: str
    organizer: str

    def as_text(self) -> str:
        """Return the card as lines, for a mail that holds nothing else."""
        time = " \u2013 ".join(part for part in (self.start, self.end) if part)
        parts = (self.summary, time, self.location, self.organizer)
        return "\n".join(part for part in parts if part)


def read_card(text: str) -> Card | None:
    """Return the first event of an iCalendar text, or None if it holds no event."""
    method = ""
    fields: dict[str, tuple[str, str]] = {}
    inside = False
    for line in _FOLD.sub("", text[:_MAX_BYTES]).splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        name, value = match[1].upper(), match[3].strip()
        if name in ("BEGIN", "END"):
            if inside and name == "END" and value.upper() == "VEVENT":
                break
            inside = inside or value.upper() == "VEVENT"
        elif name == "METHOD":
            method = value.upper()
        elif inside:
            fields.setdefault(name, (match[2], value))
    return _card(method, fields) if inside else None


def find_method(text: str) -> str | None:
    """Return the method of an iCalendar text in capitals (REQUEST, REPLY, CANCEL), or None."""
    match = re.search(
        r"^METHOD(?:;[^:\n]{0,200})?:\s*([A-Za-z-]{1,40})", text, re.MULTILINE | re.IGNORECASE
    )
    return match[1].upper() if match else None


def _card(method: str, fields: dict[str, tuple[str, str]]) -> Card:
    def text(name: str) -> str:
        value = fields.get(name, ("", ""))[1]
        return _ESCAPE.sub(lambda match: " " if match[1] in "nN" else match[1], value).strip()

    organizer = text("ORGANIZER")
    return Card(
        method=method,
        summary=text("SUMMARY"),
        start=_moment(*fields.get("DTSTART", ("", ""))),
        end=_moment(*fields.get("DTEND", ("", ""))),
        location=text("LOCATION"),
        organizer=re.sub(r"(?i)^mailto:", "", organizer),
    )


def _moment(params: str, value: str) -> str:
    """Return a date or time as ``2026-11-03 10:00 (Europe/Berlin)``; unknown forms as they are."""
    match = _MOMENT.match(value)
    if match is None:
        return value
    year, month, day, hour, minute, utc = match.groups()
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    zone = _ZONE.search(params)
    name = "UTC" if utc else (zone[1] if zone else "")
    return f"{date} {hour}:{minute}" + (f" ({name})" if name else "")
