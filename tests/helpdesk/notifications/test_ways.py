"""When a mail may reach an agent."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from helpdesk.notifications.models import NoticeChoices, Way
from helpdesk.notifications.ways import mail_moment

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of November 2026, whose 21st and 22nd are a weekend."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=BERLIN)


NIGHT = NoticeChoices(quiet_from=time(18), quiet_until=time(7), quiet_weekends=True)
LUNCH = NoticeChoices(quiet_from=time(12), quiet_until=time(13))
LATE_DAILY = NoticeChoices(daily_at=time(5), quiet_from=time(18), quiet_until=time(7))


@pytest.mark.parametrize(
    "way, choices, now, expected",
    [
        (Way.MAIL, NoticeChoices(), at(18, 12), at(18, 12, 0, 30)),
        (Way.BUNDLED, NoticeChoices(), at(18, 12), at(18, 12, 15)),
        (Way.DAILY, NoticeChoices(), at(18, 12), at(19, 7)),
        (Way.DAILY, NoticeChoices(), at(18, 6), at(18, 7)),
        (Way.BELL, NoticeChoices(), at(18, 12), None),
        (Way.OFF, NoticeChoices(), at(18, 12), None),
        # Quiet over noon, over midnight, on Friday evening until Monday.
        (Way.MAIL, LUNCH, at(18, 11, 59, 0), at(18, 11, 59, 30)),
        (Way.MAIL, LUNCH, at(18, 12, 30), at(18, 13)),
        (Way.MAIL, NIGHT, at(18, 19), at(19, 7)),
        (Way.MAIL, NIGHT, at(19, 3), at(19, 7)),
        (Way.BUNDLED, NIGHT, at(18, 17, 50), at(19, 7)),
        (Way.MAIL, NIGHT, at(20, 19), at(23, 7)),
        (Way.MAIL, NIGHT, at(21, 12), at(23, 7)),
        (Way.DAILY, LATE_DAILY, at(18, 12), at(19, 7)),
    ],
)
def test_mail_moment_waits_for_the_end_of_quiet_hours(
    way: Way, choices: NoticeChoices, now: datetime, expected: datetime | None
) -> None:
    assert mail_moment(way, choices, now) == expected


def test_the_wall_clock_counts_also_over_a_change_of_time() -> None:
    choices = NoticeChoices(quiet_from=time(20), quiet_until=time(7))
    saturday = datetime(2026, 10, 24, 21, 0, tzinfo=BERLIN)

    assert mail_moment(Way.MAIL, choices, saturday) == datetime(2026, 10, 25, 7, tzinfo=BERLIN)
