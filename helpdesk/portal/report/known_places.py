"""What a typed place is asked about: which of several is meant, and whether it is the town's.

Never a wall: who says that it is right as it was written goes on.
"""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from helpdesk.pages.places import border_of, is_beyond, recognise
from helpdesk.portal.report.forms import PlaceForm

AS_TYPED = "as_typed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the page beside the form; ``about`` is the place that was asked about."""

    about: str
    choices: tuple[str, ...] = ()
    outside: str = ""
    as_typed: str = AS_TYPED


class ChoiceForm(forms.Form):
    """What was answered to such a question."""

    asked = forms.CharField(required=False, max_length=400, strip=False)
    match = forms.CharField(required=False, max_length=250)


def asked_about(request: HttpRequest, authority_id: int, form: PlaceForm) -> Asked | None:
    """Return what is to be asked about the place of a valid form, None where nothing is.

    What was chosen becomes the place of the form.
    """
    values = form.cleaned_data
    about = _about(values)
    answered = ChoiceForm(request.POST)
    is_answered = answered.is_valid() and answered.cleaned_data["asked"] == about
    asked = _question(authority_id, values, about)
    if asked is None or not is_answered:
        return asked
    if answered.cleaned_data["match"] in asked.choices:
        values["place"] = answered.cleaned_data["match"]
    return None


def tell_outside(form: PlaceForm, asked: Asked) -> None:
    """Say at the field that a place lies outside, and who is responsible there."""
    words = _("This place lies outside of our town. Responsible: %(who)s") % {"who": asked.outside}
    form.add_error("place", words)


def _about(values: dict[str, str]) -> str:
    return "|".join(values[name] for name in ("place", "latitude", "longitude"))


def _question(authority_id: int, values: dict[str, str], about: str) -> Asked | None:
    found = recognise(authority_id, values["place"]) if values["place"] else None
    if found and found.outside:
        return Asked(about, outside=found.outside)
    if values["latitude"]:
        border = border_of(authority_id)
        point = float(values["latitude"]), float(values["longitude"])
        if border is not None and is_beyond(border, *point):
            return Asked(about, outside=border.beyond)
    return Asked(about, choices=found.choices) if found and found.choices else None
