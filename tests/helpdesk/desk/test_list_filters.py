"""Lists with filters: the bar, the address, what is suggested, columns, what an empty one says."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.desk.shell import forget_counts
from helpdesk.tickets.domain.assign import assign, set_priority
from helpdesk.tickets.domain.deadline import set_due
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Outcome, Priority, Status
from helpdesk.tickets.models import Category, Ticket
from helpdesk.worklists.models import ListSettings
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import LIST_QUERIES, counted_queries, make_tickets, signed_in
from tests.helpdesk.search.making import index_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def keys_of(client: Client, address: str) -> list[int]:
    return [row.pk for row in client.get(address).context["rows"]]


def test_a_filter_narrows_the_list_and_stands_as_a_chip_that_leads_away(
    house: House, anna: Client
) -> None:
    first, _second = make_tickets(house, 2)
    assign(ticket_id=first.pk, user=house.anna, owner_id=house.anna.pk)

    page = anna.get("/a/v/all/?owner=me&sort=number")

    assert [row.pk for row in page.context["rows"]] == [first.pk]
    chip = page.context["chips"][0]
    assert (chip.label, chip.words) == ("Zuständig", "ich")
    assert chip.url == "/a/v/all/?sort=number"
    assert "1 Anliegen" in " ".join(page.content.decode().split())


def test_a_status_that_has_ended_shows_the_ended_of_the_same_list(
    house: House, anna: Client
) -> None:
    mine, other = make_tickets(house, 2)
    for ticket in (mine, other):
        change_status(
            ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED
        )
    assign(ticket_id=mine.pk, user=house.anna, owner_id=house.anna.pk)

    assert keys_of(anna, "/a/v/mine/") == []
    assert keys_of(anna, "/a/v/mine/?status=resolved") == [mine.pk]


def test_a_foreign_teams_filter_finds_as_little_as_one_that_does_not_exist(
    house: House, anna: Client
) -> None:
    make_ticket(house, team_id=house.waste.pk)

    foreign = anna.get(f"/a/v/all/?team={house.waste.pk}")
    absent = anna.get("/a/v/all/?team=999999")

    assert [page.context["rows"] for page in (foreign, absent)] == [[], []]
    assert [page.context["chips"][0].words for page in (foreign, absent)] == ["nicht vorhanden"] * 2
    assert "Kein Anliegen passt" in foreign.content.decode()


def test_what_is_no_filter_is_named_and_the_list_stays_whole(house: House, anna: Client) -> None:
    make_tickets(house, 2)

    page = anna.get("/a/v/all/?due=gestern&status=open&status=resolved")

    assert "Nicht verstanden" in page.content.decode()
    assert page.context["listing"].filters.refused == ("Status: resolved", "Frist: gestern")


def test_words_are_looked_up_by_the_search_within_the_list(house: House, anna: Client) -> None:
    hole = make_ticket(house, subject="Laterne flackert", message_id="<1@x>")
    make_ticket(house, subject="Sperrmüll", message_id="<2@x>")
    index_everything()

    assert keys_of(anna, "/a/v/all/?text=Laternen") == [hole.pk]
    assert keys_of(anna, "/a/v/done/?text=Laternen") == []


@pytest.mark.parametrize("sort", ["number", "title", "citizen", "team", "owner", "topic", "status"])
def test_a_list_is_sorted_up_and_down(house: House, anna: Client, sort: str) -> None:
    make_tickets(house, 3)

    up, down = (keys_of(anna, f"/a/v/all/?sort={sign}{sort}") for sign in ("", "-"))

    assert up == list(reversed(down))
    assert len(up) == 3


def test_a_heading_says_its_order_and_turns_it(house: House, anna: Client) -> None:
    make_tickets(house, 2)

    usual = anna.get("/a/v/all/").content.decode()
    by_number = anna.get("/a/v/all/?sort=number&owner=none").content.decode()

    assert (
        '<th class="c-due" scope="col" aria-sort="ascending"><a href="/a/v/all/?sort=-due">'
        in usual
    )
    assert 'aria-sort="ascending"><a href="/a/v/all/?owner=none&amp;sort=-number">' in by_number


def test_priority_and_further_columns_can_be_chosen_for_a_list(house: House, anna: Client) -> None:
    ticket = make_ticket(house, place="Lindenstraße 14")
    set_priority(ticket_id=ticket.pk, user=house.anna, priority=Priority.URGENT)
    address = reverse("desk:looks", args=["all"])

    anna.post(f"{address}?owner=none", {"columns": ["title", "priority", "place", "evil"]})
    chosen = anna.get("/a/v/all/")
    others = anna.get("/a/v/unassigned/")

    assert chosen.context["columns"] == ("title", "place", "priority")
    assert "Lindenstraße 14" in chosen.content.decode()
    assert "<b>dringend</b>" in chosen.content.decode()
    assert others.context["columns"][0] == "number"
    anna.post(address, {"usual": "1"})
    assert anna.get("/a/v/all/").context["columns"][0] == "number"


def test_density_is_kept_with_the_reader(house: House, anna: Client) -> None:
    make_ticket(house)
    address = reverse("desk:looks", args=["all"])

    back = anna.post(f"{address}?owner=none", {"density": "compact"})
    page = anna.get(back["Location"])

    assert back["Location"] == "/a/v/all/?owner=none"
    assert 'class="list list-compact"' in page.content.decode()
    assert ListSettings.objects.get().user == house.anna
    assert anna.post(address, {"density": "flat"}).status_code == 404


def test_a_ticket_leads_back_to_the_list_with_its_filters(house: House, anna: Client) -> None:
    ticket = make_ticket(house)
    anna.get("/a/v/all/?owner=none&sort=number")

    page = anna.get(reverse("desk:ticket", args=[ticket.number]) + "?view=all")
    done = anna.post(
        reverse("desk:change", args=[ticket.number, "resolve"]),
        {"outcome": "fixed", "view": "all"},
    )

    assert 'href="/a/v/all/?owner=none&amp;sort=number"' in page.content.decode()
    assert done["Location"] == "/a/v/all/?owner=none&sort=number"


def test_a_walk_goes_on_through_what_was_loaded_further_down(house: House, anna: Client) -> None:
    make_tickets(house, 53)
    anna.get("/a/v/all/")
    second = anna.get("/a/v/all/?page=2").context["rows"]

    page = anna.get(reverse("desk:ticket", args=[second[0].number]) + "?view=all")

    assert (page.context["place"].position, page.context["place"].total) == (51, 53)
    assert page.context["place"].previous


def test_a_row_is_asked_for_with_the_filters_of_its_list(house: House, anna: Client) -> None:
    ticket = make_ticket(house)
    row = reverse("desk:row", args=[ticket.pk])

    page = anna.get("/a/v/all/?owner=none")

    assert page.context["row_url"] == "/a/row/ID/?view=all&owner=none"
    assert anna.get(f"{row}?view=all&owner=none").status_code == 200
    assert anna.get(f"{row}?view=all&owner=me").status_code == 204


def results(client: Client, typed: str, query: str = "") -> list[dict[str, str]]:
    address = reverse("desk:filter_suggest", args=["all"])
    found: list[dict[str, str]] = client.get(f"{address}?{query}", {"q": typed}).json()["results"]
    return found


def test_before_a_letter_fields_are_offered_and_after_a_field_its_values(
    house: House, anna: Client
) -> None:
    fields = [found["title"] for found in results(anna, "")]
    teams = results(anna, "Team:")

    assert fields[:3] == ["Status …", "Team …", "Thema …"]
    assert teams == [
        {"title": "Tiefbau", "note": "Team", "url": f"/a/v/all/?team={house.roads.pk}"}
    ]


def test_what_is_typed_finds_values_of_every_field_and_at_last_the_words(
    house: House, anna: Client
) -> None:
    Category.objects.create(authority=house.authority, name="Tiefgarage")

    found = [(one["title"], one.get("note")) for one in results(anna, "tief")]

    assert found == [("Tiefbau", "Team"), ("Tiefgarage", "Thema"), ("„tief“", "Text")]


@pytest.mark.parametrize("typed", ["3.11.2025", "3. 11. 25", "03/11/2025", "2025-11-03"])
def test_a_day_is_taken_as_people_write_it(house: House, anna: Client, typed: str) -> None:
    del house

    found = results(anna, f"Eingegangen ab: {typed}")

    assert found == [
        {"title": "03.11.2025", "note": "Eingegangen ab", "url": "/a/v/all/?since=2025-11-03"}
    ]


def test_before_a_day_is_typed_some_are_offered(house: House, anna: Client) -> None:
    del house
    today = timezone.localdate()

    offered = {found["url"].partition("=")[2] for found in results(anna, "Eingegangen bis:")}

    assert {today.isoformat(), f"{today.year}-01-01"} <= offered
    assert results(anna, "Eingegangen bis: 31.2.2026") == []


def test_a_free_period_stands_as_chips_and_in_the_form_of_all_filters(
    house: House, anna: Client
) -> None:
    old, new = make_tickets(house, 2)
    for ticket, days in ((old, 40), (new, 1)):
        moment = timezone.now() - timedelta(days=days)
        Ticket.objects.filter(pk=ticket.pk).update(received_at=moment)
    since = (timezone.localdate() - timedelta(days=3)).isoformat()

    page = anna.get(f"/a/v/all/?since={since}&files=without")
    form = anna.get(f"/a/v/all/filter/?since={since}").content.decode()

    assert [row.pk for row in page.context["rows"]] == [new.pk]
    assert [chip.label for chip in page.context["chips"]] == ["Eingegangen ab", "Dateien"]
    assert f'value="{since}"' in form


def test_neither_foreign_teams_nor_their_people_are_offered(house: House, anna: Client) -> None:
    make_agent(house.authority, "Abel Abfall", house.waste)

    titles = {found["title"] for typed in ("ab", "be", "Team:") for found in results(anna, typed)}

    assert titles >= {"Anna Abend", "Tiefbau"}
    assert not titles & {"Abel Abfall", "Abfall", "Bert Berg"}


def test_all_filters_stand_on_a_page_that_needs_no_script(anna: Client) -> None:
    page = anna.get("/a/v/all/filter/?due=week&priority=40").content.decode()
    form = page.partition("filter-form")[2].partition("</form>")[0]

    assert 'action="/a/v/all/"' in form
    assert form.count("checked") == 5  # two values, and "any" of the three other single fields
    assert "Anna Abend" in page
    assert "Bert Berg" not in page


def test_an_empty_list_says_which_deadline_is_next(house: House, anna: Client) -> None:
    ticket = make_ticket(house)
    due = timezone.now() + timedelta(days=2)
    set_due(ticket_id=ticket.pk, due_at=due, kind="first_answer", paused=False)

    page = anna.get("/a/v/mine/").content.decode()

    assert "Alles erledigt" in page
    assert "Nächste Frist" in page
    assert ticket.number[5:] in page


def test_a_filter_without_hits_offers_to_be_reset(anna: Client) -> None:
    page = anna.get("/a/v/all/?priority=40").content.decode()

    assert "Kein Anliegen passt" in page
    assert '<a class="link" href="/a/v/all/">' in " ".join(page.split())


def test_more_than_a_thousand_are_not_counted_to_the_end(
    house: House, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.desk.views.lists.COUNTED", 51)
    make_tickets(house, 52)
    Ticket.objects.update(status=Status.RESOLVED, outcome=Outcome.FIXED)

    page = anna.get("/a/v/done/")

    assert "mehr als 1.000 Anliegen" in page.content.decode()
    assert page.context["next_url"] == "/a/v/done/?page=2"
    # Nor are they counted again at once: what has ended stays.
    with counted_queries() as queries:
        again = anna.get("/a/v/done/")
    assert again.context["next_url"] == "/a/v/done/?page=2"
    assert not [query for query in queries if "COUNT(*) FROM (SELECT" in query]


@pytest.mark.both_engines
@pytest.mark.parametrize("count", [1, 30])
def test_a_filtered_list_costs_the_same_with_one_row_and_with_thirty(
    house: House, anna: Client, count: int
) -> None:
    make_tickets(house, count)
    topic = Category.objects.create(authority=house.authority, name="Straßen")
    Ticket.objects.update(category=topic)
    anna.get("/a/v/mine/")
    forget_counts(house.anna)

    with counted_queries() as queries:
        page = anna.get(f"/a/v/all/?owner=none&topic={topic.pk}&sort=-priority&due=none&due=week")

    assert len(page.context["rows"]) in {0, count}
    # And the topics for their word, how the list is to look, and a count with filters.
    assert len(queries) <= LIST_QUERIES + 3, "\n".join(queries)
