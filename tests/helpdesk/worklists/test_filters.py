"""Filters of a list: what an address may say, and what it can't."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from helpdesk.files.store import put
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Category, Ticket
from helpdesk.worklists.filters import (
    FIELDS,
    MOST_VALUES,
    Filters,
    Reader,
    narrowed,
    read_filters,
    read_stored,
)
from tests.factories.house import House, make_house, make_ticket

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def read(query: str) -> Filters:
    return read_filters(QueryDict(query))


def test_an_address_is_read_by_the_allow_list_and_written_back() -> None:
    filters = read("status=new&status=open&team=7&owner=me&due=week&text=Loch&page=3&x=1&sort=-due")

    assert filters.pairs == [
        ("status", "new"),
        ("status", "open"),
        ("team", "7"),
        ("owner", "me"),
        ("due", "week"),
        ("text", "Loch"),
        ("sort", "-due"),
    ]
    assert filters.refused == ()


@pytest.mark.parametrize(
    "query",
    [
        "status=x",
        "team=²",
        "team=-1",
        f"team={'9' * 30}",
        "owner=nobody",
        "topic=1%20OR%201=1",
        "priority=99",
        "channel=pigeon",
        "due=never",
        "period=8",
        "quiet=0",
        "since=2026-13-01",
        "since=20261101",
        "since=gestern",
        "until=0001-01-01",
        "until=9999-12-31",
        "files=2",
    ],
)
def test_what_no_list_can_have_is_refused_by_name_and_narrows_nothing(query: str) -> None:
    filters = read(query)

    assert filters.values == {}
    assert len(filters.refused) == 1
    assert filters.refused[0].startswith(str(FIELDS[query.partition("=")[0]].label))


@pytest.mark.parametrize("sort", ["x", "--due", "due_sort", "pk", "owner__password", ""])
def test_an_order_that_is_none_is_the_usual_one(sort: str) -> None:
    assert read(f"sort={sort}").sort == ""
    assert read(f"sort={sort}").order(of_ended=False) == ("due_sort", "id")


def test_values_are_bounded_in_number_and_length() -> None:
    many = "&".join(f"team={number}" for number in range(500))
    filters = read(f"{many}&text={'a' * 5000}%00b")

    assert len(filters.values["team"]) == MOST_VALUES
    assert len(filters.refused) == MOST_VALUES
    assert filters.text == "a" * 200


def test_what_is_in_work_and_what_has_ended_are_listed_apart() -> None:
    filters = read("status=resolved&status=open&status=closed")

    assert filters.values["status"] == ("resolved", "closed")
    assert len(filters.refused) == 1
    assert filters.are_of_ended(otherwise=False)
    assert filters.with_value("status", "new").values["status"] == ("new",)


def test_of_the_ended_only_what_an_index_sorts_is_an_order() -> None:
    assert read("sort=title").order(of_ended=True) == ("-active_at", "-id")
    assert read("sort=number").order(of_ended=True) == ("number", "id")


@pytest.mark.parametrize("key", ["due", "title", "team", "owner", "priority", "active"])
def test_every_order_ends_with_what_no_two_tickets_share(key: str) -> None:
    assert read(f"sort={key}").order(of_ended=False)[-1] == "id"
    assert read(f"sort=-{key}").order(of_ended=False)[-1] == "-id"


def test_a_value_is_added_and_taken_away() -> None:
    filters = read("team=1&due=today")

    assert filters.with_value("team", "2").values["team"] == ("1", "2")
    assert filters.with_value("due", "week").values["due"] == ("week",)
    assert filters.with_value("team", "2").without("team", "1").values["team"] == ("2",)
    assert "team" not in filters.without("team").values


def test_what_is_stored_is_read_as_strictly_as_an_address() -> None:
    filters = read_stored({"status": ["open", "evil"], "password": ["x"]}, "password")

    assert filters.stored == {"status": ["open"]}
    assert filters.sort == ""


@pytest.fixture
def house() -> House:
    return make_house()


CHANGES: dict[str, dict[str, object]] = {
    "status=waiting": {"status": "waiting_third"},
    "status=resolved": {"status": "resolved", "outcome": "fixed"},
    "owner=me": {"owner_id": "ANNA"},
    "owner=none": {"owner_id": None},
    "priority=40": {"priority": 40},
    "channel=phone": {"channel": "phone"},
    "topic=TOPIC": {"category_id": "CHILD"},
    "topic=none": {"category_id": None},
    "team=WASTE": {"team_id": "WASTE"},
    "due=overdue": {"due_sort": NOW - timedelta(hours=1)},
    "due=today": {"due_sort": NOW + timedelta(hours=3)},
    "due=week": {"due_sort": NOW + timedelta(days=5)},
    "due=paused": {"clock_paused": True},
    "period=1": {"received_at": NOW - timedelta(hours=2)},
    "period=7": {"received_at": NOW - timedelta(days=5)},
    "since=2026-11-10": {"received_at": datetime(2026, 11, 9, 23, 0, tzinfo=UTC)},
    "until=2026-03-01": {"received_at": datetime(2026, 3, 1, 22, 59, tzinfo=UTC)},
    "since=2026-11-10&until=2026-11-10": {"received_at": datetime(2026, 11, 10, 12, 0, tzinfo=UTC)},
    "quiet=7": {"active_at": NOW - timedelta(days=8)},
}
# What every other ticket is, so that exactly one meets each filter.
OTHER: dict[str, object] = {
    "status": "open",
    "owner_id": "BERT",
    "category_id": "OTHER",
    "due_sort": NOW + timedelta(days=30),
    "received_at": NOW - timedelta(days=200),
    "active_at": NOW,
}


@pytest.mark.both_engines
@pytest.mark.django_db
@pytest.mark.parametrize("query", CHANGES)
def test_each_filter_finds_what_it_says_and_nothing_else(house: House, query: str) -> None:
    topic, other = (
        Category.objects.create(authority=house.authority, name=name) for name in ("A", "B")
    )
    child = Category.objects.create(authority=house.authority, name="A1", parent=topic)
    keys: dict[object, int] = {
        "ANNA": house.anna.pk,
        "BERT": house.bert.pk,
        "WASTE": house.waste.pk,
        "TOPIC": topic.pk,
        "CHILD": child.pk,
        "OTHER": other.pk,
    }
    wanted, rest = (make_ticket(house, message_id=f"<{name}@x>") for name in "ab")
    Ticket.objects.update(**{name: keys.get(value, value) for name, value in OTHER.items()})
    changed = {name: keys.get(value, value) for name, value in CHANGES[query].items()}
    Ticket.objects.filter(pk=wanted.pk).update(**changed)
    for name, key in keys.items():
        query = query.replace(f"={name}", f"={key}")
    filters = read(query)

    found = narrowed(
        Ticket.objects.all(),
        filters,
        Reader(house.anna.pk, NOW),
        of_ended=filters.are_of_ended(otherwise=False),
    )

    assert [ticket.pk for ticket in found] == [wanted.pk]
    assert rest.pk != wanted.pk


@pytest.mark.both_engines
@pytest.mark.django_db
def test_a_ticket_has_files_as_long_as_they_are_not_withdrawn(house: House) -> None:
    file = InboundFile(put(b"x", "text/plain").pk, "plan.txt", "text/plain", 1)
    filed, withdrawn, without = (
        make_ticket(house, message_id=f"<{name}@x>", files=files)
        for name, files in (("a", (file,)), ("b", (file,)), ("c", ()))
    )
    withdrawn.articles.update(is_withdrawn=True)

    found = {
        query: set(
            narrowed(
                Ticket.objects.all(), read(query), Reader(house.anna.pk, NOW), of_ended=False
            ).values_list("pk", flat=True)
        )
        for query in ("files=with", "files=without")
    }

    assert found == {"files=with": {filed.pk}, "files=without": {withdrawn.pk, without.pk}}


@pytest.mark.both_engines
@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["owner", "-owner", "topic", "-topic"])
def test_what_has_no_owner_or_topic_stands_last_on_either_engine(house: House, sort: str) -> None:
    topic = Category.objects.create(authority=house.authority, name="A")
    bare, whole = (make_ticket(house, message_id=f"<{name}@x>") for name in "ab")
    Ticket.objects.filter(pk=bare.pk).update(owner=None, category=None)
    Ticket.objects.filter(pk=whole.pk).update(owner=house.anna, category=topic)

    found = Ticket.objects.order_by(*read(f"sort={sort}").order(of_ended=False))

    assert [ticket.pk for ticket in found] == [whole.pk, bare.pk]
