"""The watchers see what they are to see."""

from playwright.sync_api import Page

from tests.e2e.support import Watch, accessibility_faults, overflows


def test_watch_reports_script_errors_and_requests_to_strangers(page: Page, watch: Watch) -> None:
    watch.expected = ["script error: oops", "http://stranger.invalid/", "net::ERR"]

    with page.expect_event("requestfailed"), page.expect_event("pageerror"):
        page.set_content(
            "<img src='http://stranger.invalid/x.png'><script>throw Error('oops')</script>"
        )

    assert watch.unexpected() == []
    assert "request to a stranger: http://stranger.invalid/x.png" in watch.faults
    assert "script error: oops" in watch.faults


def test_accessibility_faults_names_rule_and_place(page: Page) -> None:
    page.set_content("<html lang=de><title>x</title><main><h1>x</h1><img src='data:,'></main>")

    found = ['image-alt: Images must have alternative text at ["img"]']
    assert accessibility_faults(page) == found


def test_overflows_tells_a_wide_page_from_a_narrow_one(page: Page) -> None:
    page.set_content("<div style='width: 3000px'>x</div>")
    wide = overflows(page)

    page.set_content("<p>x</p>")

    assert (wide, overflows(page)) == (True, False)
