"""What a browser fetches before anybody asked for it leaves everything as it was (ADR 0109)."""

import json
import time

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from helpdesk.agents.domain.signin import IDLE_SECONDS, SEEN, TOUCH_SECONDS
from helpdesk.agents.models import User
from helpdesk.notifications.models import Notice
from helpdesk.tickets.models import Ticket, TicketSeen
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import counted_queries, page_of, signed_in
from tests.helpdesk.notifications.making import named_in_a_note

pytestmark = pytest.mark.django_db
# As Fetch has it, and as older browsers said it.
AHEAD = {"Sec-Purpose": "prefetch"}
WAYS = (
    AHEAD,
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
)
# As a page says that compares itself with what there is now, while its line is down.
BY_ITSELF = {"X-By-Itself": "1"}
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def jana(house: House) -> User:
    return make_agent(house.authority, "Jana Weber", house.roads)


@pytest.fixture
def ticket(house: House, jana: User) -> Ticket:
    """Return a request that Jana has not read, and in which she was named."""
    return named_in_a_note(house, jana)


@pytest.mark.parametrize("way", [*WAYS, BY_ITSELF], ids=str)
def test_a_request_that_is_fetched_for_nobody_is_neither_read_nor_answers_the_bell(
    jana: User, ticket: Ticket, way: dict[str, str]
) -> None:
    browser = signed_in(jana)
    browser.get("/a/v/all/")

    with counted_queries() as statements:
        page = browser.get(page_of(ticket), headers=way)

    assert page.status_code == 200
    assert ticket.title in page.content.decode()
    assert [one for one in statements if one.startswith(WRITES)] == []
    assert not TicketSeen.objects.filter(user=jana).exists()
    assert Notice.objects.filter(user=jana, read_at=None).count() == 1


def test_opened_at_last_it_tells_that_it_is_read_and_which_version_there_is_now(
    jana: User, ticket: Ticket
) -> None:
    browser = signed_in(jana)
    page = browser.get(page_of(ticket), headers=AHEAD).content.decode()
    ticket.refresh_from_db()

    thread = f"{page_of(ticket)}articles/?after={ticket.last_article_id}&shown=1"
    answer = browser.get(f"{thread}&opened=1")

    assert "data-was-ahead" in page
    assert f'data-version="{ticket.version}"' in page
    assert answer.headers["X-Ticket-Version"] == str(ticket.version)
    assert TicketSeen.objects.get(user=jana).article_id == ticket.last_article_id
    assert not Notice.objects.filter(user=jana, read_at=None).exists()


def test_a_page_that_shows_all_there_is_waits_for_no_write(jana: User, ticket: Ticket) -> None:
    browser = signed_in(jana)
    browser.get(page_of(ticket))
    ticket.refresh_from_db()

    with counted_queries() as statements:
        browser.get(f"{page_of(ticket)}articles/?after={ticket.last_article_id}&shown=1")

    assert [one for one in statements if one.startswith(WRITES)] == []


def test_a_request_that_is_opened_was_not_fetched_ahead(jana: User, ticket: Ticket) -> None:
    page = signed_in(jana).get(page_of(ticket)).content.decode()

    assert "data-was-ahead" not in page


@pytest.mark.parametrize("way", [AHEAD, BY_ITSELF], ids=str)
def test_the_undo_and_the_words_that_wait_are_for_the_page_that_is_seen(
    house: House, way: dict[str, str]
) -> None:
    anna, other = signed_in(house.anna), make_ticket(house)
    done = anna.post(f"{page_of(other)}change/resolve/", {"outcome": "fixed"})
    assert done.status_code == 302

    ahead = anna.get(page_of(other), headers=way)
    seen = anna.get(page_of(other))

    assert ahead.context["undo"] is None
    assert b"data-undo-url" not in ahead.content
    assert b"data-undo-url" in seen.content


def test_fetching_ahead_keeps_no_session_alive_and_opening_what_was_fetched_does(
    house: House, ticket: Ticket
) -> None:
    anna = signed_in(house.anna)
    anna.get("/a/v/all/")
    began = _seen_before(anna, TOUCH_SECONDS + 60)
    thread = f"{page_of(ticket)}articles/?after={ticket.last_article_id}"
    by_itself = {"X-By-Itself": "1", "HX-Request": "true"}

    anna.get(page_of(ticket), headers=AHEAD)
    anna.get(thread, headers=by_itself)
    before = anna.session[SEEN]
    anna.get(f"{thread}&opened=1", headers=by_itself)

    assert before == began
    assert anna.session[SEEN] > began


def test_after_a_long_rest_nothing_is_fetched_ahead_and_whoever_opens_it_hears_why(
    house: House, ticket: Ticket
) -> None:
    anna = signed_in(house.anna)
    anna.get("/a/v/all/")
    _seen_before(anna, IDLE_SECONDS + 60)

    ahead = anna.get(page_of(ticket), headers=AHEAD)
    opened = anna.get(page_of(ticket), follow=True)

    assert (ahead.status_code, ahead.content) == (401, b"")
    assert "nach längerer Zeit" in opened.content.decode()


def _seen_before(browser: Client, seconds: float) -> float:
    session = browser.session
    session[SEEN] = moment = time.time() - seconds
    session.save()
    return moment


@pytest.mark.parametrize("path", ["/a/v/all/", "/a/suche/?q=Loch", "ticket"])
def test_pages_with_requests_name_the_rules_by_a_header(
    house: House, ticket: Ticket, path: str
) -> None:
    page = signed_in(house.anna).get(page_of(ticket) if path == "ticket" else path)

    assert page.headers["Speculation-Rules"] == '"/static/js/ahead.rules"'
    assert page.headers["Cache-Control"] == "no-store, private"
    # In whatever order the policy names its parts.
    assert "script-src 'self'" in page.headers["Content-Security-Policy"].split("; ")


def test_the_rules_let_be_fetched_what_is_marked_and_nothing_else() -> None:
    path = finders.find("js/ahead.rules")
    assert path is not None
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a finder gives text
        rules = json.load(file)

    assert rules == {
        "prefetch": [{"where": {"selector_matches": "a[data-ahead]"}, "eagerness": "immediate"}]
    }
