"""How much may come from one network, and what people read who meet the limit."""

from ipaddress import ip_network

import pytest
from pytest_django.fixtures import Settings

from helpdesk.forms.models import Draft
from helpdesk.portal.report import quota
from helpdesk.tickets.models import Category, Ticket
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import TEXT, Walk, calm, make_topic, photo

pytestmark = pytest.mark.django_db
HOME, NEIGHBOUR, ELSEWHERE = "203.0.113.7", "203.0.113.200", "198.51.100.1"


@pytest.fixture
def house() -> House:
    house = make_house()
    house.authority.contact_phone = "0123 456-0"
    house.authority.contact_address = "Marktplatz 1, 12345 Musterstadt"
    house.authority.save()
    return house


@pytest.fixture
def topic(house: House) -> Category:
    return make_topic(house, "Kurz", place="none", asks_photos=False)


def report(topic: Category, address: str) -> Walk:
    """Send a whole report from an address."""
    walk = Walk()
    walk.client.defaults["REMOTE_ADDR"] = address
    walk.open(f"/melden/thema/{topic.pk}/").send({"text": TEXT}).send({"way": "anonymous"})
    calm()
    return walk.send()


def test_the_limit_of_an_hour_counts_a_network_not_an_address(
    topic: Category, settings: Settings
) -> None:
    settings.REPORT_LIMITS = (2, 240, 5000)

    walks = [report(topic, HOME), report(topic, NEIGHBOUR), report(topic, HOME)]

    assert [walk.page.status_code for walk in walks] == [200, 200, 429]
    assert report(topic, ELSEWHERE).page.status_code == 200
    assert Ticket.objects.count() == 3


def test_who_is_stopped_reads_how_long_and_how_else_and_loses_nothing(
    topic: Category, settings: Settings
) -> None:
    settings.REPORT_LIMITS = (1, 240, 5000)
    report(topic, HOME)

    walk = report(topic, HOME)

    assert "0123 456-0" in walk.html
    assert "Marktplatz 1" in walk.html
    assert "bleibt 24 Stunden erhalten" in walk.html
    assert int(walk.page["Retry-After"]) > 60
    settings.REPORT_LIMITS = (2, 240, 5000)
    assert walk.send(to="/melden/pruefen/").path == "/melden/angekommen/"
    assert Ticket.objects.filter(articles__text__startswith=TEXT).count() == 2


def test_the_day_and_everybody_have_limits_of_their_own(
    topic: Category, settings: Settings
) -> None:
    settings.REPORT_LIMITS = (20, 1, 5000)
    by_day = [report(topic, HOME).page.status_code for _ in range(2)]
    settings.REPORT_LIMITS = (20, 240, 2)
    by_all = [report(topic, f"192.0.{number}.1").page.status_code for number in range(2)]

    assert by_day == [200, 429]
    assert by_all == [200, 429]


def test_a_terminal_of_the_town_hall_is_not_limited_by_its_network(
    topic: Category, settings: Settings
) -> None:
    settings.REPORT_LIMITS = (1, 1, 5000)
    settings.KIOSK_NETWORKS = (ip_network("203.0.113.0/28"),)

    walks = [report(topic, HOME) for _ in range(3)]

    assert [walk.page.status_code for walk in walks] == [200, 200, 200]
    assert [report(topic, NEIGHBOUR).page.status_code for _ in range(2)] == [200, 429]


@pytest.mark.usefixtures("house")
def test_beginning_is_limited_and_keeps_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "DRAFTS_PER_HOUR", 1)
    Walk().open("/melden/").send({"text": TEXT})

    walk = Walk().open("/melden/").send({"text": TEXT})

    assert walk.page.status_code == 429
    assert TEXT in walk.html
    assert Draft.objects.count() == 1


@pytest.mark.usefixtures("house")
def test_uploads_are_limited_and_the_rest_of_the_report_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quota, "UPLOADS_PER_HOUR", 2 * quota.LEAST_UPLOAD - 1)
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": "none"}).send()

    walk.send({"upload": [photo("a.jpg"), photo("b.jpg", size=(90, 90))], "do": "add"})

    assert len(walk.errors) == 1
    assert "Aus Ihrem Netz kam zu viel" in walk.errors[0]
    assert walk.send().path == "/melden/kontakt/"
