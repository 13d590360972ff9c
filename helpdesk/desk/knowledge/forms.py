"""The forms of the editor: the words by language, and what else is known about an answer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Team, User
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.desk.forms.topics import key_or_none, offer
from helpdesk.desk.numbers import read_id
from helpdesk.tickets.models import Category
from knowledgebase.body import MAX_BODY, clean_body, pictures_in, show_body
from knowledgebase.domain.write import TextDraft
from knowledgebase.enums import KnowledgeLanguage, Visibility
from knowledgebase.marks import from_marks, to_marks
from knowledgebase.models import (
    FACT_LENGTH,
    NOTE_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Answer,
    AnswerText,
)
from knowledgebase.outside import wrong_addresses

MARKS, HTML = "marks", "html"


def _text(label: Any, length: int, **more: Any) -> forms.CharField:  # noqa: ANN401 - lazy words
    return forms.CharField(label=label, max_length=length, required=False, **more)


def _area(label: Any, rows: int, **more: Any) -> forms.CharField:  # noqa: ANN401 - lazy words
    return forms.CharField(
        label=label, required=False, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


def _body(label: Any) -> forms.CharField:  # noqa: ANN401 - lazy words
    area = forms.Textarea(attrs={"rows": 16, "data-rich": True, "spellcheck": "true"})
    return forms.CharField(
        label=label, max_length=MAX_BODY, required=False, strip=False, widget=area
    )


def _fields_of(language: str) -> dict[str, forms.Field]:
    return {
        f"title_{language}": _text(_("Title"), TITLE_LENGTH),
        f"summary_{language}": _text(
            _("In short"), SUMMARY_LENGTH, widget=forms.Textarea(attrs={"rows": 2})
        ),
        f"body_{language}": _body(_("Text")),
        f"cost_{language}": _text(_("Cost"), FACT_LENGTH),
        f"duration_{language}": _text(_("Time it takes"), FACT_LENGTH),
        f"documents_{language}": _area(
            _("What you need"), 3, max_length=2000, help_text=_("One line each.")
        ),
        f"online_label_{language}": _text(_("Words of the button"), 120),
        f"online_url_{language}": _text(
            _("Address of the online service"), 500, help_text=_("It begins with https://")
        ),
        **(_video_fields(language) if language == KnowledgeLanguage.GERMAN else {}),
    }


def _video_fields(language: str) -> dict[str, forms.Field]:
    """Return what German has alone: German Sign Language."""
    return {
        f"video_url_{language}": _text(
            _("Video in sign language"),
            500,
            help_text=_(
                "That of a file below (/w/datei/…/; MP4, WebM) is played within the page. One that"
                " begins with https:// opens on the other site; nothing of it becomes part of ours."
            ),
        ),
        f"video_length_{language}": _text(
            _("Length of the video"), 40, help_text=_("For example: 2:30 minutes")
        ),
        f"video_words_url_{language}": _text(
            _("Words of the video"),
            500,
            help_text=_(
                "Where they stand, if anywhere but here. A .vtt file is shown as captions."
            ),
        ),
    }


@dataclass(frozen=True, slots=True)
class LanguagePart:
    """The fields of one language, and whether anything is written in it."""

    code: str
    label: str
    is_written: bool
    title: BoundField
    summary: BoundField
    body: BoundField
    html: str
    facts: list[BoundField]
    changes: int = 0


class CopyForm(SettingsForm):
    """The working copy: every language, and the block that only staff sees.

    Bodies come as marked text, or as HTML where the script says so in ``format``.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput)
    format = forms.CharField(required=False, initial=MARKS, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        languages: Sequence[str] = tuple(KnowledgeLanguage.values),
        has_internal: bool = True,
        **kwargs: Any,
    ) -> None:
        """Add the fields of each language, and the internal block."""
        super().__init__(*args, **kwargs)
        self.languages = languages
        for language in languages:
            for name, field in _fields_of(language).items():
                field.widget.attrs["lang"] = language
                self.fields[name] = field
        if has_internal:
            self.fields["internal"] = _body(_("Internal, for staff only"))

    def clean(self) -> dict[str, Any]:
        """Refuse an address that is none of the web."""
        given = super().clean() or self.cleaned_data
        for language in self.languages:
            values = {name: given.get(f"{name}_{language}", "") for name in PLAIN_FIELDS}
            for name, sentence in wrong_addresses(values).items():
                self.add_error(f"{name}_{language}", sentence)
        return given

    def html_of(self, name: str) -> str:
        """Return what stands in one of the rich fields as HTML, however it was written."""
        typed = str(self[name].value() or "")
        is_html = self["format"].value() == HTML
        return clean_body(typed if is_html else from_marks(typed))

    @property
    def texts(self) -> dict[str, TextDraft]:
        """Return the words by language, as the door takes them."""
        given = self.cleaned_data
        return {
            language: TextDraft(
                body=self.html_of(f"body_{language}"),
                **{
                    name: given[f"{name}_{language}"].replace("\r\n", "\n")
                    for name in PLAIN_FIELDS
                    if f"{name}_{language}" in given
                },
            )
            for language in self.languages
        }

    @property
    def internal_html(self) -> str:
        """Return the internal block as HTML."""
        return self.html_of("internal")

    def parts(self, address: Any) -> Iterator[LanguagePart]:  # noqa: ANN401 - file key → address
        """Yield the languages, each with its body as the rich editor shows it."""
        for language in self.languages:
            there = [name for name in PLAIN_FIELDS if f"{name}_{language}" in self.fields]
            named = {name: self[f"{name}_{language}"] for name in there}
            body = self[f"body_{language}"]
            html = shown_html(self.html_of(f"body_{language}"), address)
            yield LanguagePart(
                code=language,
                label=str(KnowledgeLanguage(language).label),
                is_written=any(field.value() for field in (*named.values(), body)),
                title=named["title"],
                summary=named["summary"],
                body=body,
                html=html,
                facts=[named[name] for name in there[2:]],
            )

    def as_marks(self) -> None:
        """Turn what came as HTML into marked text, so that the page works without scripts."""
        if not self.is_bound or self["format"].value() != HTML:
            return
        data = dict(self.data.items())
        for name in [*(f"body_{code}" for code in self.languages), "internal"]:
            data[name] = to_marks(clean_body(str(data.get(name, ""))))
        data["format"] = MARKS
        self.data = data


PLAIN_FIELDS = (
    "title",
    "summary",
    "cost",
    "duration",
    "documents",
    "online_label",
    "online_url",
    "video_url",
    "video_length",
    "video_words_url",
)


def shown_html(html: str, address: Any) -> str:  # noqa: ANN401 - file key → address
    """Return a body with its pictures, as the rich editor shows it."""
    pictures = {str(key): (address(key), "") for key in pictures_in(html)}
    return show_body(html, pictures).html


def initial_of(answer: Answer, texts: Iterable[AnswerText]) -> dict[str, Any]:
    """Return what the form of an answer begins with."""
    found: dict[str, Any] = {
        "revision": answer.revision,
        "format": MARKS,
        "internal": to_marks(answer.internal),
    }
    for text in texts:
        for name in PLAIN_FIELDS:
            found[f"{name}_{text.language}"] = getattr(text, name)
        found[f"body_{text.language}"] = to_marks(text.body)
    return found


class KeysField(forms.Field):
    """Keys of answers in the order in which they were chosen."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Sequence[str] | None) -> tuple[int, ...]:
        """Read the keys; each counts once."""
        keys = [read_id(one) for one in value or ()]
        if None in keys:
            raise forms.ValidationError(_("One of these answers does not exist."))
        return tuple(key for key in dict.fromkeys(keys) if key is not None)


class DetailsForm(SettingsForm):
    """What holds at once: section, readers, who is responsible."""

    section = forms.TypedChoiceField(label=_("Section"), coerce=int)
    visibility = forms.ChoiceField(
        label=_("Who may read it"),
        choices=Visibility.choices,
        help_text=_("Citizens sign in to an account of the portal, where the town offers them."),
    )
    team = forms.TypedChoiceField(
        label=_("Team"), required=False, coerce=key_or_none, empty_value=None
    )
    owner = forms.TypedChoiceField(
        label=_("Responsible"), required=False, coerce=key_or_none, empty_value=None
    )
    category = forms.TypedChoiceField(
        label=_("Topic of the report form"), required=False, coerce=key_or_none, empty_value=None
    )
    review_on = forms.DateField(
        label=_("Review on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    related = KeysField(
        label=_("Related answers"),
        required=False,
        help_text=_("Type words of an answer, or its number. Five at most."),
    )

    def __init__(
        self,
        *args: Any,
        sections: Iterable[tuple[int, str]],
        teams: Iterable[Team],
        people: Iterable[User],
        topics: Iterable[Category],
        **kwargs: Any,
    ) -> None:
        """Offer what the authority has."""
        super().__init__(*args, **kwargs)
        offer(self, "section", list(sections))
        none = ("", "–")
        offer(self, "team", [none, *((team.pk, team.name) for team in teams)])
        offer(self, "owner", [none, *((user.pk, user.name) for user in people)])
        offer(self, "category", [none, *((topic.pk, _topic_name(topic)) for topic in topics)])


def _topic_name(topic: Category) -> str:
    return f"{topic.parent.name} \N{EN DASH} {topic.name}" if topic.parent else topic.name


class NewAnswerForm(SettingsForm):
    """The beginning of an answer; the rest is written in the editor."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    section = forms.TypedChoiceField(label=_("Section"), coerce=int)

    def __init__(self, *args: Any, sections: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        """Offer the sections."""
        super().__init__(*args, **kwargs)
        offer(self, "section", list(sections))


class SectionForm(SettingsForm):
    """A section of the tree."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    summary = forms.CharField(
        label=_("In one sentence"),
        max_length=200,
        required=False,
        help_text=_("Citizens read it below the name."),
    )
    parent = forms.TypedChoiceField(
        label=_("Below"), required=False, coerce=key_or_none, empty_value=None
    )
    needs_review = forms.BooleanField(
        label=_("Two people for each publishing"),
        required=False,
        help_text=_("Whoever wrote an answer here or below can't approve it."),
    )

    def __init__(self, *args: Any, sections: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        """Offer the sections it may lie in."""
        super().__init__(*args, **kwargs)
        offer(self, "parent", [("", _("(first level)")), *sections])


class FileForm(SettingsForm):
    """A file to be added; a picture is described or decorative."""

    file = forms.FileField(label=_("File"))
    alt = forms.CharField(
        label=_("What the picture shows"),
        max_length=300,
        required=False,
        help_text=_("For pictures: read aloud to those who can't see it."),
    )
    is_decorative = forms.BooleanField(label=_("The picture only decorates"), required=False)


class ArchiveForm(SettingsForm):
    """Taking an answer away, with the one that replaces it."""

    related = KeysField(
        label=_("The answer that replaces it"),
        required=False,
        help_text=_(
            "Type words of it. Readers of the old address are led there. "
            "Without one they read that it is gone."
        ),
    )

    def clean_related(self) -> tuple[int, ...]:
        """Take one at most."""
        keys: tuple[int, ...] = self.cleaned_data["related"]
        if len(keys) > 1:
            raise forms.ValidationError(_("Choose one answer."))
        return keys


class StepForm(SettingsForm):
    """What belongs to a step on the way to the readers; which, says the button."""

    note = forms.CharField(
        label=_("What has changed, and why"),
        max_length=NOTE_LENGTH,
        required=False,
        help_text=_("It stands beside the version, for staff."),
    )
    at = forms.DateTimeField(
        label=_("Publish on"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(
        label=_("What should be changed"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    # The state of the draft that was read before it is approved.
    seen = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Demand what the step that was chosen needs."""
        given = super().clean() or self.cleaned_data
        step = self.data.get("do")
        if step == "schedule" and not given.get("at") and not self.errors:
            self.add_error("at", _("Choose day and time."))
        if step == "return" and not given.get("reason") and not self.errors:
            self.add_error("reason", _("Say what should be changed."))
        return given
