"""Attack case 19: a link opens one request, until it ends or is void, and is told to nobody."""

import random
import string
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from helpdesk.tickets.domain.access import find_by_access_code
from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.links import access_code, find_by_token, status_token
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.references import format_code
from tests.attack.holder import GETS, POSTS, address, opened
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
TRIES = 10_000


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


def test_ten_thousand_forged_tokens_open_nothing(house: House) -> None:
    ticket = make_ticket(house)
    number, proof = status_token(ticket).split("-")
    chance = random.Random(19)  # noqa: S311 - the same tries each time
    signs = string.ascii_lowercase + "234567"

    def guess(at: int) -> str:
        if at % 2:
            return f"{number}-{''.join(chance.choices(signs, k=26))}"
        # All signs right but one.
        place = chance.randrange(26)
        other = chance.choice([sign for sign in signs if sign != proof[place]])
        return f"{number}-{proof[:place]}{other}{proof[place + 1 :]}"

    opened_by = [token for token in map(guess, range(TRIES)) if find_by_token(token)]

    assert opened_by == []
    assert find_by_token(status_token(ticket)) == ticket


def test_ten_thousand_guessed_codes_open_nothing(house: House) -> None:
    ticket = make_ticket(house)
    chance = random.Random(20)  # noqa: S311 - the same tries each time
    code = access_code(ticket)

    def opens(typed: str) -> bool:
        found = find_by_access_code(
            authority_id=house.authority.pk, reference=ticket.reference, code=typed
        )
        return found is not None

    guesses = {format_code(chance.getrandbits(128)) for _ in range(TRIES)} - {code}
    assert [typed for typed in guesses if opens(typed)] == []
    assert opens(code)


def test_a_link_opens_nothing_ninety_days_after_the_end_or_once_it_is_void(house: House) -> None:
    ended, void = make_ticket(house), make_ticket(house, message_id="<2@x>")
    Ticket.objects.filter(pk=ended.pk).update(
        status="resolved", resolved_at=timezone.now() - timedelta(days=91)
    )
    browsers = [(ended, opened(void)), (void, opened(void)), (void, Client())]
    renew_link(ticket_id=void.pk, user=house.anna)

    answers = [
        browser.get(address(ticket, page)).status_code
        for ticket, browser in browsers
        for page in GETS
    ]
    posted = [Client().post(address(ended, page), {"text": "x"}).status_code for page in POSTS]

    assert set(answers) | set(posted) == {404}


def test_the_link_is_told_to_no_other_site_no_cache_and_no_search_engine(house: House) -> None:
    ticket = make_ticket(house)
    browser = opened(ticket)

    for page in GETS:
        response = browser.get(address(ticket, page))
        assert response["Referrer-Policy"] == "same-origin"
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]


def test_an_opened_request_opens_no_other(house: House) -> None:
    first = make_ticket(house)
    second = make_ticket(house, message_id="<2@x>", text="Fremde Worte")
    browser = opened(first)

    assert "Fremde Worte" not in browser.get(address(second)).content.decode()
