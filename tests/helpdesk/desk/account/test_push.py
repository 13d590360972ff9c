"""Where browser push is switched on: by the town for all, and by each agent for a browser."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.domain.signin import end_sessions
from helpdesk.notifications.models import PushBrowser, PushIdentity
from helpdesk.notifications.push import switch_on
from tests.factories.house import House, make_administrator, make_house
from tests.fakes.push import new_browser
from tests.helpdesk.desk.account.steps import PASSWORD, sign_in
from tests.helpdesk.desk.pages import signed_in, without_second_factor

pytestmark = pytest.mark.django_db
PROFILE, SETTINGS = "account_profile", "desk:settings_push"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def sent(endpoint: str = "https://push.example/1") -> dict[str, str]:
    known = new_browser(endpoint).known
    return {"endpoint": endpoint, "p256dh": known.p256dh, "auth": known.auth, "name": "Firefox"}


def test_without_the_towns_leave_nobody_is_offered_it(anna: Client) -> None:
    page = anna.get(reverse(PROFILE)).content.decode()

    assert "data-push" not in page
    assert "js/push" not in page
    assert anna.post(reverse("account_push"), sent()).status_code == 409


def test_an_agent_switches_it_on_for_a_browser_and_off(house: House, anna: Client) -> None:
    identity = switch_on(authority_id=house.authority.pk, contact="it@x.example", user=house.anna)

    offered = anna.get(reverse(PROFILE)).content.decode()
    taken = anna.post(reverse("account_push"), sent()).status_code
    wrong = anna.post(reverse("account_push"), sent("http://push.example/1")).status_code
    row = PushBrowser.objects.get()
    shown = anna.get(reverse(PROFILE)).content.decode()
    off = reverse("account_push_off", args=[row.pk])
    foreign = signed_in(house.bert).post(off).status_code
    gone = anna.post(off).status_code

    assert f'data-push="{identity.public_key}"' in offered
    assert (taken, wrong, foreign, gone) == (204, 422, 404, 302)
    assert "push.example" not in shown
    assert f'action="{off}"' in shown
    assert not PushBrowser.objects.exists()


def test_a_browser_in_which_somebody_signs_out_is_told_nothing_more(
    house: House, anna: Client
) -> None:
    switch_on(authority_id=house.authority.pk, contact="it@x.example", user=house.anna)
    elsewhere = signed_in(house.anna)
    for browser, endpoint in (
        (anna, "https://push.example/1"),
        (elsewhere, "https://push.example/2"),
    ):
        browser.post(reverse("account_push"), sent(endpoint))
    stays = PushBrowser.objects.latest("id")

    anna.post(reverse("account_logout"))

    assert list(PushBrowser.objects.all()) == [stays]


def test_whoever_signs_in_hears_nothing_that_was_meant_for_who_sat_there_before(
    house: House, anna: Client
) -> None:
    switch_on(authority_id=house.authority.pk, contact="it@x.example", user=house.anna)
    anna.post(reverse("account_push"), sent())
    end_sessions(user=house.anna, by=house.anna)
    house.bert.set_password(PASSWORD)
    house.bert.save()

    sign_in(anna, house.bert.email)

    assert not PushBrowser.objects.exists()


def test_whose_session_ended_is_told_on_in_the_same_browser(house: House, anna: Client) -> None:
    switch_on(authority_id=house.authority.pk, contact="it@x.example", user=house.anna)
    anna.post(reverse("account_push"), sent())
    end_sessions(user=house.anna, by=house.anna)
    house.anna.set_password(PASSWORD)
    house.anna.save()

    sign_in(anna, house.anna.email)

    assert PushBrowser.objects.get().user == house.anna


def test_a_forged_name_of_a_browser_switches_nothing_off(house: House, anna: Client) -> None:
    switch_on(authority_id=house.authority.pk, contact="it@x.example", user=house.anna)
    anna.post(reverse("account_push"), sent())
    house.bert.set_password(PASSWORD)
    house.bert.save()
    forger = Client()
    forger.cookies["told"] = PushBrowser.objects.get().digest

    sign_in(forger, house.bert.email)

    assert PushBrowser.objects.get().user == house.anna


def test_an_administrator_switches_it_on_and_off_for_the_town(house: House) -> None:
    ada = signed_in(make_administrator(house.authority))
    page = reverse(SETTINGS)

    refused = ada.post(page, {"contact": "keine Adresse"})
    ada.post(page, {"contact": "it@musterstadt.example"})
    contact = PushIdentity.objects.get().contact
    shown = ada.get(page).content.decode()
    ada.post(reverse("desk:settings_push_end"))

    assert refused.status_code == 422
    assert "keine Adresse" in refused.content.decode()
    assert contact == "mailto:it@musterstadt.example"
    assert "Eingeschaltet." in shown
    assert not PushIdentity.objects.exists()


def test_the_worker_tells_and_leads_to_pages_of_the_desk_alone(anna: Client) -> None:
    script = anna.get(reverse("desk:worker")).content.decode()

    assert 'addEventListener("push"' in script
    assert 'page.pathname.startsWith("/a/")' in script
