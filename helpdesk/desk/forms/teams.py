"""The form of a team, and the matrix of rights that teams and agents share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from helpdesk.agents.domain.teams import Rights, TeamDetails
from helpdesk.agents.models import Language, Membership, SendThen, Team
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.textmodules.placeholders import unknown_placeholders

# Field of Rights → what the column says.
RIGHTS: Mapping[str, StrOrPromise] = {
    "can_read": _("read"),
    "can_create": _("create"),
    "can_answer": _("answer"),
    "can_change": _("change"),
}


class TeamForm(SettingsForm):
    """What a team is called, and how its mails are signed."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email_name = forms.CharField(
        label=_("Name in mails"),
        max_length=120,
        required=False,
        help_text=_("What citizens see as the sender. Empty: the name of the mailbox."),
    )
    signature = forms.CharField(
        label=_("Signature"),
        max_length=2000,
        required=False,
        help_text=_("Stands below every answer of this team."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    send_then = forms.ChoiceField(
        label=_("What mostly follows an answer"),
        choices=SendThen.choices,
        help_text=_("The button at hand does this until somebody has chosen otherwise."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer one field for greeting and closing in each language."""
        super().__init__(*args, **kwargs)
        for language in Language:
            attrs = {"rows": 3, "lang": language, "spellcheck": "true"}
            self.fields[f"greeting_{language}"] = forms.CharField(
                label=format_lazy(_("Greeting and closing ({language})"), language=language.label),
                max_length=2000,
                required=False,
                help_text=_(
                    "The answer goes where the empty line is. Placeholders such as "
                    "{{buerger.anrede}} are filled in. Empty: by name, with kind regards."
                ),
                widget=forms.Textarea(attrs=attrs),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse placeholders that no list knows: citizens would read them as they are."""
        cleaned: dict[str, Any] = super().clean() or {}
        for language in Language:
            name = f"greeting_{language}"
            unknown = unknown_placeholders(cleaned.get(name, ""))
            if unknown:
                sentence = gettext("Unknown placeholder: %(names)s")
                self.add_error(name, sentence % {"names": ", ".join(unknown)})
        return cleaned

    def details(self) -> TeamDetails:
        """Return what the door takes."""
        values = {name: self.cleaned_data[name] for name in self.base_fields}
        typed = {each: self.cleaned_data[f"greeting_{each}"] for each in Language.values}
        greetings = {each: text.replace("\r\n", "\n") for each, text in typed.items() if text}
        return TeamDetails(**values, greetings=greetings)


def team_initial(team: Team) -> dict[str, Any]:
    """Return what the form of a team shows before anything is changed."""
    greetings = {f"greeting_{each}": text for each, text in team.greetings.items()}
    return {name: getattr(team, name) for name in TeamForm.base_fields} | greetings


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One checkbox."""

    right: str
    label: StrOrPromise
    is_checked: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A user in the matrix of a team, or a team in that of a user."""

    key: int
    label: str
    hint: str
    cells: tuple[MatrixCell, ...]

    @property
    def field(self) -> str:
        """Return the name of the checkboxes."""
        return f"rights-{self.key}"


def matrix_rows(
    subjects: Iterable[tuple[int, str, str]], held: Mapping[int, Membership | Rights]
) -> list[MatrixRow]:
    """Return rows of (key, label, hint) with the boxes checked that are held."""
    return [MatrixRow(key, label, hint, _cells(held.get(key))) for key, label, hint in subjects]


def _cells(held: Membership | Rights | None) -> tuple[MatrixCell, ...]:
    return tuple(
        MatrixCell(right, label, bool(held and held.can_read and getattr(held, right)))
        for right, label in RIGHTS.items()
    )


def matrix_rights(posted: QueryDict, keys: Iterable[int]) -> dict[int, Rights]:
    """Return the rights that were ticked; any right implies the one to read."""
    return {key: _rights(set(posted.getlist(f"rights-{key}"))) for key in keys}


def _rights(ticked: set[str]) -> Rights:
    given = {right: right in ticked for right in RIGHTS}
    given["can_read"] = any(given.values())
    return Rights(**given)
