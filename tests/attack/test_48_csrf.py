"""Attack case 48: no form of the status page works from elsewhere, and looking changes nothing."""

import pytest
from django.core.cache import cache
from django.test import Client

from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.attack.holder import GETS, POSTS, address, fingerprint, opened
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
WORDS = {"text": "x", "key": "k", "solved": "no", "reference": "MU-2222-22", "email": "a@b.de"}


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def test_a_form_without_our_token_or_from_elsewhere_is_refused(ticket: Ticket) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get(address(ticket))
    token = strict.cookies["csrf"].value
    before = fingerprint()

    answers = []
    for path in [*(address(ticket, page) for page in POSTS), "/status/", "/status/code/"]:
        answers.append(strict.post(path, WORDS).status_code)
        for origin in ("https://evil.example", "null"):
            data = WORDS | {"csrfmiddlewaretoken": token}
            answers.append(strict.post(path, data, headers={"Origin": origin}).status_code)
        plain = strict.post(path, "{}", content_type="text/plain")
        answers.append(plain.status_code)

    assert set(answers) == {403}
    assert fingerprint() == before


@pytest.mark.parametrize("status", [Status.OPEN, Status.RESOLVED])
def test_a_walk_over_all_pages_leaves_the_database_as_it_was(
    house: House, ticket: Ticket, status: Status
) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=status, outcome="fixed")
    browsers = (Client(), opened(ticket))
    before = fingerprint()

    for browser in browsers:
        for path in [*(address(ticket, page) for page in GETS), "/status/", "/status/code/"]:
            assert browser.get(path).status_code in {200, 302}
            assert browser.head(path).status_code in {200, 302}
            assert browser.get(path, WORDS).status_code in {200, 302}

    assert fingerprint() == before


def test_what_changes_something_is_no_get(ticket: Ticket) -> None:
    for page in ("open", "close"):
        assert Client().get(address(ticket, page)).status_code == 405
