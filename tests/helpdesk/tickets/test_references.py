"""Numbers, references and codes as people read and type them."""

import pytest

from helpdesk.lib.tokens import new_nonce
from helpdesk.tickets.domain.access import find_by_access_code, issue_access_code
from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import by_number_or_reference
from helpdesk.tickets.references import (
    ALPHABET,
    CODE_SIGNS,
    check_sign,
    format_code,
    format_reference,
    read_code,
    read_number,
    read_reference,
)
from tests.factories.house import House, make_house, make_ticket


@pytest.mark.parametrize(
    "typed, number",
    [
        ("2026-000123", "2026-000123"),
        ("2026 123", "2026-000123"),
        ("2026/000123", "2026-000123"),
        (" 2026000123 ", "2026-000123"),
        ("#2026-123", "2026-000123"),
        ("Re: [MU#2026-000123] Schlagloch", "2026-000123"),
        ("123", "-000123"),
        ("000123", "-000123"),
        ("Schlagloch", None),
        ("", None),
        ("12-34", None),
    ],
)
def test_a_number_is_read_however_it_was_typed(typed: str, number: str | None) -> None:
    assert read_number(typed) == number


def test_an_access_code_has_more_than_sixty_bits_and_a_check_sign() -> None:
    assert len(ALPHABET) ** CODE_SIGNS > 2**60
    code = format_code(2**128 - 1)
    plain = code.replace("-", "")

    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    assert set(plain) <= set(ALPHABET)
    assert plain[-1] == check_sign(plain[:-1])


def test_an_access_code_is_read_as_people_write_it_and_a_slip_is_noticed() -> None:
    code = format_code(7**40)
    plain = code.replace("-", "")
    other = next(sign for sign in ALPHABET if sign != plain[3])
    swapped = plain[:4] + plain[5] + plain[4] + plain[6:]

    assert read_code(f" {code.lower().replace('-', ' ')} ") == code
    assert read_code(plain[:3] + other + plain[4:]) is None
    assert swapped == plain or read_code(swapped) is None
    assert read_code(plain[:-1]) is None
    assert read_code("") is None


def test_a_reference_without_its_letters_takes_those_of_the_town() -> None:
    whole = format_reference("MU", "7K4P2")

    assert read_reference(whole.removeprefix("MU-"), prefix="MU") == whole
    assert read_reference(whole.lower(), prefix="AW") == whole


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.mark.django_db
def test_staff_find_a_request_by_either_number(house: House) -> None:
    ticket = make_ticket(house)

    for typed in (
        ticket.number,
        ticket.number.replace("-", " "),
        str(int(ticket.number[5:])),
        ticket.reference,
        ticket.reference.lower().replace("-", " "),
        ticket.reference.removeprefix("MU-"),
    ):
        assert list(by_number_or_reference(house.anna, typed)) == [ticket], typed


@pytest.mark.django_db
def test_a_number_finds_nothing_that_the_agent_may_not_see(house: House) -> None:
    ticket = make_ticket(house)

    for typed in (ticket.number, ticket.reference, "Schlagloch", ""):
        assert not by_number_or_reference(house.bert, typed).exists()


@pytest.mark.django_db
def test_reference_and_code_open_their_own_request_only(house: House) -> None:
    first, second = make_ticket(house), make_ticket(house, message_id="<2@x>")
    code = issue_access_code(first)

    def found(reference: str, typed: str) -> Ticket | None:
        return find_by_access_code(authority_id=house.authority.pk, reference=reference, code=typed)

    assert found(first.reference.lower(), code.lower().replace("-", "")) == first
    assert found(second.reference, code) is None
    assert found("MU-2222-22", code) is None
    assert found("", "") is None


@pytest.mark.django_db
def test_the_code_is_stored_nowhere_and_void_with_the_link(house: House) -> None:
    ticket = make_ticket(house)
    code = issue_access_code(ticket)

    renewed = renew_link(ticket_id=ticket.pk, user=house.anna)

    assert issue_access_code(ticket) == code
    assert issue_access_code(renewed) != code
    assert issue_access_code(Ticket(pk=ticket.pk, link_nonce=new_nonce())) != code
    assert not find_by_access_code(
        authority_id=house.authority.pk, reference=ticket.reference, code=code
    )
