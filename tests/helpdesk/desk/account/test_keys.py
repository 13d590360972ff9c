"""One's own keys: changed, switched off, refused with a reason; and the way to what is due next."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import User
from helpdesk.desk.commands import BY_KEY, find_conflicts, is_usable
from helpdesk.desk.forms.keys import KeysForm, name_of
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.deadline import set_due
from tests.factories.house import House, make_house
from tests.helpdesk.desk.pages import make_tickets, page_of, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/a/konto/tasten/"


@pytest.fixture
def house() -> House:
    return make_house()


def filled(user: User, **keys: str) -> dict[str, str]:
    """Return the form as a browser sends it, with these keys for others: ``e="d"``."""
    form = KeysForm(user=user)
    given = {bound.name: bound.value() for bound in form if bound.name != "keys_off"}
    return given | {name_of(BY_KEY[key]): value for key, value in keys.items()}


def test_a_key_is_changed_and_only_the_change_is_kept(house: House) -> None:
    client = signed_in(house.anna)

    response = client.post(PAGE, filled(house.anna, e="d", z="", c="gx"))

    assert response["Location"] == PAGE
    house.anna.refresh_from_db()
    assert house.anna.key_changes == {"e": "d", "z": "", "c": "g x"}
    assert not house.anna.keys_off
    page = client.get("/a/v/all/").content.decode()
    assert "data-key-changes=" in page
    help_text = client.get(reverse("desk:commands")).content.decode()
    assert "<kbd>d</kbd>" in help_text
    assert "<kbd>e</kbd>" not in help_text.replace("<kbd>g</kbd> <kbd>e</kbd>", "")


def test_two_commands_may_change_their_keys_with_each_other(house: House) -> None:
    signed_in(house.anna).post(PAGE, filled(house.anna, e="h", h="e"))

    house.anna.refresh_from_db()
    assert house.anna.key_changes == {"e": "h", "h": "e"}


def test_a_key_that_belongs_to_another_is_refused_and_stays_in_the_form(house: House) -> None:
    response = signed_in(house.anna).post(PAGE, filled(house.anna, e="r"))

    assert response.status_code == 422
    form = response.context["form"]
    field = name_of(BY_KEY["e"])
    assert list(form.errors) == [field]
    assert "Antworten" in form.errors[field][0]
    assert form[field].value() == "r"
    house.anna.refresh_from_db()
    assert house.anna.key_changes == {}


@pytest.mark.parametrize("key", ["@", "[", "g", "ab", "g g g", "{", "a b", "\u200b"])
def test_a_key_that_cannot_be_pressed_is_refused(house: House, key: str) -> None:
    response = signed_in(house.anna).post(PAGE, filled(house.anna, e=key))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name_of(BY_KEY["e"])]


def test_single_keys_are_switched_off_and_all_brought_back(house: House) -> None:
    client = signed_in(house.anna)
    client.post(PAGE, filled(house.anna, e="d") | {"keys_off": "on"})
    house.anna.refresh_from_db()
    assert house.anna.keys_off
    assert 'data-keys="off"' in client.get("/a/v/all/").content.decode()

    client.post(PAGE, {"standard": "1"})

    house.anna.refresh_from_db()
    assert (house.anna.keys_off, house.anna.key_changes) == (False, {})


def test_each_conflict_names_the_changed_command_first() -> None:
    found = [(one.key, other.key) for one, other in find_conflicts({"e": "r", "!": "r"})]

    assert found == [("e", "r"), ("!", "r")]
    assert is_usable("ö")


def test_next_due_is_mine_or_nobodys_with_the_nearest_deadline(house: House) -> None:
    first, second, foreign = make_tickets(house, 3)
    for ticket, hours in ((foreign, 1), (first, 2), (second, 3)):
        due = timezone.now() + timedelta(hours=hours)
        set_due(ticket_id=ticket.pk, due_at=due, kind="first_answer", paused=False)
    carla = User.objects.create(authority=house.authority, email="c@example.org", name="Carla")
    house.roads.memberships.create(user=carla)
    assign(ticket_id=foreign.pk, user=house.anna, owner_id=carla.pk)
    client = signed_in(house.anna)

    assert client.get("/a/naechstes/")["Location"] == f"{page_of(first)}?view=unassigned"
    behind = client.get("/a/naechstes/", headers={"referer": f"http://x{page_of(first)}?view=mine"})
    assert behind["Location"] == f"{page_of(second)}?view=unassigned"
    nothing = signed_in(house.bert).get("/a/naechstes/", follow=True)
    assert "Auf Sie wartet nichts." in nothing.content.decode()
