"""Two requests become one by keys alone, and are taken apart again."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.outbox.models import OutgoingMessage
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
    expect(page.get_by_role("radio", name=target.number[5:])).to_be_focused()
    assert accessibility_faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#sheet").get_by_role("button", name="Zusammenführen")).to_be_focused()
    assert accessibility_faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"Mit {target.number[5:]} zusammengeführt")
    merged = Ticket.objects.get(pk=source.pk).merged_into
    told = OutgoingMessage.objects.get(link_id=target.pk)
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("sind wieder getrennt")

    assert merged == target
    assert source.reference in told.text
    assert Ticket.objects.get(pk=source.pk).merged_into is None
    assert source.articles.count() == 1
    told.refresh_from_db()
    assert told.state == "cancelled"
