"""The form of working hours, closing days and promises, and how its texts are read and written."""

import re
from datetime import date
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.domain.calendars import CalendarDetails
from helpdesk.agents.models import Calendar
from helpdesk.desk.forms.authority import time_zones
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.sla.domain.agreements import MINUTES, Promise
from helpdesk.sla.models import Agreement

DAYS = range(7)
LAENDER = (
    ("BW", _("Baden-Württemberg")),
    ("BY", _("Bavaria")),
    ("BE", _("Berlin")),
    ("BB", _("Brandenburg")),
    ("HB", _("Bremen")),
    ("HH", _("Hamburg")),
    ("HE", _("Hesse")),
    ("MV", _("Mecklenburg-Western Pomerania")),
    ("NI", _("Lower Saxony")),
    ("NW", _("North Rhine-Westphalia")),
    ("RP", _("Rhineland-Palatinate")),
    ("SL", _("Saarland")),
    ("SN", _("Saxony")),
    ("ST", _("Saxony-Anhalt")),
    ("SH", _("Schleswig-Holstein")),
    ("TH", _("Thuringia")),
)
UNITS = (("hours", _("working hours")), ("days", _("working days")))
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|bis|to)\s*(\d{1,2})(?:[:.](\d{2}))?")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2})")
MAX_SPANS = 6


def read_spans(text: str) -> list[list[str]]:
    """Read "8-12, 13:30-18" into spans; raises ValueError for anything else."""
    spans = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if not found:
            raise ValueError(part)
        opens, closes = (_clock(found[at], found[at + 1]) for at in (1, 3))
        if opens >= closes:
            raise ValueError(part)
        spans.append([opens, closes])
    if len(spans) > MAX_SPANS or any(a[1] > b[0] for a, b in pairwise(spans)):
        raise ValueError(text)
    return spans


def _clock(hours: str, minutes: str | None) -> str:
    hour, minute = int(hours), int(minutes or 0)
    if minute > 59 or hour * MINUTES + minute > 24 * MINUTES:
        raise ValueError(hours)
    return f"{hour:02d}:{minute:02d}"


def read_days(text: str) -> list[dict[str, str]]:
    """Read lines of a day and its name, in order; raises ValueError with the line that fails."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        day = _DAY.match(line)
        if not day:
            raise ValueError(line)
        year, month, number = (day[3], day[2], day[1]) if day[3] else (day[4], day[5], day[6])
        try:
            moment = date(int(year), int(month), int(number))
        except ValueError as error:
            raise ValueError(line) from error
        found[moment.isoformat()] = line[day.end() :].strip(" ,:;–-")[:80]
    return [{"date": day, "name": found[day]} for day in sorted(found)]


def write_days(days: list[Any]) -> str:
    """Write stored closing days as the form shows them."""
    known = [day if isinstance(day, dict) else {"date": day, "name": ""} for day in days]
    return "\n".join(
        f"{date.fromisoformat(day['date']):%d.%m.%Y} {day['name']}".strip() for day in known
    )


class DeadlinesForm(SettingsForm):
    """Hours per weekday, closing days, and what is promised."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    subdivision = forms.ChoiceField(
        label=_("Public holidays of"),
        required=False,
        choices=[("", _("the whole country only")), *LAENDER],
    )
    extra_holidays = forms.CharField(
        label=_("Further days on which nobody works"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One line each, with a name: 24.12.2026 Christmas Eve"),
    )
    first_answer = forms.IntegerField(label=_("First answer within"), required=False, min_value=1)
    first_answer_unit = forms.ChoiceField(label=_("Unit"), choices=UNITS)
    solution = forms.IntegerField(label=_("Solution within"), required=False, min_value=1)
    solution_unit = forms.ChoiceField(label=_("Unit"), choices=UNITS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add one field of hours for each weekday."""
        super().__init__(*args, **kwargs)
        self._keep_part(str(self.initial.get("subdivision", "")))
        for day in DAYS:
            self.fields[f"hours_{day}"] = forms.CharField(
                label=WEEKDAYS[day], required=False, max_length=80
            )

    def _keep_part(self, kept: str) -> None:
        """Offer the part of another country that a calendar has already."""
        field = self.fields["subdivision"]
        if kept and kept not in dict(LAENDER) and isinstance(field, forms.ChoiceField):
            field.choices = [("", _("the whole country only")), *LAENDER, (kept, kept)]

    def clean_extra_holidays(self) -> list[dict[str, str]]:
        """Read the days, or name the line that can't be read."""
        try:
            return read_days(self.cleaned_data["extra_holidays"])
        except ValueError as error:
            words = gettext("This line does not begin with a day such as 24.12.2026: %(line)s")
            raise forms.ValidationError(words % {"line": error}) from error

    def clean(self) -> dict[str, Any]:
        """Read the hours of each day, and name every day whose hours can't be read."""
        given = super().clean() or {}
        for day in DAYS:
            name = f"hours_{day}"
            try:
                given[name] = read_spans(given.get(name, ""))
            except ValueError:
                words = gettext("%(day)s: write hours such as 08:00-12:00, 13:00-16:00.")
                self.add_error(name, words % {"day": WEEKDAYS[day]})
        return given

    def calendar_details(self) -> CalendarDetails:
        """Return the calendar as typed; only for a valid form."""
        given = self.cleaned_data
        return CalendarDetails(
            time_zone=given["time_zone"],
            subdivision=given["subdivision"],
            hours={str(day): given[f"hours_{day}"] for day in DAYS if given[f"hours_{day}"]},
            extra_holidays=given["extra_holidays"],
        )

    def promise(self, name: str) -> Promise:
        """Return one promise as typed."""
        given = self.cleaned_data
        return Promise(given[name], in_days=given[f"{name}_unit"] == "days")


def initial_of(calendar: Calendar, agreement: Agreement | None) -> dict[str, Any]:
    """Return the stored settings as the form shows them."""
    hours = {
        f"hours_{day}": ", ".join("-".join(span) for span in calendar.hours.get(str(day), []))
        for day in DAYS
    }
    return {
        "time_zone": calendar.time_zone,
        "subdivision": calendar.subdivision,
        "extra_holidays": write_days(calendar.extra_holidays),
        **hours,
        **_promise_of(agreement, "first_answer"),
        **_promise_of(agreement, "solution"),
    }


def _promise_of(agreement: Agreement | None, name: str) -> dict[str, Any]:
    if agreement is None:
        return {name: None, f"{name}_unit": "days"}
    days, minutes = getattr(agreement, f"{name}_days"), getattr(agreement, f"{name}_minutes")
    if days is not None:
        return {name: days, f"{name}_unit": "days"}
    hours = None if minutes is None else -(-minutes // MINUTES)
    return {name: hours, f"{name}_unit": "hours"}
