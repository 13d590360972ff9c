"""Every page of the desk in every state, language, theme and width. Part of `make e2e-all`."""

from collections.abc import Callable

import pytest

from tests.e2e.gallery import Gallery, faults_of
from tests.e2e.screens import LANGUAGES, TOWNS, staff_screens

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(7200)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("town", TOWNS)
def test_every_screen_of_the_desk_is_sound(
    gallery: Callable[[str], Gallery], town: str, language: str
) -> None:
    assert faults_of(gallery(town), staff_screens(town), language) == {}
