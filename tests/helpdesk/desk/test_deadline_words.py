"""What stands beside a deadline: when its time stands still, and when it goes on."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import translation

from helpdesk.agents.models import Calendar
from helpdesk.desk.deadlines import counting_words
from helpdesk.sla.models import Agreement, Clock
from tests.factories.house import NOON, House, make_house, make_ticket
from tests.helpdesk.desk.pages import page_of, signed_in

pytestmark = pytest.mark.django_db
# A Wednesday, 13:00 in Berlin; work is done from 8 to 16.
HOUR = timedelta(hours=1)


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


def clock(house: House, **values: object) -> Clock:
    agreement = Agreement.objects.get(authority=house.authority)
    return Clock(agreement=agreement, kind="solution", target_minutes=1, **values)


@pytest.mark.parametrize(
    "after,due,words",
    [
        (0, 22, "Die Zeit läuft bis 16:00 und geht Do 19.11., 08:00 weiter."),
        (4, 22, "Außerhalb der Dienstzeit steht die Zeit still bis Do 19.11., 08:00."),
        # It ends before work does, or has ended.
        (0, 2, ""),
        (0, -1, ""),
    ],
)
def test_the_time_of_a_promise_says_when_it_stands_still(
    house: House, after: int, due: int, words: str
) -> None:
    with translation.override("de"):
        said = counting_words([clock(house, due_at=NOON + due * HOUR)], NOON + after * HOUR)

    assert said == words


def test_hours_around_the_clock_and_promises_that_ended_say_nothing(house: House) -> None:
    ended = clock(house, due_at=NOON + 22 * HOUR, stopped_at=NOON)
    assert counting_words([ended], NOON) == ""

    every_day = {str(day): [["00:00", "24:00"]] for day in range(7)}
    Calendar.objects.update(hours=every_day)

    assert counting_words([clock(house, due_at=NOON + 99 * HOUR)], NOON) == ""


def test_the_panel_shows_it_and_asks_for_the_hours_once_a_minute(house: House) -> None:
    ticket = make_ticket(house)
    far = clock(house, ticket=ticket, due_at=NOON + timedelta(days=365 * 80))
    far.save()
    anna = signed_in(house.anna)

    said = anna.get(f"{page_of(ticket)}panel/").context["counting"]()
    Calendar.objects.all().update(hours={})

    assert said
    assert anna.get(f"{page_of(ticket)}panel/").context["counting"]()
