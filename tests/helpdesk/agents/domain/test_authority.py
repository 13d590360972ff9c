from typing import Any

import pytest
from django.core.exceptions import ValidationError

from helpdesk.agents.domain.authority import (
    LIGHT_GROUND,
    AuthorityDetails,
    change_authority,
    colour_problem,
)
from helpdesk.agents.models import Authority, User
from helpdesk.lib.contrast import nearest_passing, ratio

DETAILS: dict[str, Any] = {
    "name": "Stadt Musterstadt",
    "short_name": "Musterstadt",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "color_light": "#1d44ac",
    "color_dark": "#b3c3f5",
}


def test_change_authority_writes_the_details(authority: Authority, administrator: User) -> None:
    details = AuthorityDetails(**DETAILS, contact_phone="0123 456-0")

    change_authority(authority_id=authority.pk, details=details, user=administrator)

    authority.refresh_from_db()
    assert authority.contact_phone == "0123 456-0"


@pytest.mark.parametrize(
    "field,value",
    [
        ("color_light", "#ffd200"),
        ("color_dark", "#20204a"),
        ("color_light", "red"),
        ("time_zone", "Europe/Musterstadt"),
    ],
)
def test_change_authority_refuses_by_field(
    authority: Authority, administrator: User, field: str, value: str
) -> None:
    details = AuthorityDetails(**(DETAILS | {field: value}))

    with pytest.raises(ValidationError) as refused:
        change_authority(authority_id=authority.pk, details=details, user=administrator)

    assert list(refused.value.message_dict) == [field]


def test_colour_problem_proposes_a_shade_that_passes() -> None:
    problem = colour_problem("#ffd200", LIGHT_GROUND)

    shade = nearest_passing("#ffd200", LIGHT_GROUND)
    assert shade in problem
    assert ratio(shade, LIGHT_GROUND) >= 4.5
    assert colour_problem(shade, LIGHT_GROUND) == ""


def test_ratio_is_that_of_wcag() -> None:
    assert round(ratio("#000000", "#ffffff"), 2) == 21
    assert round(ratio("#777777", "#ffffff"), 2) == 4.48
