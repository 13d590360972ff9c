"""Attack case 41: looking up tells nobody whether a request exists, by words or by work.

The work is counted in statements: a clock on a busy machine proves nothing.
"""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from helpdesk.tickets.domain.access import find_by_access_code
from helpdesk.tickets.links import access_code
from helpdesk.tickets.references import format_reference
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, counted_queries

pytestmark = pytest.mark.django_db
PAIRS = 1_000


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


def ask(path: str, reference: str, **data: str) -> tuple[Page, list[str]]:
    """Ask from a browser of its own, and return the page and the forms of its statements."""
    cache.clear()
    with counted_queries() as statements:
        page = Client().post(path, {"reference": reference, **data}, follow=True)
    plain = [re.sub(r"'[^']*'|\b\d+\b", "?", sql) for sql in statements]
    return page, plain


def body(page: Page, reference: str) -> str:
    text = page.content.decode().replace(reference, "")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_known_and_unknown_details_get_the_same_answer_for_the_same_work(house: House) -> None:
    known, unknown = make_ticket(house).reference, format_reference("MU", "22223")
    right = ask("/status/", known, email="clara@example.org")
    others = [
        ask("/status/", known, email="eve@example.org"),
        ask("/status/", unknown, email="clara@example.org"),
    ]

    for page, statements in others:
        assert page.redirect_chain == right[0].redirect_chain
        assert page.content == right[0].content
        assert statements == right[1]


def test_a_wrong_code_and_an_unknown_reference_get_the_same_answer(house: House) -> None:
    known, unknown = make_ticket(house).reference, format_reference("MU", "22223")
    code = access_code(make_ticket(house, message_id="<2@x>"))

    of_known, of_unknown = (
        ask("/status/code/", known, code=code),
        ask("/status/code/", unknown, code=code),
    )

    assert of_known[0].status_code == of_unknown[0].status_code == 422
    assert body(of_known[0], known) == body(of_unknown[0], unknown)
    assert of_known[1] == of_unknown[1]


def test_a_thousand_pairs_take_one_statement_each(house: House) -> None:
    ticket = make_ticket(house)
    code = access_code(make_ticket(house, message_id="<2@x>"))
    counts = set()

    for number in range(PAIRS):
        reference = ticket.reference if number % 2 else format_reference("MU", "22223")
        with counted_queries() as statements:
            find_by_access_code(authority_id=house.authority.pk, reference=reference, code=code)
        counts.add(len(statements))

    assert counts == {1}
