"""Two agents at work on one request, in two browsers: presence, mention, bell, and its answer."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage
from tests.servers.anliegen import Anliegen

JANA, SABINE = "jana.petersen", "sabine.vogt"
# A machine that does much else beside.
SLOW = 20_000
HOW_IT_CAME = "performance.getEntriesByType('navigation')[0].deliveryType"


def sign_in(page: Page, served: Anliegen, name: str) -> None:
    page.goto(f"{served.url}/a/konto/anmelden/")
    page.fill("[name=login]", f"{name}@musterstadt.example")
    page.fill("[name=password]", "demo-musterstadt")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/a/v/**")


def test_two_at_one_request_see_each_other_and_call_each_other_in(
    served: Anliegen, new_page: NewPage
) -> None:
    jana, sabine = new_page(), new_page()
    sign_in(jana, served, JANA)
    sign_in(sabine, served, SABINE)
    second = jana.context.new_page()
    for screen in (jana, second):
        screen.goto(f"{served.url}/a/v/team-ordnung/")
        expect(screen.locator("[data-live-state]")).to_contain_text("live", timeout=SLOW)
    bells = [screen.locator("[data-count=notices]") for screen in (jana, second)]
    before = int(bells[0].text_content() or 0)
    row = jana.locator("[data-row]").first
    address = row.locator(".row-link").get_attribute("href")

    sabine.goto(f"{served.url}{address}")
    sabine.keyboard.press("n")
    sabine.keyboard.type("@Jana Petersen, bitte ansehen.")

    expect(row.locator("[data-presence-slot]")).to_have_text(
        "Sabine schreibt eine Notiz …", timeout=SLOW
    )
    sabine.keyboard.press("Control+Enter")
    for bell in bells:
        expect(bell).to_have_text(str(before + 1), timeout=SLOW)
    expect(second).to_have_title(f"({before + 1}) Ordnung – Anliegen", timeout=SLOW)

    jana.keyboard.press("g")
    jana.keyboard.press("b")
    told = jana.locator("[data-bell-list] .told-link").first
    expect(told).to_contain_text("Sabine Vogt hat Sie in einer internen Notiz erwähnt.")
    told.click()

    expect(jana.locator("[data-presence]")).to_contain_text("Sabine Vogt", timeout=SLOW)
    for bell in bells:
        expect(bell).to_have_text(str(before), timeout=SLOW)
    sabine.close()
    expect(jana.locator("[data-presence]")).to_be_empty(timeout=SLOW)


def test_a_request_one_rests_on_is_there_before_it_is_opened_unread_and_as_it_is_now(
    served: Anliegen, new_page: NewPage
) -> None:
    jana, sabine = new_page(), new_page()
    sign_in(jana, served, JANA)
    sign_in(sabine, served, SABINE)
    jana.goto(f"{served.url}/a/v/team-ordnung/")
    expect(jana.locator("[data-live-state]")).to_contain_text("live", timeout=SLOW)
    jana.keyboard.press("j")
    row = jana.locator("[data-row].is-current")
    link = row.locator(".row-link")
    expect(link).to_have_attribute("data-ahead", re.compile(r"\d"))
    address = f"{served.url}{link.get_attribute('href')}"
    before, row_id = link.get_attribute("data-ahead"), row.get_attribute("id")

    sabine.goto(address)
    sabine.keyboard.press("n")
    sabine.keyboard.type("Der Bauhof war schon da.")
    with jana.expect_request(
        lambda request: request.url == address and "sec-purpose" in request.headers, timeout=SLOW
    ):
        sabine.keyboard.press("Control+Enter")
    expect(row).to_have_class(re.compile("is-unread"))

    assert link.get_attribute("data-ahead") != before
    jana.keyboard.press("Enter")
    expect(jana.locator("#thread")).to_contain_text("Der Bauhof war schon da.")
    assert jana.evaluate(HOW_IT_CAME) == "navigational-prefetch"
    expect(jana.locator("#thread")).to_have_attribute("data-was-ahead", "")
    jana.keyboard.press("u")
    expect(jana.locator(f"[data-row][id='{row_id}']")).not_to_have_class(re.compile("is-unread"))
