"""Forms of one page: report a barrier, be called back; what becomes of them, once."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.sla.models import Agreement
from helpdesk.sla.models import Clock as SlaClock
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Category, Purpose, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.fakes.clock import Clock
from tests.helpdesk.portal.report.walking import Walk
from tests.helpdesk.sla.conftest import Follower

pytestmark = pytest.mark.django_db
BARRIER, CALLBACK = "/barrierefreiheit/melden/", "/rueckruf/"
WORDS = {"text": "Das Menü öffnet sich nicht mit der Tastatur.", "reply_to": "vera@example.org"}
CALL = {"phone": "0171 5550132", "text": "Frage zur Hundesteuer", "when": "soon"}


@pytest.fixture
def house(clock: Clock) -> House:  # noqa: ARG001 - time stands still first
    house = make_house()
    house.authority.contact_phone = "0123 456-0"
    house.authority.save()
    return house


def send(clock: Clock, path: str, values: dict[str, Any], walk: Walk | None = None) -> Walk:
    """Open a form, take a minute for it, and send it."""
    walk = walk or Walk()
    walk.open(path)
    clock.advance(minutes=1)
    key = re.search(r'name="key" value="([^"]+)"', walk.html)
    return walk.send({"key": key.group(1) if key else ""} | values, to=path.partition("?")[0])


def test_a_report_of_a_barrier_becomes_a_request_of_its_own_topic(
    house: House, clock: Clock
) -> None:
    walk = send(
        clock, f"{BARRIER}?seite=/melden/ort/", WORDS | {"page": "/melden/ort/", "aid": "keyboard"}
    )

    ticket = Ticket.objects.select_related("category", "citizen").get()
    article = ticket.articles.get()
    assert walk.path == "/angekommen/"
    assert ticket.reference in walk.html
    assert ticket.category is not None
    assert (ticket.category.name, ticket.category.purpose) == ("Barriere", Purpose.BARRIER)
    assert ticket.category.in_portal is False
    assert ticket.team == house.roads
    assert article.from_address == "vera@example.org"
    assert article.text == (
        "Das Menü öffnet sich nicht mit der Tastatur.\n\n"
        "Seite\n/melden/ort/\n\nBenutzt\nNur die Tastatur"
    )


def test_a_barrier_without_an_address_is_followed_by_a_code(house: House, clock: Clock) -> None:
    del house
    walk = send(clock, BARRIER, {"text": "Ich komme nicht weiter."})

    assert "Notieren Sie Ihren Zugangscode" in walk.html
    assert walk.open("/angekommen/").path == "/angekommen/"
    assert walk.send(to="/angekommen/schliessen/").path == "/"
    assert walk.open("/angekommen/").path == "/"


@pytest.mark.usefixtures("house")
def test_sent_twenty_times_a_form_is_one_request_and_counted_once(
    clock: Clock, settings: Settings
) -> None:
    settings.REPORT_LIMITS = (1, 240, 5000)
    walk = Walk().open(CALLBACK)
    clock.advance(minutes=1)
    form = dict(re.findall(r'name="(key|proof)" value="([^"]+)"', walk.html))

    answers = [walk.client.post(CALLBACK, CALL | form) for _ in range(20)]

    assert {answer.headers.get("Location") for answer in answers} == {"/angekommen/"}
    assert Ticket.objects.count() == 1


def test_who_is_stopped_keeps_everything_and_reads_how_else(
    house: House, clock: Clock, settings: Settings
) -> None:
    del house
    settings.REPORT_LIMITS = (1, 240, 5000)
    send(clock, BARRIER, WORDS)

    walk = send(clock, BARRIER, WORDS | {"text": "Noch eine Barriere."})

    assert walk.page.status_code == 429
    assert int(walk.page.headers["Retry-After"]) > 0
    assert "Noch eine Barriere." in walk.html
    assert "vera@example.org" in walk.html
    assert "0123 456-0" in walk.html
    assert Ticket.objects.count() == 1


@pytest.mark.usefixtures("house")
def test_programs_are_kept_out_and_people_told_what_to_do(clock: Clock) -> None:
    trapped = send(clock, BARRIER, WORDS | {"homepage": "https://spam.example"})
    forged = send(clock, BARRIER, WORDS | {"proof": "none"})
    hasty = Walk().open(BARRIER).send(WORDS)

    assert [walk.page.status_code for walk in (trapped, forged, hasty)] == [422, 422, 422]
    assert "Homepage" in trapped.errors[0]
    assert Ticket.objects.count() == 0


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "path,values,said",
    [
        (BARRIER, {"text": " "}, "Beschreiben Sie in ein paar Worten, was nicht funktioniert hat"),
        (BARRIER, {"text": "x" * 5001}, "Kürzen Sie Ihren Text auf 5000 Zeichen; er hat 5001"),
        (BARRIER, WORDS | {"reply_to": "vera@"}, "oder eine Telefonnummer ein."),
        (BARRIER, WORDS | {"reply_to": "gern"}, "oder eine Telefonnummer ein."),
        (CALLBACK, CALL | {"phone": ""}, "Geben Sie die Telefonnummer ein"),
        (CALLBACK, CALL | {"phone": "ja"}, "Geben Sie eine Telefonnummer wie"),
        (CALLBACK, CALL | {"when": "2026-01-01-am"}, "Wählen Sie, wann wir anrufen dürfen"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_nothing_is_lost(
    clock: Clock, path: str, values: dict[str, str], said: str
) -> None:
    walk = send(clock, path, values)

    assert walk.page.status_code == 422
    assert any(said in error for error in walk.errors)
    assert walk.title.startswith("Fehler:")
    assert values["text"].strip() in walk.html
    assert Ticket.objects.count() == 0


def test_a_wish_for_a_call_carries_the_number_as_a_promise(house: House, clock: Clock) -> None:
    # Wednesday noon: the next mornings and afternoons on which somebody works.
    walk = send(clock, CALLBACK, CALL | {"when": "2026-03-06-pm", "name": "Vera Vogel"})

    ticket = Ticket.objects.get()
    assert "Notieren Sie Ihren Zugangscode" in walk.html
    assert (ticket.callback_phone, ticket.team) == ("0171 5550132", house.roads)
    assert ticket.citizen_name == "Vera Vogel"
    assert ticket.articles.get().text == (
        "Frage zur Hundesteuer\n\nRückruf\n0171 5550132, Freitag, 6. März, nachmittags"
    )


@pytest.mark.usefixtures("house")
def test_call_me_back_with_words_of_danger_names_112(clock: Clock) -> None:
    walk = send(clock, CALLBACK, CALL | {"text": "Bei uns brennt es"})

    assert "Ist jemand in Gefahr?" in walk.html


def test_a_barrier_is_due_within_a_month_whatever_else_is_promised(
    house: House, clock: Clock
) -> None:
    Agreement.objects.update(first_answer_minutes=480 * 60, solution_minutes=None)
    follow = Follower()
    send(clock, BARRIER, WORDS)
    ordinary = make_ticket(house)

    follow()

    ticket = Ticket.objects.get(category__purpose=Purpose.BARRIER)
    due = SlaClock.objects.get(ticket=ticket, kind="first_answer").due_at
    assert due is not None
    # The fourth of April is a Saturday: the last working minute before it.
    assert due.isoformat() == "2026-04-02T14:00:00+00:00"
    assert ticket.due_at == due
    other = SlaClock.objects.get(ticket=ordinary, kind="first_answer")
    assert other.agreement.is_default


def test_a_promise_that_is_due_sooner_stays(house: House, clock: Clock) -> None:
    del house
    follow = Follower()
    send(clock, BARRIER, WORDS)

    follow()

    assert SlaClock.objects.get(kind="first_answer").agreement.is_default


@pytest.mark.usefixtures("house")
def test_an_own_topic_of_that_name_is_taken_and_stays_switched_on(
    house: House, clock: Clock
) -> None:
    own = Category.objects.create(authority=house.authority, name="Barriere", team=house.waste)

    send(clock, BARRIER, WORDS)

    own.refresh_from_db()
    assert own.purpose == Purpose.BARRIER
    assert Ticket.objects.get().team == house.waste


def test_every_page_leads_to_the_form_with_its_own_address_and_no_secret(house: House) -> None:
    ticket = make_ticket(house)
    token = status_token(ticket)

    def given(path: str) -> str:
        page = Client().get(path).content.decode()
        link = re.search(r'href="(/barrierefreiheit/melden/[^"]*)"', page)
        assert link is not None
        return "".join(parse_qs(urlsplit(link.group(1)).query).get("seite", [""]))

    assert given("/status/") == "/status/"
    assert given(f"/s/{token}/") == "/s/…/"
    assert given("/s/wrong/") == "/s/…/"
    # A page that is not there looks the same whatever was asked for.
    assert given("/nirgends/") == ""
