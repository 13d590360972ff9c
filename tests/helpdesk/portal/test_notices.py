"""Notices on the home page: shown in their time, in the reader's language, of this town alone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.pages.domain.notices import NoticeDetails, remove_notice, save_notice
from helpdesk.pages.enums import Readers
from helpdesk.pages.models import Notice
from helpdesk.pages.queries import MOST_NOTICES, notices_of
from tests.factories.house import House, make_administrator, make_authority, make_house
from tests.helpdesk.desk.pages import signed_in, without_second_factor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def put_up(
    house: House, text: str, begins: timedelta = -HOUR, ends: timedelta = HOUR, english: str = ""
) -> Notice:
    now = timezone.now()
    details = NoticeDetails(text, now + begins, now + ends, english)
    return save_notice(authority_id=house.authority.pk, notice_id=None, details=details, user=None)


def home(language: str = "de") -> str:
    answer = Client().get("/", headers={"Accept-Language": language})
    return " ".join(answer.content.decode().split())


def test_the_home_page_shows_what_holds_now_and_nothing_else(house: House) -> None:
    put_up(house, "Abfalltelefon gestört")
    put_up(house, "Längst vorbei", -2 * HOUR, -HOUR)
    put_up(house, "Kommt erst", HOUR, 2 * HOUR)

    found = home()

    assert "Abfalltelefon gestört" in found
    assert "Längst vorbei" not in found
    assert "Kommt erst" not in found


def test_a_notice_without_english_is_marked_as_german(house: House) -> None:
    put_up(house, "Nur deutsch")
    put_up(house, "Auf deutsch", english="In English")

    found = home("en")

    assert '<p class="notice" lang="de" > Nur deutsch' in found
    assert "In English" in found
    assert "Auf deutsch" not in found


def test_its_words_are_words_and_no_more_than_a_few_are_shown(house: House) -> None:
    for number in range(MOST_NOTICES + 1):
        put_up(house, f"<b>Hinweis {number}</b>")

    found = home()

    assert "&lt;b&gt;Hinweis 3&lt;/b&gt;" in found
    assert found.count('class="notice"') == MOST_NOTICES


@pytest.mark.parametrize("ends", [-HOUR, timedelta(days=400)])
def test_an_end_before_the_beginning_or_in_the_far_future_is_refused(
    house: House, ends: timedelta
) -> None:
    with pytest.raises(ValidationError) as refused:
        put_up(house, "Hinweis", timedelta(0), ends)

    assert list(refused.value.message_dict) == ["ends_at"]


def test_nobody_touches_the_notice_of_another_town(house: House) -> None:
    notice, elsewhere = put_up(house, "Hinweis"), make_authority("Stadt Anderswo", "AW")

    with pytest.raises(Notice.DoesNotExist):
        remove_notice(authority_id=elsewhere.pk, notice_id=notice.pk, user=house.anna)

    assert notices_of(house.authority.pk) == [notice]


def test_an_administrator_writes_changes_and_takes_down_a_notice(house: House) -> None:
    client = signed_in(make_administrator(house.authority))
    data = {
        "text": "Am Freitag zu",
        "begins_at": "2026-03-04T08:00",
        "ends_at": "2026-03-06T12:00",
        "readers": Readers.CITIZENS,
    }

    client.post(reverse("desk:settings_notice_new"), data)
    notice = notices_of(house.authority.pk)[0]
    address = reverse("desk:settings_notice", args=[notice.pk])
    wrong = client.post(address, data | {"ends_at": "2026-03-01T12:00", "text": "Neu"})
    client.post(address, data | {"text": "Am Freitag ab 12 zu"})
    changed = notices_of(house.authority.pk)[0].text
    client.post(reverse("desk:settings_notice_remove", args=[notice.pk]))

    assert wrong.status_code == 422
    assert "Neu" in wrong.content.decode()
    assert changed == "Am Freitag ab 12 zu"
    assert notices_of(house.authority.pk) == []
