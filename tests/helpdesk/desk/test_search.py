"""The desk's search: what it finds, for whom, how it says that there is nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from helpdesk.files.store import put
from helpdesk.search.backend import MOST_HITS
from helpdesk.search.engines import engine
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign, set_category
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Channel, Outcome, Status
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Category, Ticket
from knowledgebase.domain.write import TextDraft
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section
from tests.helpdesk.desk.pages import Page, counted_queries, make_tickets, page_of, signed_in
from tests.helpdesk.search.making import begin_anew, index_everything

SEARCH = "/a/suche/"
pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
# On PostgreSQL the index itself is asked by two of them.
PAGE_QUERIES = 20 if settings.ON_POSTGRES else 15


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

    assert found(house, "Request", status="resolved") == [done.pk]
    assert found(house, "Request", status="new") == [open_one.pk]
    assert len(found(house, "Request", team=str(house.roads.pk))) == 2
    assert found(house, "Request", team=str(house.waste.pk)) == []
    assert found(house, "Request", quiet="7") == [done.pk]


@pytest.mark.parametrize(
    "filters",
    [{"team": "x"}, {"status": "?"}, {"since": "²"}, {"after": "-3"}, {"kind": "?"}, {"sort": "?"}],
)
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


def test_search_shows_twenty_five_a_page_and_goes_on_behind_the_last(house: House) -> None:
    make_tickets(house, 27)
    index_everything()
    client = signed_in(house.anna)
    first = client.get(reverse("desk:search"), {"text": "Request"})

    second = client.get(first.context["next_url"])

    shown = [[hit.ticket.pk for hit in page.context["hits"]] for page in (first, second)]
    assert (len(shown[0]), len(shown[1]), len({*shown[0], *shown[1]})) == (25, 2, 27)
    assert (second.context["next_url"], second.context["first_url"]) == (
        "",
        "/a/suche/?text=Request",
    )


def test_search_goes_on_where_it_was_when_something_new_is_found_meanwhile(house: House) -> None:
    make_tickets(house, 27)
    index_everything()
    client = signed_in(house.anna)
    next_url = client.get(reverse("desk:search"), {"text": "Request"}).context["next_url"]
    make_ticket(house, subject="Request", message_id="<new@x>")
    index_everything()

    second = client.get(next_url)

    assert len(second.context["hits"]) == 2


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


def test_search_narrows_by_every_filter_in_the_engine_as_in_the_database(house: House) -> None:
    lantern = make_lantern(house)
    other = make_ticket(house, subject="Laterne", channel=Channel.PHONE, message_id="")
    topic = Category.objects.create(authority=house.authority, name="Licht")
    below = Category.objects.create(authority=house.authority, name="Laternen", parent=topic)
    set_category(ticket_id=lantern.pk, user=house.anna, category_id=below.pk)
    assign(ticket_id=lantern.pk, user=house.anna, owner_id=house.anna.pk)
    index_everything()

    for name, mine, others in (
        ("owner", "me", "none"),
        ("topic", str(topic.pk), "none"),
        ("channel", "mail", "phone"),
        ("files", "with", "without"),
    ):
        assert found(house, "Laterne", **{name: mine}) == [lantern.pk], name
        assert found(house, "Laterne", **{name: others}) == [other.pk], name


def test_search_finds_by_filters_alone_the_newest_first(house: House) -> None:
    old, new = make_tickets(house, 2)
    for ticket, days in ((old, 5), (new, 3)):
        moment = timezone.now() - timedelta(days=days)
        Ticket.objects.filter(pk=ticket.pk).update(received_at=moment, active_at=moment)
    change_status(ticket_id=old.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    Ticket.objects.filter(pk=old.pk).update(active_at=timezone.now() - timedelta(days=5))
    since = (timezone.localdate() - timedelta(days=9)).isoformat()

    assert found(house, "", since=since) == [new.pk, old.pk]
    assert found(house, "", since=since, until=since) == []


def test_search_by_filters_alone_walks_the_many_that_have_ended_by_an_index(house: House) -> None:
    if settings.ON_POSTGRES:
        return
    with CaptureQueriesContext(connection) as asked:
        ask(house, "", since="2026-01-01")

    sorting = [one["sql"] for one in asked if one["sql"].endswith(f"LIMIT {MOST_HITS}")]
    with connection.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in sorting]
    walks = [" ".join(line[3] for line in plan) for plan in plans]
    assert any("ticket_ended_active" in walk and "TEMP B-TREE" not in walk for walk in walks), walks


def test_search_sorts_by_relevance_or_by_date(house: House) -> None:
    exact = make_ticket(house, subject="Reisepass", message_id="<1@x>")
    late = make_ticket(house, subject="Frage", text="Zum Reisepass", message_id="<2@x>")
    Ticket.objects.filter(pk=exact.pk).update(active_at=timezone.now() - timedelta(days=9))
    Ticket.objects.filter(pk=late.pk).update(active_at=timezone.now())
    index_everything()

    assert found(house, "Reisepass") == [exact.pk, late.pk]
    assert found(house, "Reisepass", sort="-active") == [late.pk, exact.pk]


def test_search_has_tabs_with_counts_of_what_this_agent_may_know(house: House) -> None:
    make_lantern(house)
    index_everything()

    counts = {
        name: [
            tab["count"] for tab in signed_in(user).get(SEARCH, {"q": "Wołański"}).context["tabs"]
        ]
        for name, user in (("anna", house.anna), ("bert", house.bert))
    }

    assert counts == {"anna": [1, 1, 0], "bert": [0, 0, 0]}


def test_citizens_found_stand_with_their_ways_and_requests(house: House) -> None:
    lantern = make_lantern(house)
    second = make_ticket(
        house, person=Person("Jürgen Wołański", "j.wolanski@example.org"), message_id="<2@x>"
    )
    change_status(ticket_id=second.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    index_everything()

    page = ask(house, "wolanski", kind="citizens")

    hit = page.context["hits"][0]
    assert (hit.pk, hit.total, hit.unfinished) == (lantern.citizen_id, 2, 1)
    assert "j.wolanski@example.org" in hit.detail
    assert reverse("desk:citizen", args=[lantern.citizen_id]) in page.content.decode()


def test_answers_found_are_those_that_staff_may_read(house: House) -> None:
    section = make_section(house.authority)
    answer = make_answer(section, TextDraft("Straßenlaterne melden", "Hier.", "<p>Hier.</p>"))
    index_everything()

    hits = ask(house, "Straßenlaterne", kind="answers").context["hits"]

    assert [(hit.pk, str(hit.title)) for hit in hits] == [
        (answer.pk, "<mark>Straßenlaterne</mark> melden")
    ]


def test_what_was_found_is_changed_together_and_leads_back_to_the_search(house: House) -> None:
    tickets = make_tickets(house, 3)
    index_everything()
    client = signed_in(house.anna)
    page = client.get(SEARCH, {"text": "Request", "status": "new"})
    assert 'action="/a/v/search/sammeln/?status=new&amp;text=Request"' in page.content.decode()

    done = client.post("/a/v/search/sammeln/?status=new&text=Request", {"all": "1", "do": "mine:"})

    assert done["Location"] == "/a/suche/?status=new&text=Request"
    assert set(Ticket.objects.values_list("owner", flat=True)) == {house.anna.pk}
    assert len(tickets) == 3


def test_a_search_is_saved_and_opens_as_a_search_again(house: House) -> None:
    done, _other = make_tickets(house, 2)
    change_status(ticket_id=done.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    index_everything()
    client = signed_in(house.anna)

    saved = client.post(
        reverse("desk:view_new", args=["search"]) + "?text=Request&status=resolved",
        {"name": "Erledigte", "audience": f"team-{house.roads.pk}"},
    )
    page = client.get(saved["Location"])
    foreign = signed_in(house.bert).get(saved["Location"])

    assert [hit.ticket.pk for hit in page.context["hits"]] == [done.pk]
    assert '<h1 tabindex="-1">Erledigte</h1>' in page.content.decode()
    assert foreign.status_code == 404


def test_a_request_found_leads_back_to_the_search(house: House) -> None:
    first, _second = make_tickets(house, 2)
    index_everything()
    client = signed_in(house.anna)
    client.get(SEARCH, {"text": "Request", "sort": "-active"})

    page = client.get(f"{page_of(first)}?view=search")

    assert 'href="/a/suche/?text=Request&amp;sort=-active"' in page.content.decode()
    assert page.context["place"].total == 2


def test_a_request_that_was_found_is_drawn_anew_alone_while_it_meets_the_filters(
    house: House,
) -> None:
    lantern = make_lantern(house)
    foreign = make_ticket(
        house, message_id="<f@x>", team_id=house.waste.pk, sender_id=None, subject="Laterne"
    )
    index_everything()
    lantern.refresh_from_db()
    address = ask(house, "laterne", status="new").context["row_url"]
    anna = signed_in(house.anna)

    fresh = anna.get(address.replace("ID", str(lantern.pk)))
    unknown = anna.get(address.replace("ID", str(foreign.pk)))
    change_status(ticket_id=lantern.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)
    left = anna.get(address.replace("ID", str(lantern.pk)))

    assert fresh.content.decode().lstrip().startswith("<li")
    assert "<mark>Straßenlaterne</mark>" in fresh.content.decode()
    assert f'data-version="{lantern.version}"' in fresh.content.decode()
    assert (unknown.status_code, left.status_code) == (204, 204)
