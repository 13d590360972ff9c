"""The palette: commands and places of one's own rights, and what is found while one types."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from helpdesk.desk.commands import BY_KEY
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_administrator, make_house
from tests.helpdesk.desk.pages import counted_queries, make_tickets, page_of, signed_in
from tests.helpdesk.search.making import index_everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
FIRST = "Citizen 1"
# Numbers, references, the search of requests with what it found, citizens with theirs, answers.
MOST_QUERIES = 12


@pytest.fixture
def house() -> House:
    return make_house()


def asked(client: Client, **given: str) -> str:
    response = client.post(reverse("desk:suggest"), given)
    assert response.status_code == 200
    return response.content.decode()


def places(client: Client) -> set[str]:
    text = client.get(reverse("desk:commands")).content.decode()
    return set(re.findall(r'href="([^"]+)"', text[text.index("<template") :]))


def test_a_number_a_name_and_the_end_of_a_mail_address_are_found(house: House) -> None:
    one, two = make_tickets(house, 2)
    index_everything()
    client = signed_in(house.anna)

    assert page_of(two) in asked(client, q=two.number[-1:], only="#")
    found = asked(client, q=FIRST)
    assert page_of(one) in found
    assert reverse("desk:citizen", args=[one.citizen_id]) in found
    assert reverse("desk:citizen", args=[two.citizen_id]) in asked(client, q="citizen2@", only="@")


def test_a_sign_in_front_narrows_to_one_kind(house: House) -> None:
    (one,) = make_tickets(house, 1)
    index_everything()
    client = signed_in(house.anna)

    assert page_of(one) not in asked(client, q=FIRST, only="@")
    assert reverse("desk:citizen", args=[one.citizen_id]) not in asked(client, q=FIRST, only="#")


def test_nothing_typed_shows_what_was_opened_last_as_far_as_one_may_see_it(house: House) -> None:
    one, two = make_tickets(house, 2)
    recent = f"{two.pk},{one.pk},999999,x"

    found = asked(signed_in(house.anna), recent=recent)
    foreign = asked(signed_in(house.bert), recent=recent)

    assert found.index(page_of(two)) < found.index(page_of(one))
    assert foreign == asked(signed_in(house.bert))


def test_whom_one_may_not_know_of_is_as_if_they_were_not_there(house: House) -> None:
    make_tickets(house, 1)
    index_everything()
    client = signed_in(house.bert)

    found = [asked(client, q=text, only="@").replace(text, "W") for text in ("Citizen", "Nobody")]

    assert found[0] == found[1]


def test_words_that_fit_nothing_can_be_searched_or_become_a_request(house: House) -> None:
    index_everything()

    found = asked(signed_in(house.anna), q="Quarkspeise & mehr")

    assert f"{reverse('desk:search')}?q=Quarkspeise%20%26%20mehr" in found
    assert f"{reverse('desk:new')}#text=Quarkspeise%20%26%20mehr" in found


@pytest.mark.parametrize(
    "only,said",
    [
        ("", "Nichts gefunden."),
        ("#", "Sie sehen kein Anliegen mit dieser Nummer."),
        ("@", "Niemand, den Sie kennen dürfen, heißt so."),
    ],
)
def test_what_finds_nothing_says_so_and_what_to_do_next(house: House, only: str, said: str) -> None:
    nothing = asked(signed_in(house.anna), q="987654", only=only)

    assert said in nothing
    assert f"{reverse('desk:search')}?q=987654" in nothing
    # A number that nobody has is no text of a new request.
    assert (reverse("desk:new") in nothing) == (only != "#")


@pytest.mark.parametrize("count", [1, 5])
def test_the_palette_asks_equally_often(house: House, count: int) -> None:
    make_tickets(house, count)
    index_everything()
    client = signed_in(house.anna)
    asked(client, q="Citizen")

    with counted_queries() as queries:
        asked(client, q="Citizen")

    # An engine in the database asks there, too: five times for three kinds of hits.
    more = 5 if connection.vendor == "postgresql" else 0
    assert len(queries) <= MOST_QUERIES + more


def test_places_are_those_of_ones_rights_and_every_command_is_there(house: House) -> None:
    house.authority.require_second_factor = False
    house.authority.save()
    settings = reverse("desk:settings_mailboxes")
    client = signed_in(house.anna)

    assert settings not in places(client)
    assert settings in places(signed_in(make_administrator(house.authority)))
    assert reverse("account_keys") in places(client)
    text = client.get(reverse("desk:commands")).content.decode()
    named = set(re.findall(r'data-command="([^"]+)"', text))
    changeable = {key for key, one in BY_KEY.items() if not one.is_fixed}
    assert named == {key.replace("&", "&amp;") for key in changeable - {"/", "."}}


def test_a_new_request_is_opened_by_hand_for_somebody_known(house: House) -> None:
    (ticket,) = make_tickets(house, 1)
    client = signed_in(house.anna)

    page = client.get(reverse("desk:new"), {"citizen": str(ticket.citizen_id)})
    sent = {
        "channel": "desk",
        "who": f"c{ticket.citizen_id}",
        "note": "Zweites Schlagloch\nNeben dem ersten.",
        "result": "open",
        "request_key": "k1",
    }
    client.post(reverse("desk:call"), sent)

    assert f'value="c{ticket.citizen_id}"' in page.content.decode()
    made = Ticket.objects.exclude(pk=ticket.pk).get(citizen=ticket.citizen_id)
    assert (made.title, made.channel, made.status) == ("Zweites Schlagloch", "desk", "new")


def test_a_stranger_is_not_offered_when_a_request_is_opened_for_them(house: House) -> None:
    (ticket,) = make_tickets(house, 1)

    page = signed_in(house.bert).get(reverse("desk:new"), {"citizen": str(ticket.citizen_id)})

    assert f'value="c{ticket.citizen_id}"' not in page.content.decode()
