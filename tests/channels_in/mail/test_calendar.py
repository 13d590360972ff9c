"""What a card shows of an invitation, and that no line of one can hold a page up."""

from channels_in.mail.calendar import read_card
from tests.helpdesk.lib.ratio import assert_linear


def test_a_line_of_semicolons_costs_time_that_grows_with_it() -> None:
    def read(text: str) -> object:
        return read_card(f"BEGIN:VEVENT\nA{text}\nEND:VEVENT")

    # The few come first: where each one doubles the time, the many would never end.
    assert_linear(read, ";", size=26)
    assert_linear(read, ";")


def test_a_value_follows_parameters_in_quotes_that_hold_colons_and_semicolons() -> None:
    card = read_card('BEGIN:VEVENT\nSUMMARY;X="a:b;c";LANGUAGE=de:Ortstermin\nEND:VEVENT')

    assert card is not None
    assert card.summary == "Ortstermin"
