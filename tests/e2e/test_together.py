"""Two agents at work on one request, in two browsers: presence, mention, bell, and its answer."""

import re

from playwright.sync_api import Locator, Page, Request, expect

from tests.e2e.conftest import NewPage
from tests.servers.anliegen import Anliegen
from tests.servers.base import wait_until

JANA, SABINE = "jana.petersen", "sabine.vogt"
HOW_IT_CAME = "performance.getEntriesByType('navigation')[0].deliveryType"
MENTIONED = "Sabine Vogt hat Sie in einer internen Notiz erwähnt."


def sign_in(page: Page, served: Anliegen, name: str) -> None:
    page.goto(f"{served.url}/a/konto/anmelden/")
    page.fill("[name=login]", f"{name}@musterstadt.example")
    page.fill("[name=password]", "demo-musterstadt")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/a/v/**")


def agreed(bells: list[Locator]) -> int | None:
    """Return what all of them show, None while they differ."""
    shown = {bell.text_content() or "0" for bell in bells}
    return int(shown.pop()) if len(shown) == 1 else None


def test_two_at_one_request_see_each_other_and_call_each_other_in(
    served: Anliegen, new_page: NewPage
) -> None:
    jana, sabine = new_page(), new_page()
    sign_in(jana, served, JANA)
    sign_in(sabine, served, SABINE)
    second = jana.context.new_page()
    for screen in (jana, second):
        screen.goto(f"{served.url}/a/v/team-ordnung/")
        expect(screen.locator("[data-live-state]")).to_contain_text("live")
    bells = [screen.locator("[data-count=notices]") for screen in (jana, second)]
    # Of what happened in the story of the town everybody has been told by then.
    assert wait_until(served.rests)
    assert wait_until(lambda: agreed(bells) is not None)
    before = agreed(bells) or 0
    # Rows move; this one is known by where it leads.
    address = jana.locator("[data-row] .row-link").first.get_attribute("href")
    row = jana.locator(f'[data-row]:has(.row-link[href="{address}"])')

    sabine.goto(f"{served.url}{address}")
    sabine.keyboard.press("n")
    sabine.keyboard.type("@Jana Petersen, bitte ansehen.")

    expect(row.locator("[data-presence-slot]")).to_have_text("Sabine schreibt eine Notiz …")
    sabine.keyboard.press("Control+Enter")
    assert wait_until(lambda: (agreed(bells) or 0) > before)
    expect(second).to_have_title(re.compile(r"^\(\d+\) Ordnung – Anliegen$"))
    told_of = agreed(bells) or 0

    jana.keyboard.press("g")
    jana.keyboard.press("b")
    told = jana.locator("[data-bell-list] .told-link", has_text=MENTIONED).first
    told.click()

    expect(jana.locator("[data-presence]")).to_contain_text("Sabine Vogt")
    assert wait_until(lambda: agreed(bells) == told_of - 1)
    sabine.close()
    expect(jana.locator("[data-presence]")).to_be_empty()


def test_a_request_one_rests_on_is_there_before_it_is_opened_unread_and_as_it_is_now(
    served: Anliegen, new_page: NewPage
) -> None:
    jana, sabine = new_page(), new_page()
    sign_in(jana, served, JANA)
    sign_in(sabine, served, SABINE)
    jana.goto(f"{served.url}/a/v/team-ordnung/")
    expect(jana.locator("[data-live-state]")).to_contain_text("live")
    assert wait_until(served.rests)
    path = jana.locator("[data-row] .row-link").first.get_attribute("href")
    row = jana.locator(f'[data-row]:has(.row-link[href="{path}"])')
    link, address = row.locator(".row-link"), f"{served.url}{path}"
    sabine.goto(address)
    sabine.keyboard.press("n")
    sabine.keyboard.type("Der Bauhof war schon da.")

    def is_ahead(request: Request) -> bool:
        return request.url == address and "sec-purpose" in request.headers

    # Only now: what is fetched ahead is kept for some seconds, however slow the machine is.
    with jana.expect_request(is_ahead):
        link.focus()
    before, row_id = link.get_attribute("data-ahead"), row.get_attribute("id")
    with jana.expect_request(is_ahead):
        sabine.keyboard.press("Control+Enter")
    expect(row).to_have_class(re.compile("is-unread"))
    assert wait_until(served.rests)

    expect(link).to_have_attribute("data-ahead", re.compile(r"\d"))
    assert link.get_attribute("data-ahead") != before
    # The list is asked for after the opened page has said that it is read.
    with jana.expect_response(lambda response: "opened=1" in response.url):
        jana.keyboard.press("Enter")
    expect(jana.locator("#thread")).to_contain_text("Der Bauhof war schon da.")
    assert jana.evaluate(HOW_IT_CAME) == "navigational-prefetch"
    expect(jana.locator("#thread")).to_have_attribute("data-was-ahead", "")
    jana.keyboard.press("u")
    expect(jana.locator(f"[data-row][id='{row_id}']")).not_to_have_class(re.compile("is-unread"))
