"""The desk's search: what it finds, for whom, how it says that there is nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from helpdesk.files.store import put
from helpdesk.search.engines import engine
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Status
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, counted_queries, make_tickets, page_of, signed_in
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
# On PostgreSQL the index itself is asked by two of them.
PAGE_QUERIES = 13 if settings.ON_POSTGRES else 11


@pytest.fixture
def house() -> House:
    return make_house()


def ask(house: House, text: str, **filters: str) -> Page:
    return signed_in(house.anna).get(reverse("desk:search"), {"q": text, **filters})


def found(house: House, text: str, **filters: str) -> list[int]:
    return [hit.ticket.pk for hit in ask(house, text, **filters).context["hits"]]


def make_lantern(house: House) -> Ticket:
    stored = put(b"x", "image/jpeg")
    ticket = make_ticket(
        house,
        subject="Straßenlaterne dunkel",
        text="Seit Montag ist es am Kirchplatz finster. Bitte um Rückruf.",
        person=Person("Jürgen Wołański", "j.wolanski@example.org"),
        files=(InboundFile(stored.pk, "mast-7_nacht.jpg", "image/jpeg", stored.size),),
        message_id="<lantern@example.org>",
    )
    write_note(ticket_id=ticket.pk, user=house.anna, text="Elektriker Dietz kommt am Freitag.")
    return ticket


@pytest.mark.parametrize(
    "text",
    [
        "strassenlaterne",
        "Laternen",
        "kirchplatz",
        "juergen wolanski",
        "j.wolanski@example.org",
        "mast nacht",
        "Dietz Elektriker",
        "finstre",
    ],
)
def test_search_finds_a_ticket_by_everything_in_it(house: House, text: str) -> None:
    lantern = make_lantern(house)
    make_tickets(house, 2)
    index_everything()

    assert found(house, text) == [lantern.pk]


def test_search_leads_straight_to_the_ticket_of_a_number_or_reference(house: House) -> None:
    ticket, _other = make_tickets(house, 2)
    index_everything()
    year, count = ticket.number.split("-")

    for typed in (ticket.number, f"{year} {int(count)}", count, ticket.reference.lower()):
        assert ask(house, typed)["Location"] == page_of(ticket)


def test_search_marks_what_was_found_and_escapes_everything_else(house: House) -> None:
    make_ticket(
        house,
        subject="<script>alert(1)</script> Laterne",
        text="Die <b>Laterne</b> & <img src=x onerror=alert(1)> leuchtet nicht.",
        person=Person('"><img src=x> Laterne', "c@example.org"),
    )
    index_everything()

    page = ask(house, "Laterne").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>Laterne</mark>" in page
    assert "Die &lt;b&gt;<mark>Laterne</mark>&lt;/b&gt; &amp; &lt;img src=x" in page
    assert "<script>alert" not in page
    assert "<img" not in page


def test_search_says_that_a_piece_is_from_an_internal_note(house: House) -> None:
    make_lantern(house)
    index_everything()

    hits = [ask(house, text).context["hits"][0] for text in ("Elektriker", "Kirchplatz")]

    assert [hit.is_note for hit in hits] == [True, False]


def test_search_is_narrowed_by_team_state_and_time(house: House) -> None:
    done, open_one = make_tickets(house, 2)
    Ticket.objects.filter(pk=open_one.pk).update(active_at=timezone.now())
    Ticket.objects.filter(pk=done.pk).update(active_at=timezone.now() - timedelta(days=20))
    change_status(ticket_id=done.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    index_everything()

    assert found(house, "Request", state="ended") == [done.pk]
    assert found(house, "Request", state="open") == [open_one.pk]
    assert len(found(house, "Request", team=str(house.roads.pk))) == 2
    assert found(house, "Request", team=str(house.waste.pk)) == []
    assert found(house, "Request", days="7") == [open_one.pk]
    assert len(found(house, "Request", days="30")) == 2


@pytest.mark.parametrize("filters", [{"team": "x"}, {"state": "?"}, {"days": "²"}, {"page": "-3"}])
def test_search_ignores_filters_that_make_no_sense(house: House, filters: dict[str, str]) -> None:
    make_tickets(house, 2)
    index_everything()

    assert len(found(house, "Request", **filters)) == 2


@pytest.mark.parametrize(
    "text,state", [("", "start"), ("der die das", "common"), ("Xylofon", "none"), ("🙂", "common")]
)
def test_search_says_what_to_do_when_there_is_nothing(house: House, text: str, state: str) -> None:
    make_tickets(house, 1)
    index_everything()

    response = ask(house, text)

    assert response.context["state"] == state
    assert b'class="empty"' in response.content


def test_search_without_an_index_says_so_and_still_knows_numbers(house: House) -> None:
    ticket = make_tickets(house, 1)[0]
    begin_anew()

    response = ask(house, "Request")

    assert response.context["state"] == "building"
    assert b"find-notice" in response.content
    assert ask(house, ticket.number)["Location"] == page_of(ticket)


def test_search_shows_twenty_five_a_page(house: House) -> None:
    make_tickets(house, 27)
    index_everything()

    first, second = found(house, "Request"), found(house, "Request", page="2")

    assert (len(first), len(second), len({*first, *second})) == (25, 2, 27)


@pytest.mark.parametrize("count", [1, 3])
def test_each_page_of_hits_has_the_same_number_of_queries(house: House, count: int) -> None:
    make_tickets(house, count)
    index_everything()
    client = signed_in(house.anna)
    client.get("/a/")

    with counted_queries() as queries:
        response = client.get(reverse("desk:search"), {"q": "Request"})

    assert len(response.context["hits"]) == count
    assert len(queries) == PAGE_QUERIES


def test_suggestions_know_numbers_beginnings_and_nothing_foreign(house: House) -> None:
    lantern = make_lantern(house)
    index_everything()
    address = reverse("desk:suggest")

    own = signed_in(house.anna).post(address, {"q": "straßenlat"})
    by_number = signed_in(house.anna).post(address, {"q": lantern.number[5:]})
    foreign = signed_in(house.bert).post(address, {"q": "straßenlat"})
    nothing = signed_in(house.bert).post(address, {"q": "xylofonxy"})

    assert page_of(lantern) in own.content.decode()
    assert page_of(lantern) in by_number.content.decode()
    plain = foreign.content.decode().replace("straßenlat", "W").replace("stra%C3%9Fenlat", "W")
    assert plain == nothing.content.decode().replace("xylofonxy", "W")


def test_search_of_a_broken_index_is_a_page_and_no_error(house: House) -> None:
    make_tickets(house, 1)
    engine().clear()

    for typed in ("Request", "'", "& |", "\\", "ü" * 5000, "\x00"):
        assert ask(house, typed).status_code == 200
