"""Who may be meant by what is typed, and what an agent may learn by typing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.citizens.domain.identify import take_in
from helpdesk.desk.callers import find_callers, read_choice
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article
from tests.factories.house import House, make_authority, make_house, make_ticket
from tests.helpdesk.desk.calls import DONE, OPEN, make_citizen, note_call, with_ticket
from tests.helpdesk.desk.pages import counted_queries

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


def found(house: House, typed: str) -> list[str]:
    return [hit.value for hit in find_callers(house.anna, typed)]


@pytest.mark.parametrize(
    "typed",
    [
        "0171 555",
        "5550132",
        "0132",
        "+49 171",
        "Yildiz",
        "ayl",
        "LINDEN",
        "Lindenstr yıldız",
        "Aylin Yıldız",
    ],
)
def test_a_citizen_is_found_by_any_part_of_number_name_or_street(house: House, typed: str) -> None:
    citizen = make_citizen(house, "Aylin Yıldız", "0171 5550132", "Lindenstraße 14")
    make_citizen(house, "Bernd Ahorn", "0172 4441111", "Ahornweg 2")
    with_ticket(house, citizen)

    assert f"c{citizen.pk}" in found(house, typed)


@pytest.mark.parametrize("typed", ["petra.lindner@example.org", "petra.l", "lindner"])
def test_a_citizen_is_found_by_mail(house: House, typed: str) -> None:
    ticket = make_ticket(house, person=Person("", "Petra.Lindner@example.org"))

    assert f"c{ticket.citizen_id}" in found(house, typed)


def test_each_word_typed_must_fit(house: House) -> None:
    citizen = make_citizen(house, "Aylin Yıldız", address="Lindenstraße 14")
    with_ticket(house, citizen)

    assert found(house, "Aylin Ahornweg") == ["new"]


def test_open_requests_come_first_then_their_citizen_then_somebody_new(house: House) -> None:
    citizen = make_citizen(house, "Aylin Yıldız", "0171 5550132")
    ticket = with_ticket(house, citizen)

    hits = find_callers(house.anna, "Yıldız")

    assert [hit.value for hit in hits] == [f"t{ticket.pk}", f"c{citizen.pk}", "new"]
    assert hits[0].title == f"Zu {ticket.number[5:]} hinzufügen"
    assert "0171 5550132 · 1 offen" in hits[1].detail
    assert hits[2].title == "Neu: Yıldız"


def test_an_ended_request_is_not_offered(house: House) -> None:
    article = note_call(house, DONE)

    assert found(house, "Lindner") == [f"c{article.ticket.citizen_id}", "new"]


def test_nobody_found_offers_somebody_new_parsed_from_the_same_words(house: House) -> None:
    [new] = find_callers(house.anna, "Meyer, 0171 5550132")

    assert (new.value, new.title, new.detail) == ("new", "Neu: Meyer", "0171 5550132")


def test_a_citizen_of_another_teams_tickets_alone_is_not_found(house: House) -> None:
    citizen = make_citizen(house, "Aylin Yıldız", "0171 5550132")
    with_ticket(house, citizen, house.waste)

    assert found(house, "Yıldız") == ["new"]
    assert found(house, "0132") == ["new"]
    assert read_choice(house.anna, f"c{citizen.pk}") is None
    assert [hit.value for hit in find_callers(house.bert, "Yıldız")][1] == f"c{citizen.pk}"


def test_of_a_shared_citizen_only_the_own_teams_requests_show(house: House) -> None:
    citizen = make_citizen(house, "Aylin Yıldız")
    mine, theirs = with_ticket(house, citizen), with_ticket(house, citizen, house.waste)

    hits = find_callers(house.anna, "Yıldız")

    assert [hit.value for hit in hits] == [f"t{mine.pk}", f"c{citizen.pk}", "new"]
    assert "1 offen" in hits[1].detail
    assert read_choice(house.anna, f"t{theirs.pk}") is None


def test_whom_an_agent_took_in_they_find_again_though_the_request_went_elsewhere(
    house: House,
) -> None:
    article = note_call(house, OPEN, team=house.waste)

    assert found(house, "Lindner") == [f"c{article.ticket.citizen_id}", "new"]


def test_citizens_of_another_town_are_not_found(house: House) -> None:
    other = make_authority("Stadt Anderswo", "AW")
    citizen = take_in(authority_id=other.pk, name="Aylin Yıldız")
    # Even if a row of theirs were ever in a team of ours.
    with_ticket(house, citizen)

    assert found(house, "Yıldız") == ["new"]
    assert read_choice(house.anna, f"c{citizen.pk}") is None


@pytest.mark.parametrize("typed", ["#{0}", "# {1}", "#2026-{0}", "#{2}"])
def test_a_ticket_is_meant_by_its_number_or_reference(house: House, typed: str) -> None:
    ticket = make_ticket(house)
    number = ticket.number[5:]

    asked = typed.format(number, int(number), ticket.reference)

    assert found(house, asked) == [f"t{ticket.pk}"]


def test_a_foreign_tickets_number_is_as_if_there_were_none(house: House) -> None:
    ticket = make_ticket(house, team_id=house.waste.pk)

    assert found(house, f"#{ticket.number}") == found(house, "#2026-999999") == []


def test_a_second_call_within_ten_minutes_is_hinted_and_later_not(house: House) -> None:
    article = note_call(house, OPEN)
    hits = find_callers(house.anna, "Lindner")
    Article.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    later = find_callers(house.anna, "Lindner")

    assert [hit.hint for hit in hits if hit.kind == "citizen"] == [
        f"Vor 0 Min. von Anna Abend in {article.ticket.number[5:]} notiert: derselbe Anruf?"
    ]
    assert [hit.hint for hit in later if hit.kind == "citizen"] == [""]


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_needs_four_queries_for_one_and_for_three(house: House, count: int) -> None:
    for number in range(count):
        with_ticket(house, make_citizen(house, f"Yıldız {number}", f"0171 555013{number}"))
    find_callers(house.anna, "nobody at all")

    with counted_queries() as queries:
        hits = find_callers(house.anna, "Yıldız")

    assert len(hits) == 2 * count + 1
    assert len(queries) == 4


@pytest.mark.parametrize(
    "value", ["c", "c-1", "x1", "c999999", "t999999", "c" + "9" * 30, "c²", ""]
)
def test_read_choice_of_what_is_not_there_is_none(house: House, value: str) -> None:
    assert read_choice(house.anna, value) is None
