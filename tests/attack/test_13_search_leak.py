"""Attack case 13: whoever may not know of a ticket learns nothing of it by searching.

B searches for everything that is in A's ticket: number, reference, words of title, message,
note and answer, the citizen's name and address, the file. What B gets is, byte for byte, what
a search for something that is nowhere gets; A finds the ticket by each of them.
"""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.models import Ticket
from knowledgebase.models import Synonym
from tests.attack.town import CANARY, World, make_world
from tests.helpdesk.desk.pages import counted_queries
from tests.helpdesk.search.making import index_everything

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db]
NOWHERE = "Zzyxquorp"
PAGES = ("desk:search", "desk:suggest")
FOREIGN = ("B", "ADM", "ADM2")


@pytest.fixture
def world() -> World:
    made = make_world()
    index_everything()
    return made


def secrets_of(world: World) -> list[str]:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    return [
        ticket.number,
        ticket.number[5:],
        ticket.reference,
        CANARY,
        CANARY[:8],
        f"{CANARY}s",
        f"{CANARY} Betreff",
        f"{CANARY} Notiz",
        f"{CANARY} Antwort",
        f"{CANARY} Clara",
        "kanarie@example.org",
        f"{CANARY}.txt",
    ]


def client_of(world: World, persona: str) -> Client:
    client = Client()
    user = world.personas[persona]
    if user is not None:
        client.force_login(user)
    return client


def body(client: Client, route: str, text: str, **more: str) -> str:
    ask = client.post if route == "desk:suggest" else client.get
    response = ask(reverse(route), {"q": text, **more})
    found = response.content.decode()
    for spelling in (text, quote(text), quote(text, safe=""), text.replace(" ", "+")):
        found = found.replace(spelling, "WANTED")
    start = found.find('name="csrfmiddlewaretoken"')
    return found if start < 0 else found[:start] + found[found.find(">", start) :]


def without_tokens(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(line for line in lines if "data-csrf=" not in line)


@pytest.mark.parametrize("persona", FOREIGN)
def test_a_foreign_ticket_is_as_if_it_were_nowhere(world: World, persona: str) -> None:
    client = client_of(world, persona)
    nothing = {page: without_tokens(body(client, page, NOWHERE)) for page in PAGES}

    problems = [
        (page, secret)
        for page in PAGES
        for secret in secrets_of(world)
        if without_tokens(body(client, page, secret)) != nothing[page]
    ]

    assert problems == []


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "new"},
        {"period": "365"},
        {"after": "1"},
        {"kind": "citizens"},
        {"kind": "answers"},
    ],
)
def test_filters_and_pages_tell_nothing_of_a_foreign_ticket(
    world: World, filters: dict[str, str]
) -> None:
    client = client_of(world, "B")
    team = {"team": str(world.house.roads.pk)}

    for more in (filters, filters | team):
        assert without_tokens(body(client, "desk:search", CANARY, **more)) == without_tokens(
            body(client, "desk:search", NOWHERE, **more)
        )


def test_the_ticket_could_have_leaked(world: World) -> None:
    client = client_of(world, "A")
    number = Ticket.objects.get(pk=world.objects["ticket"]).number

    for secret in secrets_of(world):
        response = client.get(reverse("desk:search"), {"q": secret}, follow=True)
        assert number[5:] in response.content.decode(), secret


@pytest.mark.parametrize("persona", ["X", "C"])
def test_citizens_and_strangers_have_no_search(world: World, persona: str) -> None:
    client = client_of(world, persona)

    for page in PAGES:
        ask = client.post if page == "desk:suggest" else client.get
        response = ask(reverse(page), {"q": CANARY})
        assert response.status_code in {302, 404}
        assert CANARY not in response.content.decode()


def test_a_ticket_moved_away_is_gone_before_the_index_knows(world: World) -> None:
    Ticket.objects.filter(pk=world.objects["ticket"]).update(team=world.house.waste)
    client = client_of(world, "A")

    page = body(client, "desk:search", f"{CANARY} Notiz")

    # The frame shows a saved view of A's own, which bears the word by right.
    assert CANARY not in page.partition("<main")[2].replace("WANTED", "")
    assert 'class="hit' not in page


def test_a_search_goes_the_same_way_whether_or_not_a_foreign_ticket_has_the_word(
    world: World,
) -> None:
    # What words a town takes for each other is no secret: answers are asked for with all of them.
    Synonym.objects.all().delete()
    client = client_of(world, "B")
    client.get(reverse("desk:search"), {"q": NOWHERE})

    ways = []
    for text in (CANARY, NOWHERE):
        with counted_queries() as queries:
            client.get(reverse("desk:search"), {"q": text})
        ways.append(len(queries))

    assert ways[0] == ways[1]
