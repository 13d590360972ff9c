"""Cases 11, 12 and 23 on the desk: what a form names beside its own request is looked up as well,
what it does not offer is not set, and whoever lost a request has lost all ways to it.
"""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import Team, User
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.permissions.registry import can
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Category, Ticket
from tests.attack.town import CANARY, World, make_world
from tests.factories.house import make_authority, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in, without_second_factor

pytestmark = pytest.mark.django_db
NONE_SUCH = {"number": "2026-999999"}
NO_ID = 999_999


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def own(world: World) -> Ticket:
    """Return a request of B, who works in waste and must know nothing of the roads."""
    house = world.house
    waste = {"team_id": house.waste.pk, "message_id": "<own@example.org>"}
    return make_ticket(house, person=Person("Otto Ohn", "otto@example.org"), **waste)


# The door, and what it is told; "$name" is something of the roads. A person is "c" and a number.
NAMED: tuple[tuple[str, dict[str, str]], ...] = (
    ("desk:merge", {"number": "$number"}),
    ("desk:merge", {"other": "$number", "keep": "$number"}),
    ("desk:link", {"number": "$number", "kind": "related"}),
    ("desk:change connect", {"other": "$number"}),
    ("desk:change disconnect", {"other": "$number"}),
    ("desk:change owner", {"owner": "$anna"}),
    ("desk:change team", {"team": "$foreign_team"}),
    ("desk:change category", {"category": "$foreign_topic"}),
    ("desk:requester", {"person": "c$citizen"}),
    ("desk:combine", {"other": "$citizen"}),
    ("desk:forward", {"to": "bauhof@example.org", "articles": "$message"}),
    ("desk:forward", {"to": "bauhof@example.org", "attachments": "$attachment"}),
    ("desk:bulk", {"ids": "$ticket", "action": "owner", "owner": "me"}),
    ("desk:call", {"channel": "phone", "who": "t$ticket", "note": "Ruft an", "result": "done"}),
)


def test_11_what_is_foreign_answers_like_what_is_not_there(world: World, own: Ticket) -> None:
    foreign = _objects(world)
    missing = dict.fromkeys(foreign, NO_ID) | NONE_SUCH
    words = [f"{CANARY} {what}" for what in ("Betreff", "Text", "Notiz", "Antwort", "Clara")]
    before = _shape(world)
    bert = signed_in(world.house.bert)
    bert.get("/a/v/all/")

    wrong = []
    for door, named in NAMED:
        tries = [
            {name: _filled(text, values) for name, text in named.items()}
            for values in (foreign, missing)
        ]
        hidden, nothing = (_without(tries, _told(bert, own, door, each)) for each in tries)
        # What a door leaves to be said is said by a page of its own.
        bert.get("/a/v/all/")
        if hidden != nothing or any(word in hidden for word in words):
            wrong.append((door, named))

    assert wrong == []
    assert _shape(world) == before
    assert not Ticket.objects.filter(pk=own.pk, owner=world.house.anna).exists()


def test_11_no_word_and_no_file_of_a_foreign_request_is_forwarded_with_ones_own(
    world: World, own: Ticket
) -> None:
    path = reverse("desk:forward", args=[own.number])
    foreign = {name: world.objects[name] for name in ("message", "attachment")}
    text = {"to": "bauhof@example.org", "body": "Bitte ansehen.", "form_key": "k1"}

    signed_in(world.house.bert).post(
        path, text | {"articles": foreign["message"], "attachments": foreign["attachment"]}
    )

    sent = OutgoingMessage.objects.filter(article__ticket=own)
    assert not [one for one in sent if CANARY in one.text or one.files.exists()]


def _objects(world: World) -> dict[str, Any]:
    other = make_authority("Stadt Nebenan", "NE")
    team = Team.objects.create(authority=other, name="Nebenan", slug="nebenan")
    topic = Category.objects.create(authority=other, name="Nebenan")
    more = {"anna": world.house.anna.pk, "foreign_team": team.pk, "foreign_topic": topic.pk}
    return world.objects | more


def _filled(text: str, values: dict[str, Any]) -> str:
    return re.sub(r"\$(\w+)", lambda found: str(values[found[1]]), text)


def _told(client: Client, own: Ticket, door: str, data: dict[str, str]) -> str:
    """Return what the door answers, but for the tokens of this one request."""
    route, _, what = door.partition(" ")
    args: dict[str, list[Any]] = {
        "desk:combine": [own.citizen_id],
        "desk:bulk": ["all"],
        "desk:call": [],
        "desk:change": [own.number, what],
    }
    answer: Any = client.post(reverse(route, args=args.get(route, [own.number])), data)
    text = f"{answer.status_code} {answer.headers.get('Location', '')} {answer.content.decode()}"
    text = re.sub(r'(data-csrf|value)="(?:\w{64}|[0-9a-f]{20,32})"', "", text)
    return " ".join(text.split())


def _without(tries: list[dict[str, str]], text: str) -> str:
    """Return an answer without what was asked for, by the one try or the other."""
    for value in {value for each in tries for value in each.values()}:
        text = text.replace(f'value="{value}"', "NAMED")
        # Numbers of requests stand where a person reads them; mere keys never do.
        text = text.replace(value, "NAMED") if value.startswith("2026-") else text
    return text


def _shape(world: World) -> list[Any]:
    """Return what a foreign hand would have changed."""
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    links = ticket.links_in.count() + ticket.links_out.count()
    return [ticket.version, ticket.team_id, ticket.owner_id, ticket.articles.count(), links]


# ---- case 12 ----

EXTRAS: dict[str, Any] = {
    "pk": 1,
    "id": 1,
    "authority": 2,
    "authority_id": 2,
    "kind": "citizen",
    "is_superuser": "on",
    "is_staff": "on",
    "password": "geraten-und-leicht-1",
    "session_epoch": 99,
    "created_at": "2000-01-01",
    "is_active": "",
    "number": "2026-000001",
    "version": 99,
    "is_withdrawn": "on",
    "author_user": 1,
    "trust": "verified",
}


def test_12_a_note_is_a_note_of_whoever_wrote_it_whatever_else_is_sent(world: World) -> None:
    anna, number = world.house.anna, world.objects["number"]
    more = EXTRAS | {"kind": "answer", "author_user": world.house.bert.pk, "ticket": NO_ID}

    answer = signed_in(anna).post(
        reverse("desk:note", args=[number]), more | {"body": "Nur das.", "form_key": "k1"}
    )

    assert answer.status_code == 302
    note = Article.objects.get(text="Nur das.")
    assert (note.ticket.number, note.kind, note.author_user) == (number, "note", anna)
    assert (note.is_withdrawn, note.created_at.year > 2000) == (False, True)


def test_12_a_property_that_is_saved_changes_no_other(world: World) -> None:
    ticket = Ticket.objects.get(pk=world.objects["ticket"])
    names = ("number", "authority_id", "team_id", "owner_id", "status", "priority", "created_at")
    before = [getattr(ticket, name) for name in names]
    more = EXTRAS | {"owner": world.house.anna.pk, "status": "resolved", "priority": 40}

    signed_in(world.house.anna).post(
        reverse("desk:change", args=[ticket.number, "title"]), more | {"title": "Anders"}
    )

    ticket.refresh_from_db()
    assert ticket.title == "Anders"
    assert [getattr(ticket, name) for name in names] == before


@pytest.mark.parametrize(
    "route, kwargs", [("account_profile", {}), ("desk:settings_agent", {"user_id": "$agent"})]
)
def test_12_a_form_about_people_gives_no_right_that_it_does_not_offer(
    world: World, route: str, kwargs: dict[str, str]
) -> None:
    administrator = world.personas["ADM"]
    assert administrator is not None
    without_second_factor(world.house)
    filled = {name: world.objects[value[1:]] for name, value in kwargs.items()}
    person = User.objects.get(pk=filled.get("user_id", administrator.pk))
    names = ("authority_id", "kind", "email", "password", "session_epoch", "is_active")
    before = [getattr(person, name) for name in names]
    client, path = signed_in(administrator), reverse(route, kwargs=filled)
    shown = client.get(path)
    form = shown.context["form"]
    offered = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    hidden = {name: value for name, value in EXTRAS.items() if name not in form.fields}

    answer = client.post(path, hidden | offered)

    person.refresh_from_db()
    assert answer.status_code in {200, 302}
    assert [getattr(person, name) for name in names] == before
    assert not can(world.house.bert, "administer")


# ---- case 23 ----


def test_23_a_request_that_moved_away_takes_every_way_to_it_along(world: World) -> None:
    house, number = world.house, world.objects["number"]
    ticket = Ticket.objects.get(number=number)
    anna = signed_in(house.anna)
    saved = anna.post(
        reverse("desk:change", args=[number, "priority"]), {"priority": 40}, headers=FETCH
    )
    undo = re.search(r'data-undo-url=\\?"([^"\\]+)', saved.content.decode())
    assert undo is not None
    assign(ticket_id=ticket.pk, user=house.anna, owner_id=None, team_id=house.waste.pk)
    ticket.refresh_from_db()
    before = [ticket.version, ticket.priority, ticket.articles.count()]
    ways = [
        anna.get(page_of(ticket)),
        anna.get(f"{page_of(ticket)}articles/?after=0"),
        anna.get(f"{page_of(ticket)}panel/"),
        anna.post(undo[1]),
        anna.post(reverse("desk:note", args=[number]), {"body": "Noch etwas", "form_key": "k"}),
        anna.post(reverse("desk:draft", args=[number, "note"]), {"body": "Noch etwas"}),
        anna.post(reverse("desk:withdraw", args=[world.objects["answer"]])),
        anna.post(reverse("desk:retry", args=[world.objects["answer"]])),
        anna.get(reverse("desk:attachment", args=[world.objects["attachment"]])),
        anna.get(reverse("desk:raw", args=[world.objects["message"]])),
    ]
    rows = anna.get("/a/v/all/").content.decode()

    assert [way.status_code for way in ways] == [404] * len(ways)
    assert number not in rows
    ticket.refresh_from_db()
    assert [ticket.version, ticket.priority, ticket.articles.count()] == before
