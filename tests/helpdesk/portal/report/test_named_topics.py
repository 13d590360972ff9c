"""A topic's form is reached by its name, from posters and other sites, whatever becomes of it."""

import pytest
from django.test import Client

from helpdesk.tickets.topic_names import name_in_address
from tests.factories.house import make_house
from tests.helpdesk.portal.report.walking import make_topic

pytestmark = pytest.mark.django_db


def led_to(path: str) -> str:
    return Client().get(path).headers["Location"]


def test_a_name_leads_to_the_form_of_its_topic_and_one_that_is_gone_to_the_form() -> None:
    house = make_house()
    lamp = make_topic(house, "Straßenlaterne", name_en="Street lamp")

    assert name_in_address(lamp, [lamp]) == "strassenlaterne"
    assert led_to("/melden/thema/strassenlaterne/") == f"/melden/thema/{lamp.pk}/"
    assert led_to("/melden/thema/Street-Lamp/?text=a%26b") == f"/melden/thema/{lamp.pk}/?text=a%26b"
    assert led_to("/melden/thema/gibt-es-nicht/") == "/melden/"


def test_a_name_that_two_topics_have_is_that_of_none_without_the_one_above() -> None:
    house = make_house()
    parks, roads = make_topic(house, "Grün"), make_topic(house, "Straßen")
    topics = [make_topic(house, "Sonstiges", parent_id=top.pk) for top in (parks, roads)]

    names = [name_in_address(topic, topics) for topic in topics]

    assert names == ["gruen-sonstiges", "strassen-sonstiges"]
    assert led_to("/melden/thema/sonstiges/") == "/melden/"
    assert led_to("/melden/thema/gruen-sonstiges/") == f"/melden/thema/{topics[0].pk}/"
