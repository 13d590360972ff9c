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
