"""Changing what an authority is called, how it looks and where it is reached."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.agents.changes import save_setting
from helpdesk.agents.models import Authority, User
from helpdesk.lib.contrast import ENOUGH, is_colour, nearest_passing, ratio
from helpdesk.lib.languages import FURTHER
from helpdesk.lib.maps import is_map_address

# What the colour stands on: white pages, and KERN's level 1 in the dark.
LIGHT_GROUND = "#ffffff"
DARK_GROUND = "#131525"


@dataclass(frozen=True, slots=True)
class AuthorityDetails:
    """Everything about an authority that its administrators may change."""

    name: str
    short_name: str
    language: str
    time_zone: str
    color_light: str
    color_dark: str
    base_url: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    require_second_factor: bool = True
    reopen_days: int = 14
    asks_rating: bool = False
    takes_by_answer: bool = True
    further_languages: Sequence[str] = ()
    map_address: str = ""


def colour_problem(colour: str, ground: str) -> str:
    """Return why a colour can't be read on its ground and which would do; "" if it can."""
    if not is_colour(colour):
        return _("Write the colour as # and six digits, for example #1d44ac.")
    contrast = ratio(colour, ground)
    if contrast >= ENOUGH:
        return ""
    return _(
        "The contrast is %(contrast).1f to 1, but 4.5 to 1 is needed to be readable. "
        "The nearest shade that passes is %(shade)s."
    ) % {"contrast": int(contrast * 10) / 10, "shade": nearest_passing(colour, ground)}


def _check(details: AuthorityDetails) -> None:
    problems = {
        "color_light": colour_problem(details.color_light, LIGHT_GROUND),
        "color_dark": colour_problem(details.color_dark, DARK_GROUND),
    }
    if details.time_zone not in available_timezones():
        problems["time_zone"] = _("This time zone does not exist.")
    if not set(details.further_languages) <= set(FURTHER):
        problems["further_languages"] = _("The portal does not speak this language.")
    if details.map_address and not is_map_address(details.map_address):
        problems["map_address"] = _(
            "Write an address that begins with https:// and has {lat} and {lon} in it."
        )
    found = {field: [text] for field, text in problems.items() if text}
    if found:
        raise ValidationError(found)


@transaction.atomic
def change_authority(*, authority_id: int, details: AuthorityDetails, user: User) -> Authority:
    """Change an authority; raises ValidationError by field, also for unreadable colours."""
    _check(details)
    authority = Authority.objects.select_for_update().get(pk=authority_id)
    values = asdict(details) | {"further_languages": list(details.further_languages)}
    return save_setting(instance=authority, values=values, subject_kind="authority", user=user)
