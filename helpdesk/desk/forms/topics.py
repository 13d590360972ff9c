"""The form of a topic."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.agents.models import Team
from helpdesk.desk.forms.base import SettingsForm
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models import Category, PlaceNeed


def key_or_none(value: str) -> int | None:
    """Read the key of a choice; the empty choice is None."""
    return int(value) if value else None


class TopicForm(SettingsForm):
    """A topic with its place in the tree."""

    name = forms.CharField(label=_("Name"), max_length=80)
    parent = forms.TypedChoiceField(
        label=_("Below"), required=False, coerce=key_or_none, empty_value=None
    )
    team = forms.TypedChoiceField(
        label=_("Team"),
        required=False,
        coerce=key_or_none,
        empty_value=None,
        help_text=_("Requests of this topic go there."),
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    is_active = forms.BooleanField(label=_("Offer this topic"), required=False, initial=True)
    in_portal = forms.BooleanField(
        label=_("Citizens may choose it in the portal"), required=False, initial=True
    )
    description = forms.CharField(
        label=_("Hint for citizens"),
        required=False,
        max_length=200,
        help_text=_("Stands below the topic: “Lamp is dark, flickers or is broken”."),
    )
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=80)
    description_en = forms.CharField(
        label=_("Hint in English"),
        required=False,
        max_length=200,
        help_text=_("Without it, visitors who read English see the German words."),
    )
    keywords = forms.CharField(
        label=_("Keywords"),
        required=False,
        max_length=500,
        help_text=_(
            "Words citizens use for it, separated by commas. By them the topic is suggested."
        ),
    )
    place = forms.ChoiceField(
        label=_("Place"), choices=PlaceNeed.choices, initial=PlaceNeed.OPTIONAL
    )
    asks_photos = forms.BooleanField(label=_("Ask for photos"), required=False, initial=True)
    allows_anonymous = forms.BooleanField(
        label=_("Anonymous reports are welcome"), required=False, initial=True
    )
    shows_nearby = forms.BooleanField(
        label=_("Show citizens that the same has been reported nearby"),
        required=False,
        help_text=_(
            "For what everybody can see in the street, never for what concerns a person. Citizens"
            " learn state and day of open requests in the same street or within about 150 metres,"
            " and can follow one instead of reporting it again. They read no word of it."
        ),
    )

    def __init__(
        self, *args: Any, parents: Iterable[Category], teams: Iterable[Team], **kwargs: Any
    ) -> None:
        """Offer topics of the first level, and teams."""
        super().__init__(*args, **kwargs)
        first_level = [("", _("(first level)"))]
        offer(self, "parent", [*first_level, *((item.pk, item.name) for item in parents)])
        no_team = [("", _("(the team of the mailbox)"))]
        offer(self, "team", [*no_team, *((team.pk, team.name) for team in teams)])


def offer(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    """Set the choices of a field."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
