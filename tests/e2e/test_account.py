"""A citizen signs in by a mail, adds the device, and signs in by it the next time."""

import pytest
from django.test import override_settings
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from helpdesk.accounts.models import Passkey
from tests.e2e.conftest import NewPage
from tests.e2e.support import accessibility_faults
from tests.factories.accounts import mailed_link, with_accounts
from tests.factories.house import make_house, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)
# A device with fingerprint reader, as the browser's own test interface makes one.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_citizen_signs_in_by_mail_and_then_by_a_passkey(
    live_server: LiveServer, new_page: NewPage
) -> None:
    house = make_house()
    with_accounts(house.authority)
    make_ticket(house)
    page = new_page(locale="en-GB")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    with override_settings(BASE_URL=live_server.url):
        page.goto(f"{live_server.url}/konto/")
        page.get_by_label("Your e-mail address").fill("clara@example.org")
        page.get_by_role("button", name="Send me the link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The link to sign in is on its way"
        )
        page.goto(f"{live_server.url}{mailed_link('clara@example.org')}")
        page.get_by_role("button", name="Sign in now").click()
        expect(page.locator(".requests li")).to_have_count(1)

        page.get_by_role("link", name="My account").click()
        assert accessibility_faults(page) == []
        page.get_by_label("Name of this device").fill("Telefon")
        page.get_by_role("button", name="Add this device").click()
        expect(page.get_by_text("From now on you sign in on this device")).to_be_visible()
        page.get_by_role("button", name="Add this device").click()
        expect(page.get_by_text("This device has a passkey")).to_be_visible()

        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
        assert accessibility_faults(page) == []
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator(".requests li")).to_have_count(1)

    assert Passkey.objects.get().name == "Telefon"
