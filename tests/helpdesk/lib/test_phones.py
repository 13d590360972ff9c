"""Telephone numbers are compared in one form, however they were typed."""

import pytest

from helpdesk.lib.phones import normalise_phone


@pytest.mark.parametrize(
    "typed", ["0171 555 0132", "+49 (0)171/5550132", "0049 171 5550132", "0171-555-01-32"]
)
def test_a_number_has_one_form_however_it_is_typed(typed: str) -> None:
    assert normalise_phone(typed) == "+491715550132"


def test_what_is_no_number_keeps_its_digits() -> None:
    assert normalise_phone("Durchwahl 7") == "7"
