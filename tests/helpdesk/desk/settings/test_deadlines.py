"""The page of working hours, closing days and promises."""

from typing import Any

import pytest
from django.test import Client

from helpdesk.desk.forms.deadlines import read_days, read_spans, write_days
from helpdesk.events.models import Event
from helpdesk.sla.models import Agreement
from tests.factories.house import House, make_administrator, make_house
from tests.helpdesk.desk.pages import signed_in, without_second_factor

pytestmark = pytest.mark.django_db
URL = "/a/verwaltung/fristen/"


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


@pytest.fixture
def ada(house: House) -> Client:
    return signed_in(make_administrator(house.authority))


def typed(**values: Any) -> dict[str, Any]:
    week = {f"hours_{day}": "8-12, 13:30-16" if day < 5 else "" for day in range(7)}
    promises = {
        "first_answer": "2",
        "first_answer_unit": "days",
        "solution": "80",
        "solution_unit": "hours",
    }
    days = "24.12.2026 Heiligabend\n2026-12-31 Silvester"
    return {
        "time_zone": "Europe/Berlin",
        "subdivision": "BY",
        "extra_holidays": days,
        **week,
        **promises,
        **values,
    }


@pytest.mark.parametrize(
    "text,spans",
    [
        ("", []),
        ("8-12", [["08:00", "12:00"]]),
        ("08:00 – 12:00, 13.30-16", [["08:00", "12:00"], ["13:30", "16:00"]]),
        ("0-24", [["00:00", "24:00"]]),
        ("8-12,12-13", [["08:00", "12:00"], ["12:00", "13:00"]]),
    ],
)
def test_read_spans_takes_hours_as_they_are_written(text: str, spans: list[list[str]]) -> None:
    assert read_spans(text) == spans


@pytest.mark.parametrize(
    "text", ["x", "8", "12-8", "8-8", "8-25", "8:70-9", "8-12, 11-13", "13-14, 8-9"]
)
def test_read_spans_refuses_what_is_no_time_or_out_of_order(text: str) -> None:
    with pytest.raises(ValueError, match=r"\d|x"):
        read_spans(text)


def test_read_days_orders_them_and_write_days_brings_them_back() -> None:
    days = read_days("31.12.2026 Silvester\n\n2026-12-24: Heiligabend")

    assert days == [
        {"date": "2026-12-24", "name": "Heiligabend"},
        {"date": "2026-12-31", "name": "Silvester"},
    ]
    assert write_days(["2026-11-11", *days]) == (
        "11.11.2026\n24.12.2026 Heiligabend\n31.12.2026 Silvester"
    )


def test_save_changes_calendar_and_promises_and_remembers_who_did(
    house: House, ada: Client
) -> None:
    response = ada.post(URL, typed())

    calendar, agreement = house.authority.calendar, Agreement.objects.get()
    calendar.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, URL)
    assert calendar.subdivision == "BY"
    assert calendar.hours["0"] == [["08:00", "12:00"], ["13:30", "16:00"]]
    assert "5" not in calendar.hours
    assert calendar.extra_holidays[0] == {"date": "2026-12-24", "name": "Heiligabend"}
    # A day of six and a half hours.
    assert (agreement.first_answer_days, agreement.first_answer_minutes) == (2, 780)
    assert (agreement.solution_days, agreement.solution_minutes) == (None, 4800)
    assert agreement.recount_after == 0
    told = Event.objects.filter(kind="settings.changed").order_by("id")
    assert [(event.subject_kind, event.actor_kind) for event in told] == [
        ("calendar", "user"),
        ("agreement", "user"),
    ]


def test_save_of_the_same_again_counts_nothing_anew(ada: Client) -> None:
    ada.post(URL, typed())
    Agreement.objects.update(recount_after=None)

    ada.post(URL, typed())

    assert Agreement.objects.get().recount_after is None


def test_a_longer_day_makes_a_promise_in_days_longer(ada: Client) -> None:
    ada.post(URL, typed())
    ada.post(URL, typed(**{f"hours_{day}": "8-18" for day in range(5)}))

    assert Agreement.objects.get().first_answer_minutes == 1200


def test_an_authority_without_an_agreement_gets_one(ada: Client) -> None:
    Agreement.objects.all().delete()

    ada.post(URL, typed())

    assert Agreement.objects.get().is_default


@pytest.mark.parametrize(
    "values,words",
    [
        ({"hours_2": "8 Uhr"}, "Mittwoch: Schreiben Sie Zeiten wie 08:00-12:00"),
        ({"extra_holidays": "Heiligabend"}, "Diese Zeile beginnt nicht mit einem Tag"),
        ({"extra_holidays": "31.02.2026 Unsinn"}, "31.02.2026 Unsinn"),
        ({"solution": "1"}, "Die Lösung kann nicht früher zugesagt werden"),
        ({"solution": "99999"}, "Geben Sie eine Zahl von 1 bis 8760 an."),
        ({f"hours_{day}": "" for day in range(5)}, "Geben Sie mindestens einem Tag Zeiten"),
        ({"time_zone": "Mars/Nord"}, "Mars/Nord"),
    ],
)
def test_a_refusal_says_what_to_do_keeps_what_was_typed_and_changes_nothing(
    house: House, ada: Client, values: dict[str, str], words: str
) -> None:
    response = ada.post(URL, typed(**values))

    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert all(value in page for value in values.values())
    house.authority.calendar.refresh_from_db()
    assert house.authority.calendar.subdivision == ""
    assert Agreement.objects.get().recount_after is None


def test_the_page_shows_the_next_free_days_with_their_names(ada: Client) -> None:
    ada.post(URL, typed(extra_holidays="01.12.2999 Fern"))
    page = ada.get(URL).content.decode()

    assert "Neujahr" in page
    assert page.count("<li>\n              <span>") <= 10
    assert "Fern" in page  # in the field, for it lies beyond the days that are shown


def test_a_preview_shows_what_it_would_mean_and_saves_nothing(house: House, ada: Client) -> None:
    response = ada.post(URL, typed(preview="1"))

    page = response.content.decode()
    assert response.status_code == 200
    assert "Was es bedeuten würde" in page
    house.authority.calendar.refresh_from_db()
    assert house.authority.calendar.subdivision == ""
