"""Imprint, privacy and contact: at the foot of every page, written in the settings."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.desk.health import YELLOW, lights
from helpdesk.pages.domain.texts import write_legal_text
from helpdesk.pages.enums import TextKind
from tests.factories.house import House, make_administrator, make_authority, make_house
from tests.helpdesk.desk.pages import signed_in, without_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def page(path: str, language: str = "de") -> str:
    return Client().get(path, headers={"Accept-Language": language}).content.decode()


@pytest.mark.usefixtures("house")
def test_every_page_leads_to_them_also_one_that_is_not_there() -> None:
    pages = [page("/"), page("/melden/"), page("/nirgends/"), page("/status/")]

    for found in pages:
        assert '<a href="/impressum/"' in " ".join(found.replace("<a\n", "<a ").split())
        assert 'href="/datenschutz/"' in found
        assert 'href="/kontakt/"' in found


def test_an_empty_page_names_the_town_and_how_to_reach_it(house: House) -> None:
    house.authority.contact_phone = "0123 456-0"
    house.authority.save()

    found = page("/impressum/")

    assert "Stadt Musterstadt" in found
    assert "0123 456-0" in found
    assert "Diese Seite ist noch nicht geschrieben." in found


def test_a_page_in_german_only_says_so_to_other_readers(house: House) -> None:
    write_legal_text(
        authority_id=house.authority.pk,
        kind=TextKind.PRIVACY,
        bodies={"de": "<h2>Ihre Rechte</h2>"},
        user=None,
    )

    english, german = page("/datenschutz/", "en"), page("/datenschutz/")

    assert '<div class="reading" lang="de"><h2>Ihre Rechte</h2></div>' in english
    assert "This page is available in German only." in english
    assert "nur auf Deutsch" not in german


def test_an_administrator_writes_a_page_with_marks_for_her_own_town_alone(house: House) -> None:
    make_authority("Stadt Anderswo", "AW")
    client = signed_in(make_administrator(house.authority))
    address = reverse("desk:settings_imprint")

    saved = client.post(address, {"body_de": "## Anbieter\n\nStadt **Musterstadt**", "body_en": ""})

    assert saved.status_code == 302
    assert "<h2>Anbieter</h2><p>Stadt <strong>Musterstadt</strong></p>" in page("/impressum/")
    assert "## Anbieter" in client.get(address).content.decode()


def test_a_text_that_is_too_long_is_refused_and_stays_in_the_field(house: House) -> None:
    client = signed_in(make_administrator(house.authority))
    address = reverse("desk:settings_contact")

    refused = client.post(address, {"body_de": "Wort " * 20_000, "body_en": ""})

    assert refused.status_code == 422
    assert "Wort Wort" in refused.content.decode()
    assert "Diese Seite ist noch nicht" in client.get(reverse("portal:imprint")).content.decode()


def test_health_page_and_settings_say_what_nobody_has_written(house: House) -> None:
    found = next(light for light in lights(house.authority) if light.key == "pages")
    overview = signed_in(make_administrator(house.authority)).get(reverse("desk:settings"))

    assert found.level == YELLOW
    assert "Impressum" in found.sentence
    assert reverse("desk:settings_portal") in overview.content.decode()
