"""The form of a note: a call, a visit at the counter, a letter, or what staff open themselves."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Team
from helpdesk.files.locks import is_denied
from helpdesk.lib.filenames import clean_filename
from helpdesk.lib.filetypes import sniff_upload
from helpdesk.tickets.domain.call_notes import Decision
from helpdesk.tickets.enums import Channel, Outcome, Result
from helpdesk.tickets.models import Category

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

CHANNELS = (Channel.PHONE, Channel.COUNTER, Channel.LETTER, Channel.DESK)
OUTCOMES = (Outcome.ANSWERED, Outcome.FIXED, Outcome.DECLINED, Outcome.NOT_RESPONSIBLE)
MAX_FILES = 10
MAX_FILE_SIZE = 25 * 1024 * 1024
# All of them with what a form has around them fit into one request (project.bounds).
MAX_ALL = 50 * 1024 * 1024
MAX_NOTE = 20_000
MAX_DAYS = 366
OPENING = time(9, 0)
# The topic stays to be suggested from the note.
SUGGESTED, NONE = "", "0"


class ManyFiles(forms.FileField):
    """Several files of one field."""

    widget = forms.ClearableFileInput

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[Any]"]:  # noqa: ANN401 - as Django hands it over
        """Return the files; refuse too many and too large ones by name."""
        given = data if isinstance(data, list | tuple) else [data]
        files = [file for file in given if file]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(
                gettext("At most %(count)d files at once.") % {"count": MAX_FILES}
            )
        for file in files:
            refusal = _why_refused(file)
            if refusal:
                raise forms.ValidationError(refusal)
            super().clean(file, initial)
        if sum(file.size or 0 for file in files) > MAX_ALL:
            raise forms.ValidationError(
                gettext("Together these files are too large: 50 MB at once. Add the rest later.")
            )
        return files


def _why_refused(file: "UploadedFile[Any]") -> str:
    name = clean_filename(file.name or "")
    if (file.size or 0) > MAX_FILE_SIZE:
        return gettext("“%(name)s” is too large. A file may have 25 MB.") % {"name": name}
    if is_denied(name, sniff_upload(file, name)):
        return gettext("“%(name)s” is not taken: files of this kind may be harmful.") % {
            "name": name
        }
    return ""


class NoteForm(forms.Form):
    """What an agent notes; who it was is chosen beside it and read by the view."""

    channel = forms.ChoiceField(choices=[(one.value, one.label) for one in CHANNELS])
    caller = forms.CharField(required=False, max_length=200, strip=True)
    who = forms.CharField(required=False, max_length=40)
    note = forms.CharField(
        max_length=MAX_NOTE,
        error_messages={"required": _("Write down what it is about.")},
    )
    topic = forms.ChoiceField(required=False)
    place = forms.CharField(required=False, max_length=250)
    result = forms.ChoiceField(choices=Result.choices)
    outcome = forms.ChoiceField(
        required=False, choices=[(one.value, one.label) for one in OUTCOMES]
    )
    team = forms.ChoiceField(required=False)
    callback_on = forms.DateField(
        required=False, error_messages={"invalid": _("Choose a day from the calendar.")}
    )
    callback_at = forms.TimeField(
        required=False, error_messages={"invalid": _("Write a time such as 09:30.")}
    )
    callback_phone = forms.CharField(required=False, max_length=40)
    received_on = forms.DateField(
        required=False, error_messages={"invalid": _("Choose a day from the calendar.")}
    )
    scans = ManyFiles(required=False)
    request_key = forms.CharField(max_length=64)

    def __init__(
        self, *args: Any, topics: Iterable[Category], teams: Iterable[Team], **kwargs: Any
    ) -> None:
        """Offer the topics and teams of the authority."""
        super().__init__(*args, **kwargs)
        offered = [(str(topic.pk), topic.name) for topic in topics]
        self._offer("topic", [(SUGGESTED, ""), (NONE, ""), *offered])
        self._offer("team", [("", ""), *((str(team.pk), team.name) for team in teams)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_received_on(self) -> date | None:
        """Refuse a letter from the future, and a slip of the finger in the year."""
        day: date | None = self.cleaned_data["received_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(gettext("This day is still to come."))
        if day and day < timezone.localdate() - timedelta(days=MAX_DAYS):
            raise forms.ValidationError(gettext("This is more than a year ago."))
        return day

    def clean(self) -> dict[str, Any]:
        """Demand of a call back its day to come and its number."""
        given = super().clean() or {}
        if given.get("result") == Result.CALLBACK:
            self._check_callback(given)
        return given

    def _check_callback(self, given: dict[str, Any]) -> None:
        day = given.get("callback_on")
        if not given.get("callback_phone"):
            self.add_error("callback_phone", gettext("Which number is to be called?"))
        if "callback_on" in self.errors or "callback_at" in self.errors:
            return
        if not day:
            self.add_error("callback_on", gettext("On which day do you call back?"))
        elif self.callback_until() <= timezone.now():
            self.add_error("callback_on", gettext("This moment is over. Choose a later one."))
        elif day > timezone.localdate() + timedelta(days=MAX_DAYS):
            self.add_error("callback_on", gettext("This is more than a year away."))

    def callback_until(self) -> datetime:
        """Return the moment at which the request comes back by itself."""
        given = self.cleaned_data
        moment = datetime.combine(given["callback_on"], given.get("callback_at") or OPENING)
        return timezone.make_aware(moment)

    def decision(self) -> Decision:
        """Return what becomes of the request; only for a valid form."""
        given = self.cleaned_data
        result = Result(given["result"])
        return Decision(
            result=result,
            outcome=(given["outcome"] or Outcome.ANSWERED) if result is Result.DONE else "",
            until=self.callback_until() if result is Result.CALLBACK else None,
            phone=given["callback_phone"] if result is Result.CALLBACK else "",
        )

    def received_at(self) -> datetime:
        """Return when it came: a letter at the opening of its day, all else now."""
        given, now = self.cleaned_data, timezone.now()
        if given["channel"] != Channel.LETTER or not given["received_on"]:
            return now
        opened = timezone.make_aware(datetime.combine(given["received_on"], OPENING))
        return min(opened, now)
