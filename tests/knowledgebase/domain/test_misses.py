"""Searches in vain are counted by visitors, and nothing tells who they were."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledgebase.domain import misses
from knowledgebase.domain.misses import Miss, forget_misses, ignore_miss, miss_of, record_misses
from knowledgebase.models import SearchMiss
from knowledgebase.reports import missed_searches
from tests.factories.house import House, make_authority, make_house

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def search(house: House, words: str, *visitors: str) -> None:
    """Let each of ``visitors`` search in vain once."""
    for visitor in visitors:
        miss = miss_of(authority_id=house.authority.pk, words=words, visitor=visitor)
        assert miss is not None
        record_misses(counts={miss: 1}, day=TODAY)


def shown(house: House) -> list[tuple[str, int]]:
    return [(miss.query, miss.searches) for miss in missed_searches(house.anna)]


def test_words_are_shown_from_the_third_visitor_on_however_often_one_searches() -> None:
    house = make_house()
    search(house, "Drohne  fliegen", *["eins"] * 5, "zwei")
    before = shown(house)

    search(house, "DROHNE fliegen?", "drei")

    assert (before, shown(house)) == ([], [("drohne fliegen", 7)])


def test_nothing_of_a_visitor_is_left_when_the_words_are_shown() -> None:
    house = make_house()
    search(house, "Drohne", "eins", "zwei")
    kept = SearchMiss.objects.get().marks
    search(house, "Drohne", "drei", "vier")

    assert all(0 <= mark < 4096 for mark in kept)
    assert len(kept) == 2
    assert SearchMiss.objects.get().marks == []


@pytest.mark.parametrize(
    "words",
    [
        "petra@example.org",
        "Lindner 0171 2345678",
        "MU-2026-000123",
        "Petra Lindner wohnt in der Lindenstraße neben der Kirche",
        "x" * 61,
        "???",
        "",
    ],
)
def test_words_that_may_name_a_person_are_never_kept(words: str) -> None:
    assert miss_of(authority_id=1, words=words, visitor="eins") is None


def test_what_editors_ignore_or_of_another_town_is_not_shown() -> None:
    house = make_house()
    other = make_authority("Stadt Anderswo", "AW")
    search(house, "Drohne", "eins", "zwei", "drei")
    for mark in range(3):
        record_misses(counts={Miss(other.pk, "kanarienvogel", mark): 1}, day=TODAY)

    ignore_miss(miss_id=SearchMiss.objects.get(query="kanarienvogel").pk, user=house.anna)
    before = shown(house)
    ignore_miss(miss_id=SearchMiss.objects.get(query="drohne").pk, user=house.anna)

    assert (before, shown(house)) == ([("drohne", 3)], [])
    assert not SearchMiss.objects.get(query="kanarienvogel").is_ignored


def test_a_flood_of_words_is_no_flood_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "MOST_KEPT", 2)
    house = make_house()

    for words in ("eins", "zwei", "drei"):
        search(house, words, "a")
    search(house, "eins", "b")

    assert dict(SearchMiss.objects.values_list("query", "searches")) == {"eins": 2, "zwei": 1}


def test_what_is_not_asked_for_again_is_forgotten_after_90_days() -> None:
    house = make_house()
    search(house, "alt", "a")
    search(house, "neu", "a")
    SearchMiss.objects.filter(query="alt").update(last_on=TODAY - timedelta(days=91))

    forget_misses()

    assert [miss.query for miss in SearchMiss.objects.all()] == ["neu"]
