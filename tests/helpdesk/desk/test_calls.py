"""The form of a note: by script, and as a page for those without."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from helpdesk.agents.models import Membership
from helpdesk.tickets.enums import Channel, Outcome, Status
from helpdesk.tickets.models import Article, Attachment, Category, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.calls import OPEN, callback, make_citizen, note_call, with_ticket
from tests.helpdesk.desk.pages import FETCH, counted_queries, page_of, signed_in

pytestmark = pytest.mark.django_db
URL = "/a/telefon/"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def typed(**values: Any) -> dict[str, Any]:
    given = {
        "channel": "phone",
        "caller": "Meyer, 0171 5550132",
        "who": "new",
        "note": "Tonne voll\nseit Montag",
        "result": "done",
        "request_key": "key",
    }
    return {**given, **values}


def test_save_by_script_answers_with_the_toast(house: House, anna: Client) -> None:
    response = anna.post(URL, typed(), headers=FETCH)

    ticket = Ticket.objects.get()
    assert response.json() == {
        "text": f"{ticket.number[5:]} gespeichert.",
        "open": page_of(ticket),
        "url": reverse("desk:call_take_back", args=[Article.objects.get().pk]),
        "seconds": 10,
    }
    assert (ticket.title, ticket.citizen_name) == ("Tonne voll", "Meyer")
    assert (ticket.status, ticket.owner) == (Status.RESOLVED, house.anna)


def test_save_of_a_known_caller_links_their_citizen_and_number(house: House, anna: Client) -> None:
    citizen = make_citizen(house, "Aylin Yıldız", "0171 5550132")
    with_ticket(house, citizen)

    anna.post(URL, typed(caller="0132", who=f"c{citizen.pk}"), headers=FETCH)

    article = Article.objects.get()
    assert article.ticket.citizen == citizen
    assert (article.from_name, article.from_address) == ("Aylin Yıldız", "0171 5550132")


def test_the_same_note_twice_is_one_and_another_under_its_key_is_not_lost(anna: Client) -> None:
    for note in ("Tonne voll", "Tonne voll", "Laterne dunkel"):
        anna.post(URL, typed(note=note), headers=FETCH)

    assert list(Article.objects.order_by("pk").values_list("text", flat=True)) == [
        "Tonne voll",
        "Laterne dunkel",
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "0205-11-30", "1999-12-31"])
def test_a_letter_of_a_year_long_ago_is_a_slip_and_draws_no_number(anna: Client, day: str) -> None:
    response = anna.post(URL, typed(channel="letter", received_on=day), headers=FETCH)

    assert response.status_code == 422
    assert response.json()["errors"] == {"received_on": ["Das ist mehr als ein Jahr her."]}
    assert not Ticket.objects.exists()


def test_save_to_an_open_ticket_adds_the_note_and_keeps_a_place_in_words(
    house: House, anna: Client
) -> None:
    ticket = make_ticket(house)

    anna.post(
        URL, typed(who=f"t{ticket.pk}", result="keep", place="Lindenstraße 14"), headers=FETCH
    )

    ticket.refresh_from_db()
    assert Ticket.objects.count() == 1
    assert ticket.status == Status.NEW
    assert Article.objects.last() is not None
    assert Article.objects.order_by("pk").values_list("text", flat=True).last() == (
        "Tonne voll\nseit Montag\nOrt: Lindenstraße 14"
    )


def test_save_twice_is_one_ticket(anna: Client) -> None:
    first, second = (anna.post(URL, typed(), headers=FETCH).json() for _ in range(2))

    assert first == second
    assert Ticket.objects.count() == 1


def test_save_routes_an_open_request_to_the_team_of_its_suggested_topic(
    house: House, anna: Client
) -> None:
    Category.objects.create(authority=house.authority, name="Schlagloch", team=house.roads)
    topic = Category.objects.create(
        authority=house.authority, name="Tonne nicht geleert", team=house.waste
    )

    response = anna.post(URL, typed(result="open"), headers=FETCH)

    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.category, ticket.status) == (house.waste, topic, Status.NEW)
    # Whoever handed it over may not look into it there.
    assert response.json()["open"] == ""


@pytest.mark.parametrize("topic,expected", [("0", None), ("", "Tonne")])
def test_save_takes_no_topic_when_told_so(
    house: House, anna: Client, topic: str, expected: str | None
) -> None:
    Category.objects.create(authority=house.authority, name="Tonne")

    anna.post(URL, typed(topic=topic), headers=FETCH)

    category = Ticket.objects.get().category
    assert (category.name if category else None) == expected


def test_save_of_what_is_done_stays_in_the_takers_team_whatever_the_topic(
    house: House, anna: Client
) -> None:
    Category.objects.create(authority=house.authority, name="Tonne", team=house.waste)

    anna.post(URL, typed(team=str(house.waste.pk), outcome="not_responsible"), headers=FETCH)

    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.outcome) == (house.roads, Outcome.NOT_RESPONSIBLE)


def test_save_of_a_call_back_waits_until_its_day_and_time(anna: Client) -> None:
    day = timezone.localdate() + timedelta(days=3)

    anna.post(
        URL,
        typed(
            result="callback",
            callback_on=day.isoformat(),
            callback_at="14:30",
            callback_phone="0171 5550132",
        ),
        headers=FETCH,
    )

    ticket = Ticket.objects.get()
    assert ticket.waiting_until is not None
    local = timezone.localtime(ticket.waiting_until)
    assert (local.date(), local.hour, local.minute) == (day, 14, 30)
    assert ticket.callback_phone == "0171 5550132"


YESTERDAY = "2020-01-01"
TOMORROW = (timezone.now() + timedelta(days=2)).date().isoformat()


@pytest.mark.parametrize(
    "values,field",
    [
        ({"note": " "}, "note"),
        ({"note": "x" * 20_001}, "note"),
        ({"result": ""}, "result"),
        ({"result": "gone"}, "result"),
        ({"result": "callback", "callback_phone": "1"}, "callback_on"),
        ({"result": "callback", "callback_on": YESTERDAY, "callback_phone": "1"}, "callback_on"),
        ({"result": "callback", "callback_on": "2999-01-01", "callback_phone": "1"}, "callback_on"),
        ({"result": "callback", "callback_on": "31.31.", "callback_phone": "1"}, "callback_on"),
        ({"result": "callback", "callback_on": TOMORROW}, "callback_phone"),
        ({"channel": "letter", "received_on": "2999-01-01"}, "received_on"),
        ({"channel": "mail"}, "channel"),
        ({"who": "c999999"}, "caller"),
        ({"who": "t999999"}, "caller"),
        ({"who": "nonsense"}, "caller"),
        ({"topic": "999999"}, "topic"),
        ({"team": "999999"}, "team"),
        ({"request_key": ""}, "request_key"),
    ],
)
def test_a_refusal_names_the_field_and_saves_nothing(
    anna: Client, values: dict[str, Any], field: str
) -> None:
    response = anna.post(URL, typed(**values), headers=FETCH)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert Ticket.objects.count() == 0


def test_a_letter_keeps_its_day_and_its_scan(anna: Client) -> None:
    scan = SimpleUploadedFile("brief.pdf", b"%PDF-1.4 scan", "application/pdf")
    day = (timezone.localdate() - timedelta(days=20)).isoformat()

    anna.post(
        URL,
        typed(channel="letter", received_on=day, result="open", scans=[scan]),
        headers=FETCH,
    )

    ticket, attachment = Ticket.objects.get(), Attachment.objects.get()
    assert (ticket.channel, timezone.localtime(ticket.received_at).date().isoformat()) == (
        Channel.LETTER,
        day,
    )
    assert (attachment.name, attachment.content_type) == ("brief.pdf", "application/pdf")


def test_a_scan_that_is_too_large_is_refused_by_name(
    anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.desk.forms.note.MAX_FILE_SIZE", 3)
    scan = SimpleUploadedFile("brief.pdf", b"%PDF", "application/pdf")

    response = anna.post(URL, typed(channel="letter", scans=[scan]), headers=FETCH)

    assert response.json()["errors"] == {
        "scans": ["„brief.pdf“ ist zu groß. Eine Datei darf 25 MB haben."]
    }


def test_the_page_takes_over_a_number_that_calls(anna: Client) -> None:
    page = anna.get(URL, {"from": "01715550132"}).content.decode()

    assert 'value="01715550132"' in page


def test_without_scripts_the_caller_is_chosen_in_a_step_that_keeps_the_note(
    house: House, anna: Client
) -> None:
    citizen = make_citizen(house, "Aylin Yıldız")
    ticket = with_ticket(house, citizen)

    page = anna.post(URL, typed(caller="Yıldız", who="")).content.decode()

    assert f'value="t{ticket.pk}"' in page
    assert f'value="c{citizen.pk}"' in page
    assert "seit Montag" in page
    assert Article.objects.count() == 0


def test_without_scripts_a_saved_note_shows_its_toast_and_an_empty_form(anna: Client) -> None:
    response = anna.post(URL, typed(), follow=True)

    page = response.content.decode()
    assert response.redirect_chain == [(URL, 302)]
    assert f"{Ticket.objects.get().number[5:]} gespeichert." in page
    assert "seit Montag" not in page


def test_without_scripts_a_refused_note_keeps_everything_and_says_what_to_do(
    anna: Client,
) -> None:
    response = anna.post(
        URL, typed(result="callback", place="Am Markt"), headers={"Accept-Language": "de"}
    )

    page = response.content.decode()
    assert response.status_code == 422
    for part in ("An welchem Tag rufen Sie zurück?", "seit Montag", "Am Markt", "Meyer, 0171"):
        assert part in page


def test_taking_back_by_script_answers_and_comes_too_late_the_second_time(
    house: House, anna: Client
) -> None:
    article = note_call(house)
    url = reverse("desk:call_take_back", args=[article.pk])

    answers = [anna.post(url, headers=FETCH).status_code for _ in range(2)]

    assert answers == [200, 409]


def test_taking_back_without_scripts_puts_the_text_into_the_form(
    house: House, anna: Client
) -> None:
    article = note_call(house)

    page = anna.post(
        reverse("desk:call_take_back", args=[article.pk]), follow=True
    ).content.decode()

    assert "Sehr tief." in page
    assert "Petra Lindner, 0171 5550132" in page


def test_whoever_may_take_in_nothing_is_told_so_and_sees_no_door(anna: Client) -> None:
    Membership.objects.update(can_create=False)

    page = anna.get(URL).content.decode()
    home = anna.get("/a/v/all/").content.decode()
    refused = anna.post(URL, typed(), headers=FETCH)

    assert "in keinem Team Anliegen aufnehmen" in page
    assert "data-call-form" not in page
    assert "data-call-open" not in home
    assert refused.json()["errors"] == {
        "team": ["In diesem Team können Sie keine Anliegen aufnehmen."]
    }


def test_callers_answer_by_post_only(anna: Client) -> None:
    assert anna.get("/a/telefon/anrufer/").status_code == 405
    assert anna.post("/a/telefon/anrufer/", {"q": "Meyer"}).json()["results"][-1]["value"] == "new"


def test_topic_is_suggested_from_the_note_or_told_of_the_chosen_one(
    house: House, anna: Client
) -> None:
    top = Category.objects.create(authority=house.authority, name="Abfall")
    topic = Category.objects.create(
        authority=house.authority, name="Tonne", parent=top, team=house.waste
    )
    url = "/a/telefon/thema/"

    suggested = anna.post(url, {"note": "Die Biotonne ist voll"}).json()
    chosen = anna.post(url, {"note": "", "topic": str(topic.pk)}).json()
    nothing = anna.post(url, {"note": "Guten Tag"}).json()

    assert suggested == chosen
    assert (chosen["label"], chosen["team"]) == ("Abfall \u203a Tonne", "Abfall")
    assert nothing == {"label": "", "team": "", "place": False}


def test_the_dialog_on_every_page_costs_no_query(house: House, anna: Client) -> None:
    asked, shown = [], []
    anna.get("/a/v/all/")

    for may_take_in in (True, False):
        Membership.objects.filter(user=house.anna).update(can_create=may_take_in)
        cache.clear()
        with counted_queries() as queries:
            shown.append("call-dialog" in anna.get("/a/v/all/").content.decode())
        asked.append(len(queries))

    assert shown == [True, False]
    assert asked[0] == asked[1]


def test_the_list_shows_the_channel_and_a_promised_call_with_its_number_to_click(
    house: House, anna: Client
) -> None:
    make_ticket(house)
    note_call(house, callback())

    page = anna.get("/a/v/all/").content.decode()

    assert 'aria-label="E-Mail"' in page
    assert 'aria-label="Telefon"' in page
    assert 'href="tel:+491715550132"' in page


def test_the_ticket_shows_the_note_as_internal_with_number_and_call(
    house: House, anna: Client
) -> None:
    ticket = note_call(house, callback()).ticket

    page = anna.get(page_of(ticket)).content.decode()

    assert "art-internal" in page
    assert "ANRUF, nur für Mitarbeitende" in page
    assert page.count('href="tel:+491715550132"') == 3


def test_a_note_in_foreign_words_is_text_and_nothing_else(house: House, anna: Client) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    ticket = note_call(house, OPEN, text=evil, place=evil).ticket
    Ticket.objects.update(callback_phone=evil[:40], citizen_name=evil)

    pages = [anna.get(path).content.decode() for path in ("/a/v/all/", page_of(ticket))]
    again = anna.post(URL, typed(note="", caller=evil, who="new", place=evil)).content.decode()

    assert all("<img" not in page for page in [*pages, again])
