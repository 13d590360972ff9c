"""Two requests become one by keys alone, and are taken apart again."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.tickets.models import Ticket
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import Watch, accessibility_faults
from tests.factories.house import make_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


def test_a_duplicate_is_merged_and_taken_apart_by_keys_alone(
    page: Page, desk: Desk, live_server: LiveServer, watch: Watch
) -> None:
    watch.expected.extend(WITHOUT_SOCKET)
    target = make_ticket(desk.house, message_id="<one@example.org>", subject="Loch im Weg")
    source = make_ticket(desk.house, message_id="<two@example.org>", subject="Loch, zweite Mail")
    sign_in(page, desk.house.anna, live_server.url)

    page.goto(f"{live_server.url}/a/t/{source.number}/")
    page.keyboard.press("m")
    page.locator("#m-other").focus()
    assert accessibility_faults(page) == []
    page.keyboard.type(target.number)
    page.keyboard.press("Enter")
    expect(page.locator(".tk-title")).to_contain_text(f"Zusammengeführt mit {target.number}")
    merged = Ticket.objects.get(pk=source.pk).merged_into
    page.get_by_role("button", name="Wieder trennen").press("Enter")
    expect(page.locator("#m-other")).to_have_count(1)

    assert merged == target
    assert Ticket.objects.get(pk=source.pk).merged_into is None
    assert source.articles.count() == 1
