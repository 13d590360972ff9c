"""What fifty rows weigh: they are the page that is opened most, over lines of every kind."""

import gzip
from datetime import UTC, datetime, timedelta
from random import Random

from django.db.models import Q

from helpdesk.desk.listing import ListView, Part
from helpdesk.desk.templatetags.desk_rows import list_rows
from helpdesk.project.filling import words
from helpdesk.tickets.queries import PAGE, Row

# With the page around them that is less than 12 kB in brotli, which needs a fifth less than this.
MOST_BYTES = 8_000


def make_row(number: int, chance: Random) -> Row:
    matter, (street, house) = chance.choice(words.MATTERS), words.place(chance)
    name = words.person(chance)
    active_at = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(minutes=chance.randrange(100_000))
    return Row(
        pk=number,
        number=f"2026-{number:06}",
        version=chance.randrange(1, 9),
        status=chance.choice(("new", "open", "waiting_citizen", "waiting_third")),
        title=f"{chance.choice(matter.subjects)}, {street} {house}"[:60],
        snippet=" ".join(words.letter(name, street, matter.sentences, chance).split())[:160],
        citizen_name=name,
        active_at=active_at,
        received_at=active_at,
        due_at=active_at + timedelta(days=chance.randrange(20)),
        clock_paused=number % 7 == 0,
        team_name=matter.group,
        owner_id=chance.randrange(1, 40),
        owner_name=words.person(chance),
        category_name=matter.topic,
        channel=chance.choice(("mail", "web", "phone")),
        callback_phone="",
        tag_line="",
        priority=20,
        waiting_until=None,
        place="",
        is_unread=number % 3 == 0,
    )


def test_fifty_rows_fit_into_little() -> None:
    chance = Random(3)  # noqa: S311 - the same rows each time, no secret
    rows = [make_row(1000 + 37 * number, chance) for number in range(PAGE)]

    drawn = list_rows(rows, ListView("all", "", Part(lambda _value: Q())))

    assert drawn.count("<tr") == PAGE
    assert len(gzip.compress(drawn.encode(), 9)) <= MOST_BYTES
