"""The accessibility statement as citizens read it, and how it is written in the settings."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.pages.domain.statement import save_barrier, write_statement
from helpdesk.pages.models import Statement
from helpdesk.pages.queries import barriers_of
from tests.factories.house import House, make_administrator, make_house
from tests.helpdesk.desk.pages import signed_in, without_second_factor
from tests.helpdesk.pages.making import BARRIER, STATEMENT

pytestmark = pytest.mark.django_db
SETTINGS = "desk:settings_accessibility"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def page(language: str = "de") -> str:
    answer = Client().get("/barrierefreiheit/", headers={"Accept-Language": language})
    return " ".join(answer.content.decode().split())


def test_the_statement_says_all_that_the_law_wants(house: House) -> None:
    write_statement(authority_id=house.authority.pk, details=STATEMENT, user=None)
    save_barrier(authority_id=house.authority.pk, barrier_id=None, details=BARRIER, user=None)

    found = page()

    for part in (
        "Informationstechnik teilweise",
        "Alte Pläne sind Bilder.",
        "Sie zu beseitigen wäre eine unverhältnismäßige Belastung.",
        "Rufen Sie uns an.",
        'href="mailto:barrierefrei@musterstadt.example"',
        "Ombudsstelle",
        'href="mailto:ombudsstelle@land.example"',
        "12. Januar 2026",
        "Selbstbewertung",
    ):
        assert part in found


def test_a_barrier_without_english_words_is_marked_as_german(house: House) -> None:
    key = house.authority.pk
    saved = save_barrier(authority_id=key, barrier_id=None, details=BARRIER, user=None)
    saved.alternative_en = ""
    saved.save()

    found = page("en")

    assert "Old plans are pictures." in found
    assert '<span lang="de" >Rufen Sie uns an.</span>' in found


@pytest.mark.usefixtures("house")
def test_before_an_assessment_the_page_claims_nothing() -> None:
    found = page()

    assert "Dieses Portal wurde hier noch nicht geprüft." in found
    assert "Durchsetzungsstelle" not in found


def test_an_administrator_begins_with_the_body_of_her_land(house: House) -> None:
    house.authority.calendar.subdivision = "BY"
    house.authority.calendar.save()
    client = signed_in(make_administrator(house.authority))

    found = client.get(reverse(SETTINGS)).content.decode()
    saved = client.post(
        reverse(SETTINGS),
        {
            "conformance": "partly",
            "method": "self",
            "assessed_on": "2026-01-12",
            "enforcement": "Stelle\nBYTE",
        },
    )

    assert "bitv@bayern.de" in found
    assert saved.status_code == 302
    statement = Statement.objects.get()
    assert (statement.assessed_on, statement.conformance) == (date(2026, 1, 12), "partly")


def test_barriers_are_listed_changed_and_taken_off(house: House) -> None:
    client = signed_in(make_administrator(house.authority))
    data = {"what": "Karten", "reason": "not_yet", "alternative": "Liste"}

    client.post(reverse("desk:settings_barrier_new"), data)
    barrier = barriers_of(house.authority.pk)[0]
    client.post(
        reverse("desk:settings_barrier", args=[barrier.pk]), data | {"gone_by": "2027-06-30"}
    )
    changed = barriers_of(house.authority.pk)[0]
    client.post(reverse("desk:settings_barrier_remove", args=[barrier.pk]))

    assert (barrier.what, barrier.gone_by) == ("Karten", None)
    assert changed.gone_by == date(2027, 6, 30)
    assert barriers_of(house.authority.pk) == []


def test_an_empty_form_says_what_is_missing(house: House) -> None:
    client = signed_in(make_administrator(house.authority))

    refused = client.post(reverse(SETTINGS), {})

    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {
        "conformance",
        "method",
        "assessed_on",
        "enforcement",
    }
