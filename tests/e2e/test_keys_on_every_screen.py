"""A walk through every page by Tab: where one stands is marked, and nothing lies above it.

Part of `make e2e-all`.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize

from tests.e2e.gallery import PHONE, WIDE, Gallery
from tests.e2e.screens import Screen, public_screens, staff_screens

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(7200)]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("of", [staff_screens, public_screens], ids=["desk", "citizens"])
def test_whoever_walks_through_a_page_by_keys_sees_where_they_are(
    gallery: Callable[[str], Gallery], of: Callable[[str], list[Screen]], size: ViewportSize
) -> None:
    shown = gallery("filled")
    # What a refusal adds are notes above and below the same fields.
    rows = [row for row in of("filled") if not row.submit]

    found = {row.name: faults for row in rows if (faults := shown.walk(row, size))}

    assert found == {}
