"""Saved views: saved from a list, found by whom they are meant for, arranged, deleted, restored."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import Membership, User
from helpdesk.desk.shell import forget_counts, forget_views
from helpdesk.events.models import Event
from helpdesk.tickets.domain.assign import set_priority
from helpdesk.tickets.enums import Priority
from helpdesk.worklists.domain import views as doors
from helpdesk.worklists.domain.views import Audible, Conditions, save_view
from helpdesk.worklists.models import Audience, SavedView
from tests.factories.house import House, make_administrator, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, LIST_QUERIES, counted_queries, make_tickets, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def carl(house: House) -> User:
    return make_agent(house.authority, "Carl Colleague", house.roads)


def save(user: User, name: str = "Dringend", audible: Audible | None = None) -> SavedView:
    conditions = Conditions("all", {"priority": ["40"]}, "-number")
    return save_view(user=user, name=name, audible=audible or Audible(), conditions=conditions)


def nav_of(user: User) -> dict[str, int | None]:
    forget_views(user)
    nav = signed_in(user).get("/a/v/mine/").context["nav"]
    return {item["label"]: item["count"] for item in nav if item.get("slug", "").startswith("s-")}


def test_saving_is_offered_as_soon_as_the_filters_differ(house: House, anna: Client) -> None:
    make_ticket(house)

    plain, filtered = anna.get("/a/v/all/"), anna.get("/a/v/all/?owner=none")

    assert "/speichern/" not in plain.content.decode()
    assert 'href="/a/v/all/speichern/?owner=none"' in filtered.content.decode()


def test_a_list_is_saved_with_filters_order_and_columns(house: House, anna: Client) -> None:
    _low, high = make_tickets(house, 2)
    set_priority(ticket_id=high.pk, user=house.anna, priority=Priority.URGENT)
    anna.post(reverse("desk:looks", args=["all"]), {"columns": ["title", "priority"]})
    address = reverse("desk:view_new", args=["all"]) + "?priority=40&sort=-number"

    saved = anna.post(address, {"name": " Dringend ", "audience": "own"})
    page = anna.get(saved["Location"])

    view = SavedView.objects.get()
    assert (view.name, view.filters, view.sort) == ("Dringend", {"priority": ["40"]}, "-number")
    assert saved["Location"] == f"/a/v/s-{view.pk}/"
    assert [row.pk for row in page.context["rows"]] == [high.pk]
    assert page.context["columns"] == ("title", "priority")
    assert not page.context["listing"].is_changed
    assert nav_of(house.anna) == {"Dringend": 1}
    assert anna.get("/a/counts/").json()[f"s-{view.pk}"] == 1
    assert Event.objects.filter(subject_kind="saved_view", subject_id=view.pk).count() == 1


def test_a_name_that_is_none_is_refused_and_what_was_typed_is_kept(anna: Client) -> None:
    address = reverse("desk:view_new", args=["all"]) + "?priority=40"

    empty = anna.post(address, {"name": "  ", "audience": "own"})
    long = anna.post(address, {"name": "x" * 61, "audience": "own"})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Geben Sie der Ansicht einen Namen." in empty.content.decode()
    assert "x" * 61 in long.content.decode()
    assert not SavedView.objects.exists()


def test_a_changed_address_of_a_view_can_be_made_the_view(house: House, anna: Client) -> None:
    make_ticket(house)
    view = save(house.anna)

    narrowed = anna.get(f"/a/v/s-{view.pk}/?f=1&owner=none")
    anna.post(reverse("desk:view_change", args=[view.pk]) + "?f=1&owner=none")

    assert narrowed.context["listing"].is_changed
    assert len(narrowed.context["rows"]) == 1
    assert SavedView.objects.get().filters == {"owner": ["none"]}


def test_views_are_found_by_whom_they_are_meant_for(house: House, carl: User) -> None:
    administrator = make_administrator(house.authority)
    save(house.anna, "Eigene")
    save(house.anna, "Tiefbau", Audible(Audience.TEAM, house.roads.pk))
    save(administrator, "Alle", Audible(Audience.ALL))

    found = {user.name: list(nav_of(user)) for user in (house.anna, carl, house.bert)}

    assert found == {
        "Anna Abend": ["Eigene", "Tiefbau", "Alle"],
        "Carl Colleague": ["Tiefbau", "Alle"],
        "Bert Berg": ["Alle"],
    }


def test_a_shared_view_shows_and_counts_to_each_only_their_own_tickets(house: House) -> None:
    ticket = make_ticket(house)
    set_priority(ticket_id=ticket.pk, user=house.anna, priority=Priority.URGENT)
    view = save(make_administrator(house.authority), "Alle", Audible(Audience.ALL))

    assert nav_of(house.anna) == {"Alle": 1}
    assert nav_of(house.bert) == {"Alle": 0}
    assert signed_in(house.bert).get(f"/a/v/s-{view.pk}/").context["rows"] == []


@pytest.mark.parametrize("audience", ["all", "team-WASTE", "team-999999", "team-", "x"])
def test_nobody_shares_with_whom_they_may_not(house: House, anna: Client, audience: str) -> None:
    given = audience.replace("WASTE", str(house.waste.pk))

    answer = anna.post(
        reverse("desk:view_new", args=["all"]) + "?priority=40",
        {"name": "Dringend", "audience": given},
    )

    assert answer.status_code == 422
    assert not SavedView.objects.exists()


def test_who_may_only_read_in_a_team_does_not_share_with_it(house: House, anna: Client) -> None:
    Membership.objects.filter(user=house.anna).update(can_change=False)

    page = anna.get(reverse("desk:view_new", args=["all"]) + "?priority=40")

    assert [value for value, _label in page.context["audiences"]] == ["own"]


@pytest.mark.parametrize("route", ["view_rename", "view_change", "view_move", "view_delete"])
def test_a_view_of_somebody_else_is_as_if_it_were_not_there(
    house: House, carl: User, route: str
) -> None:
    view = save(house.anna)
    client = signed_in(carl)

    answers = [client.post(reverse(f"desk:{route}", args=[key])) for key in (view.pk, 999_999)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert client.get(f"/a/v/s-{view.pk}/").status_code == 404
    assert SavedView.objects.get().deleted_at is None


def test_views_are_put_in_order_one_place_at_a_time(house: House, anna: Client) -> None:
    first, second, third = (save(house.anna, name) for name in "ABC")

    anna.post(reverse("desk:view_move", args=[third.pk]), {"to": "up"})
    anna.post(reverse("desk:view_move", args=[first.pk]), {"to": "up"})
    anna.post(reverse("desk:view_move", args=[first.pk]), {"to": "down"})

    assert list(nav_of(house.anna)) == ["C", "A", "B"]
    assert second.pk


def test_a_view_is_renamed_and_shared(house: House, anna: Client, carl: User) -> None:
    view = save(house.anna)
    address = reverse("desk:view_rename", args=[view.pk])

    anna.post(address, {"name": "Eilig", "audience": f"team-{house.roads.pk}"})
    refused = anna.post(address, {"name": "", "audience": "own"})

    assert list(nav_of(carl)) == ["Eilig"]
    assert refused.status_code == 422
    assert "Geben Sie der Ansicht einen Namen." in refused.content.decode()


def test_a_deleted_view_is_brought_back_for_a_while(house: House, anna: Client) -> None:
    view = save(house.anna)
    restore = reverse("desk:view_restore", args=[view.pk])

    page = anna.post(reverse("desk:view_delete", args=[view.pk]), follow=True)
    gone = nav_of(house.anna)
    back = anna.post(restore, headers=FETCH)

    assert f'data-undo-url="{restore}"' in page.content.decode()
    assert gone == {}
    assert back.json() == {"url": "/a/ansichten/"}
    assert list(nav_of(house.anna)) == ["Dringend"]
    anna.post(reverse("desk:view_delete", args=[view.pk]))
    SavedView.objects.update(deleted_at=timezone.now() - doors.UNDO_WITHIN)
    assert anna.post(restore, headers=FETCH).status_code == 409


def test_what_was_deleted_long_ago_is_forgotten(house: House) -> None:
    old, new = save(house.anna, "Alt"), save(house.anna, "Neu")
    doors.delete_view(view_id=old.pk, user=house.anna)
    SavedView.objects.update(deleted_at=timezone.now() - doors.KEPT * 2)
    SavedView.objects.filter(pk=new.pk).update(deleted_at=None)

    doors.delete_view(view_id=new.pk, user=house.anna)

    assert list(SavedView.objects.values_list("pk", flat=True)) == [new.pk]


def test_a_view_upon_a_list_that_is_gone_says_so(house: House, anna: Client) -> None:
    view = save_view(
        user=house.anna, name="Team", audible=Audible(), conditions=Conditions("team-tiefbau")
    )
    Membership.objects.filter(user=house.anna).update(team=house.waste)

    page = anna.get("/a/ansichten/").content.decode()

    assert anna.get(f"/a/v/s-{view.pk}/").status_code == 404
    assert "Ihr Team ist für Sie nicht mehr da." in page
    assert nav_of(house.anna) == {}


def test_somebody_may_save_so_many_and_no_more(
    house: House, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MOST_OWN", 1)
    save(house.anna)

    answer = anna.post(
        reverse("desk:view_new", args=["all"]) + "?priority=40", {"name": "B", "audience": "own"}
    )

    assert answer.status_code == 422
    assert "Löschen Sie erst eine" in answer.content.decode()


@pytest.mark.both_engines
@pytest.mark.parametrize("count", [1, 12])
def test_many_views_are_counted_in_one_walk(house: House, anna: Client, count: int) -> None:
    make_tickets(house, 2)
    for number in range(count):
        save(house.anna, f"Ansicht {number}")
    anna.get("/a/v/mine/")
    forget_counts(house.anna)

    with counted_queries() as queries:
        anna.get("/a/v/unassigned/")

    assert len(queries) <= LIST_QUERIES, "\n".join(queries)
