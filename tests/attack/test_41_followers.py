"""Attack case 41: who follows what is told to nobody, and no guess opens a page of theirs."""

import pytest
from django.core.cache import cache
from django.test import Client

from helpdesk.notifications.following import Wish, ask_to_follow, follow_token
from helpdesk.notifications.models import Follower
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket

pytestmark = pytest.mark.django_db
ADDRESS = "aylin@example.org"


@pytest.fixture
def house() -> House:
    cache.clear()
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def test_asking_again_is_the_same_for_who_follows_and_who_does_not(ticket: Ticket) -> None:
    wish = Wish(ticket.pk, ADDRESS, "de")

    said = [ask_to_follow(wish=wish) for _ in range(2)]

    assert said == [True, True]
    first, second = OutgoingMessage.objects.order_by("id").values_list("text", flat=True)
    assert first == second
    assert Follower.objects.count() == 1


def test_an_address_is_not_flooded_by_who_types_it_again_and_again(ticket: Ticket) -> None:
    said = [ask_to_follow(wish=Wish(ticket.pk, ADDRESS, "de")) for _ in range(5)]

    assert said == [True, True, True, False, False]
    assert OutgoingMessage.objects.count() == 3


def test_no_guess_and_no_other_secret_opens_a_followers_page(ticket: Ticket) -> None:
    ask_to_follow(wish=Wish(ticket.pk, ADDRESS, "de"))
    right = follow_token(Follower.objects.get())
    number, _dash, proof = right.partition("-")
    guesses = [
        f"{number}-{'a' * len(proof)}",
        f"zz-{proof}",
        number,
        "-",
        f"{number}-",
        f"{number}-ß",
        f"{'9' * 40}-{proof}",
        status_token(ticket),
    ]

    pages = [Client().get(f"/mit/{guess}/") for guess in guesses]
    stops = [Client().post(f"/mit/{guess}/beenden/") for guess in guesses]

    assert {page.status_code for page in [*pages, *stops]} == {404}
    # The links to other languages name the address that was asked for.
    mains = {page.content.decode().partition("<main")[2] for page in pages}
    assert len(mains) == 1
    assert Client().get(f"/s/{right}/").status_code == 404
    assert Client().get(f"/mit/{right}/").status_code == 200
    assert Follower.objects.count() == 1
