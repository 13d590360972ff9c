"""Agents who get in each other's way at one request, through the pages they use (F26).

A double click, two tabs, five who take it at once, and a merge while answers are written: in the
end each text stands in exactly one place, and one agent is responsible. ``FAULT_DESK_ROUNDS`` gives
the full number under `make faults`.
"""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, ArticleDraft, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import page_of, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS = 5
SMALL, FULL = 3, int(os.environ.get("FAULT_DESK_ROUNDS", "20"))
STALE, FOUND, GONE, REFUSED = 409, 302, 404, 422
Ask = Callable[[], HttpResponseBase]


@dataclass(frozen=True)
class Round:
    """One request with another of the same citizen, and the agents who write to it."""

    ticket: Ticket
    twin: Ticket
    agents: list[Client]
    name: str

    def text(self, who: int, tab: str) -> str:
        return f"Runde {self.name}, Person {who}, Fenster {tab}."

    def answer(self, who: int, tab: str, **more: str) -> Ask:
        """Return what sends one answer, as the form of one tab does."""
        form = {
            "body": self.text(who, tab),
            "form_key": f"{self.name}-{who}-{tab}",
            "seen": str(self.ticket.last_article_id),
            "then": "open",
        }
        return lambda: self.agents[who].post(f"{page_of(self.ticket)}answer/", form | more)

    def take(self, who: int) -> Ask:
        address = reverse("desk:change", args=[self.ticket.number, "mine"])
        return lambda: self.agents[who].post(address)

    def merge(self, who: int) -> Ask:
        address = reverse("desk:merge", args=[self.ticket.number])
        form = {"other": self.twin.number, "keep": self.twin.number, "form_key": f"{self.name}-m"}
        return lambda: self.agents[who].post(address, form)


def at_once(asks: list[Ask]) -> list[HttpResponseBase]:
    """Ask all at the same moment, each in a thread and on a connection of its own."""

    def ask(one: Ask) -> HttpResponseBase:
        try:
            return one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(ask, asks))


def people(house: House) -> list[Client]:
    users = [
        make_agent(house.authority, f"Kollege{number} Kaiser", house.roads)
        for number in range(AGENTS)
    ]
    return [signed_in(user) for user in users]


def begin(house: House, agents: list[Client], name: str) -> Round:
    person = Person("Dora Doppelt", f"dora{name}@example.org")
    ticket, twin = (
        make_ticket(house, person=person, message_id=f"<{name}.{number}@example.org>")
        for number in range(2)
    )
    return Round(ticket, twin, agents, name)


def places_of(text: str) -> tuple[int, int]:
    """Return in how many contributions and drafts a text stands."""
    return Article.objects.filter(text=text).count(), ArticleDraft.objects.filter(body=text).count()


def play(one: Round) -> None:
    """Let all write at once, and see that nothing was lost or doubled."""
    double, first, second = one.answer(0, "a"), one.answer(1, "a"), one.answer(1, "b")
    got = at_once([double, double, first, second, *(one.take(who) for who in range(AGENTS))])

    statuses = [response.status_code for response in got[:4]]
    assert Counter(statuses[:2]) in (Counter({FOUND: 2}), Counter({STALE: 2}))
    # What one has written oneself is nothing new; a colleague's answer stops the other's.
    written = Article.objects.filter(ticket=one.ticket, text__startswith="Runde")
    assert len(set(written.values_list("author_user", flat=True))) == 1
    for response, who, tab in ((got[0], 0, "a"), (got[2], 1, "a"), (got[3], 1, "b")):
        sent, _kept = places_of(one.text(who, tab))
        assert sent == (response.status_code == FOUND)
        # Who was stopped has the text before them, with what is newer.
        assert sent or one.text(who, tab) in response.content.decode()  # type: ignore[attr-defined]  # a page
    one.ticket.refresh_from_db()
    assert one.ticket.owner is not None
    _merge_meanwhile(one)


def _merge_meanwhile(one: Round) -> None:
    last = str(one.ticket.last_article_id)
    answers = [one.answer(who, "m", seen=last, despite_newer="1") for who in (2, 3)]

    got = at_once([answers[0], one.merge(4), answers[1]])

    one.ticket.refresh_from_db()
    assert got[1].status_code == FOUND
    assert (one.ticket.status, one.ticket.merged_into) == (Status.MERGED, one.twin)
    for who, response in ((2, got[0]), (3, got[2])):
        sent, kept = places_of(one.text(who, "m"))
        assert response.status_code in {FOUND, REFUSED, STALE, GONE}
        assert (sent, kept > 0) == ((1, False) if response.status_code == FOUND else (0, True))
    assert not one.ticket.articles.filter(text__startswith="Runde").exists()


@pytest.mark.both_engines
def test_whoever_gets_in_anothers_way_at_a_request_loses_no_word() -> None:
    house = make_house()
    agents = people(house)

    for number in range(SMALL):
        play(begin(house, agents, str(number)))


@pytest.mark.faults
@pytest.mark.proves("F26")
@pytest.mark.timeout(3600)
def test_many_rounds_at_one_request_lose_no_word() -> None:
    house = make_house()
    agents = people(house)

    for number in range(FULL):
        play(begin(house, agents, str(number)))
