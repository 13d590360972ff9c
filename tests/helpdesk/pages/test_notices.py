"""Notices to citizens, to colleagues, or to both: who is shown which, and when."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.pages.domain.notices import NoticeDetails, save_notice
from helpdesk.pages.models import Notice
from helpdesk.pages.queries import current_notices
from tests.factories.house import (
    House,
    make_administrator,
    make_agent,
    make_authority,
    make_house,
    make_ticket,
)
from tests.helpdesk.desk.pages import page_of, signed_in, without_second_factor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


def keep(house: House, text: str, readers: str, *, begins_in: timedelta = -DAY) -> Notice:
    begins = timezone.now() + begins_in
    details = NoticeDetails(text, begins, begins + 2 * DAY, text_en=f"{text} (en)", readers=readers)
    key = house.authority.pk
    return save_notice(authority_id=key, notice_id=None, details=details, user=house.anna)


def shown_at_desk(client: Client, page: str) -> list[str]:
    found: list[str] = client.get(page).context["desk_notices"]
    return found


def test_each_reader_is_shown_what_is_meant_for_them_now(house: House) -> None:
    for readers in ("citizens", "staff", "all"):
        keep(house, f"Für {readers}", readers)
    keep(house, "Morgen", "staff", begins_in=DAY)
    keep(house, "Vorbei", "staff", begins_in=-3 * DAY)
    anna = signed_in(house.anna)
    ticket = make_ticket(house)

    citizens = [notice.text for notice in current_notices(house.authority.pk)]
    pages = (page_of(ticket), reverse("desk:list", args=["all"]), reverse("desk:search"))
    staff = [shown_at_desk(anna, page) for page in pages]

    assert citizens == ["Für all", "Für citizens"]
    assert staff == [["Für all", "Für staff"]] * 3


def test_a_colleague_reads_it_in_their_language_and_nobody_of_another_town(house: House) -> None:
    keep(house, "Wartung um 18 Uhr", "staff")
    house.anna.language = "en"
    house.anna.save()
    page = reverse("desk:list", args=["all"])

    assert shown_at_desk(signed_in(house.anna), page) == ["Wartung um 18 Uhr (en)"]
    other = make_agent(make_authority("Stadt Anderswo", "AW"), "Otto Ort")
    assert shown_at_desk(signed_in(other), page) == []


def test_an_administrator_writes_it_and_takes_it_down_and_it_is_gone_at_once(house: House) -> None:
    ada = signed_in(make_administrator(house.authority))
    begins = timezone.localtime()
    form = {
        "text": "Wartung <heute>",
        "readers": "staff",
        "begins_at": f"{begins:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begins + DAY:%Y-%m-%dT%H:%M}",
    }
    page = reverse("desk:settings")
    ada.get(page)

    refused = ada.post(reverse("desk:settings_notice_new"), form | {"readers": "dogs"})
    ada.post(reverse("desk:settings_notice_new"), form)
    shown = ada.get(page)
    ada.post(reverse("desk:settings_notice_remove", args=[Notice.objects.get().pk]))

    assert refused.status_code == 422
    assert shown.context["desk_notices"] == ["Wartung <heute>"]
    assert "Wartung &lt;heute&gt;" in shown.content.decode()
    assert shown_at_desk(ada, page) == []
