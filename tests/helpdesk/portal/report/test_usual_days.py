"""What is said after sending: how long answers about a topic usually took."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from helpdesk.sla.models import Agreement, Clock
from tests.factories.house import make_house, make_ticket
from tests.fakes.clock import Clock as Time
from tests.helpdesk.portal.report.walking import calm, make_lamp, walk_to_check

pytestmark = pytest.mark.django_db
MAIL = {"way": "mail", "email": "aylin@example.org"}
SAID = "Die meisten hatten zu diesem Thema binnen"


@pytest.mark.parametrize(
    "hours, said",
    [
        ([1, 2, 12, 16, 90], f"{SAID} 2 Arbeitstagen eine Antwort."),
        ([1, 1, 7, 9, 9], f"{SAID} eines Arbeitstags eine Antwort."),
        ([1, 1, 7, 9], None),
    ],
    ids=["the middle of five", "within a day", "too few to say so"],
)
def test_half_of_the_latest_answers_came_within_what_is_said(
    clock: Time, hours: list[int], said: str | None
) -> None:
    cache.clear()
    house = make_house()
    lamp = make_lamp(house)
    agreement = Agreement.objects.get(authority=house.authority)
    answered = [(spent, clock.now) for spent in hours]
    # As spam and duplicates do, which end soon.
    ended_without = [(1, None)] * 3
    for number, (spent, answered_at) in enumerate([*answered, *ended_without]):
        ticket = make_ticket(house, category_id=lamp.pk, message_id=f"<{number}@example.org>")
        ticket.first_answer_at = answered_at
        ticket.save()
        measured = {
            "agreement": agreement,
            "target_minutes": 960,
            # It ran on for a last half hour of a Wednesday before it was stopped.
            "spent_minutes": spent * 60 - 30,
            "running_since": clock.now - timedelta(minutes=30),
            "stopped_at": clock.now,
        }
        Clock.objects.update_or_create(
            ticket=ticket, kind=Clock.Kind.FIRST_ANSWER, defaults=measured
        )
    walk = walk_to_check(lamp, MAIL)
    calm()

    walk.send()

    assert walk.path == "/melden/angekommen/"
    assert (said in walk.html) if said else (SAID not in walk.html)
