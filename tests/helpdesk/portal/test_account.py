"""The account of a citizen: signing in by a mail, the list of requests, the profile."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from helpdesk.accounts.domain.links import AGAIN
from helpdesk.accounts.domain.sessions import LIFETIME, UNUSED, sweep
from helpdesk.accounts.models import AccountAddress, AccountLink, AccountSession, PortalAccount
from helpdesk.citizens.models import Citizen
from helpdesk.events.models import Event
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal.account.contact import known_contact
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import Channel, Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.links import VALID_AFTER_END, status_token
from helpdesk.tickets.models import Article, Ticket
from tests.factories.accounts import mailed_link, make_house_with_accounts, signed_in
from tests.factories.house import House, make_administrator, make_ticket
from tests.helpdesk.desk.pages import Page, counted_queries, without_second_factor

pytestmark = pytest.mark.django_db
CLARA = "clara@example.org"
QUERIES_OF_THE_LIST = 10


@pytest.fixture
def house() -> House:
    return make_house_with_accounts()


@pytest.fixture
def clara(house: House) -> Client:
    del house
    return signed_in(CLARA)


def titles(client: Client, query: str = "") -> list[str]:
    page: Page = client.get(f"/konto/{query}")
    return [row.title for row in page.context["rows"]]


def own(ticket: Ticket, client: Client) -> str:
    """Return the address of a request in the list of an account."""
    page: Page = client.get("/konto/")
    rows = page.context["rows"]
    return str(next(row.url for row in rows if row.reference == ticket.reference))


def of(house: House, email: str, title: str, **values: Any) -> Ticket:
    return make_ticket(house, person=Person("Wer", email), subject=title, **values)


# Signing in.


def test_the_answer_is_the_same_for_every_address_and_the_mail_has_a_link(house: House) -> None:
    make_ticket(house)

    known = Client().post("/konto/anmelden/", {"email": CLARA})
    unknown = Client().post("/konto/anmelden/", {"email": "niemand@example.org"})

    assert (known.status_code, known["Location"]) == (302, "/konto/gesendet/")
    assert (unknown.status_code, unknown["Location"]) == (302, "/konto/gesendet/")
    texts = [mail.text for mail in OutgoingMessage.objects.filter(kind="sign_in_link")]
    assert len({text.partition("/konto/link/")[0] for text in texts}) == 1


def test_looking_at_the_link_signs_nobody_in_and_leaves_it_good(
    client: Client, house: House
) -> None:
    del house
    client.post("/konto/anmelden/", {"email": CLARA})
    path = mailed_link(CLARA)

    looks = [client.get(path) for _ in range(3)]

    assert {look.status_code for look in looks} == {200}
    assert AccountSession.objects.count() == PortalAccount.objects.count() == 0
    assert client.post(path)["Location"] == "/konto/"
    assert client.get("/konto/").status_code == 200


def test_a_link_works_once_and_for_a_quarter_of_an_hour(house: House) -> None:
    del house
    first, other = Client(), Client()
    first.post("/konto/anmelden/", {"email": CLARA})
    used = mailed_link(CLARA)
    first.post(used)
    other.post("/konto/anmelden/", {"email": CLARA})
    late = mailed_link(CLARA)

    again = other.post(used)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        too_late = other.post(late)

    assert (again.status_code, too_late.status_code) == (410, 410)
    assert AccountSession.objects.count() == 1
    # Pressed twice in the browser that is in by it, it just goes on.
    assert first.post(used)["Location"] == "/konto/"


def test_a_button_pressed_twice_lets_the_browser_in_that_missed_the_first_answer(
    client: Client, house: House
) -> None:
    """The second press breaks off the first, whose cookie never comes."""
    del house
    client.post("/konto/anmelden/", {"email": CLARA, "next": "/konto/profil/"})
    path = mailed_link(CLARA)
    client.get(path)
    shown = {"csrf": client.cookies["csrf"].value}
    first = Client()
    first.cookies.load(shown)
    first.post(path)

    presses = []
    for _ in range(2):
        second = Client()
        second.cookies.load(shown)
        presses.append((second.post(path)["Location"], second.get("/konto/").status_code))
    stranger = Client()
    stranger.get("/konto/anmelden/")

    assert presses == [("/konto/profil/", 200)] * 2
    assert stranger.post(path).status_code == 410
    # It is one sign-in: what is new stays new, and whoever holds an older key is out.
    assert AccountSession.objects.count() == 1
    assert Event.objects.filter(kind="portal_account.signed_in").count() == 1


def test_a_link_lets_nobody_in_again_after_signing_out_or_a_minute_later(
    client: Client, house: House
) -> None:
    del house
    client.post("/konto/anmelden/", {"email": CLARA})
    path = mailed_link(CLARA)
    client.get(path)
    client.post(path)
    later = Client()
    later.cookies.load({"csrf": client.cookies["csrf"].value})

    with time_machine.travel(timezone.now() + AGAIN):
        too_late = later.post(path)
    client.post("/konto/abmelden/")
    signed_out = client.post(path)

    assert (too_late.status_code, signed_out.status_code) == (410, 410)


def test_signing_in_voids_the_other_links_of_the_address(house: House) -> None:
    del house
    client = Client()
    paths = []
    for _ in range(2):
        client.post("/konto/anmelden/", {"email": CLARA})
        paths.append(mailed_link(CLARA))

    client.post(paths[1])

    assert Client().post(paths[0]).status_code == 410


def test_a_link_leads_to_where_one_wanted_to_go(house: House) -> None:
    del house
    client = Client()
    sent_away = client.get("/konto/profil/")

    client.post("/konto/anmelden/", {"email": CLARA, "next": "/konto/profil/"})

    assert sent_away["Location"] == "/konto/anmelden/?next=%2Fkonto%2Fprofil%2F"
    assert client.post(mailed_link(CLARA))["Location"] == "/konto/profil/"


def test_what_is_no_address_is_said_at_the_field_and_kept(client: Client, house: House) -> None:
    del house
    page = client.post("/konto/anmelden/", {"email": "clara@"})

    body = page.content.decode()
    assert page.status_code == 422
    assert 'value="clara@"' in body
    assert 'aria-invalid="true"' in body


def test_without_a_sender_the_page_says_what_to_do_instead(client: Client, house: House) -> None:
    house.sender.delete()

    page: Page = client.get("/konto/anmelden/")

    assert page.context["may_send"] is False


def test_an_address_gets_three_links_an_hour_and_a_network_asks_ten_times(house: House) -> None:
    del house
    client = Client()
    answers = [client.post("/konto/anmelden/", {"email": CLARA}) for _ in range(10)]

    last = client.post("/konto/anmelden/", {"email": CLARA})

    assert {answer.status_code for answer in answers} == {302}
    assert last.status_code == 429
    assert OutgoingMessage.objects.filter(kind="sign_in_link").count() == 3
    # A link that could not be mailed is not kept either.
    assert AccountLink.objects.count() == 3


def test_where_accounts_are_off_their_pages_do_not_exist(house: House) -> None:
    client = signed_in(CLARA)
    house.authority.offers_accounts = False
    house.authority.save()

    for path in ("/konto/", "/konto/anmelden/", "/konto/profil/", "/konto/link/x/"):
        assert client.get(path).status_code == 404, path
    assert 'href="/konto/"' not in client.get("/").content.decode()


def test_the_navigation_leads_to_the_requests_where_accounts_are_on(
    client: Client, house: House
) -> None:
    del house
    assert 'href="/konto/"' in client.get("/").content.decode()


# The list.


def test_the_list_shows_what_was_made_with_the_address_also_before(house: House) -> None:
    of(house, CLARA, "Laterne aus")
    of(house, "Clara@Example.ORG", "Schlagloch", channel=Channel.WEB)
    of(house, "dora@example.org", "Von Dora")

    clara = signed_in(CLARA)

    assert sorted(titles(clara)) == ["Laterne aus", "Schlagloch"]
    assert titles(signed_in("emil@example.org")) == []


def test_a_request_opens_without_another_link_and_can_be_answered(
    house: House, clara: Client
) -> None:
    ticket = of(house, CLARA, "Laterne aus", text="Vor Nummer 14 ist es dunkel.")
    path = own(ticket, clara)

    page = clara.get(path)
    sent = clara.post(f"{path}antworten/", {"text": "Seit Montag.", "key": "k"})

    assert "Vor Nummer 14 ist es dunkel." in page.content.decode()
    assert sent["Location"] == path
    assert Article.objects.filter(ticket=ticket, text="Seit Montag.").exists()
    # Nothing of it outlives the account on this device.
    assert set(clara.cookies) & {"request", "__Secure-request"} == set()


def test_a_signed_out_writer_finds_the_text_again(house: House, clara: Client) -> None:
    ticket = of(house, CLARA, "Laterne aus")
    path = own(ticket, clara)
    clara.post("/konto/abmelden/")

    page = clara.post(f"{path}antworten/", {"text": "Seit Montag.", "key": "k"})
    signed_in(CLARA, clara)
    sent = clara.post(f"{path}antworten/", {"text": "Seit Montag.", "key": "k"})

    assert page.status_code == 401
    assert "Seit Montag." in page.content.decode()
    assert sent["Location"] == path
    assert Article.objects.filter(ticket=ticket, text="Seit Montag.").count() == 1


def test_an_answer_is_new_until_the_sign_in_after_next(house: House, clara: Client) -> None:
    ticket = of(house, CLARA, "Laterne aus")
    write_answer(
        user=house.anna, answer=Answer(ticket.pk, "Wir kommen.", "k", ticket.last_article_id)
    )
    OutgoingMessage.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    page: Page = clara.get("/konto/")

    signed_in(CLARA)
    later = signed_in(CLARA)
    seen: Page = later.get("/konto/")

    assert [row.is_new for row in page.context["rows"]] == [True]
    assert [row.is_new for row in seen.context["rows"]] == [False]


def test_the_filter_shows_open_requests_only(house: House, clara: Client) -> None:
    done = of(house, CLARA, "Erledigt")
    of(house, CLARA, "Offen")
    change_status(ticket_id=done.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.FIXED)

    assert sorted(titles(clara)) == ["Erledigt", "Offen"]
    assert titles(clara, "?stand=offen") == ["Offen"]


def test_what_ended_long_ago_is_no_longer_shown(house: House, clara: Client) -> None:
    done = of(house, CLARA, "Erledigt")
    path = own(done, clara)
    Ticket.objects.filter(pk=done.pk).update(
        status=Status.CLOSED, resolved_at=timezone.now() - VALID_AFTER_END - timedelta(days=1)
    )

    assert titles(clara) == []
    assert clara.get(path).status_code == 404


def test_a_joined_request_leads_to_the_one_it_went_into(house: House, clara: Client) -> None:
    first, second = of(house, CLARA, "Erstes"), of(house, CLARA, "Zweites")
    path = own(second, clara)
    Ticket.objects.filter(pk=second.pk).update(status=Status.MERGED, merged_into=first)

    assert titles(clara) == ["Erstes"]
    assert clara.get(path)["Location"] == own(first, clara)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_no_more_for_more_requests(house: House, clara: Client, count: int) -> None:
    for number in range(count):
        of(house, CLARA, f"Nummer {number}")
    clara.get("/konto/")

    with counted_queries() as queries:
        assert len(titles(clara)) == count

    assert len(queries) == QUERIES_OF_THE_LIST


# The form.


def test_the_form_begins_with_what_the_account_knows(house: House, clara: Client) -> None:
    del house
    clara.post("/konto/profil/", {"name": "Clara Weiß", "language": "de"})
    request = RequestFactory().get("/melden/kontakt/")
    request.COOKIES = {"citizen": clara.cookies["citizen"].value}

    assert known_contact(request) == {"way": "mail", "email": CLARA, "name": "Clara Weiß"}
    assert known_contact(RequestFactory().get("/melden/kontakt/")) == {}


# The profile.


def test_name_and_language_are_changed(clara: Client) -> None:
    saved = clara.post("/konto/profil/", {"name": " Clara Weiß ", "language": "en"})

    account = PortalAccount.objects.get()
    assert saved["Location"] == "/konto/profil/"
    assert (account.name, account.language) == ("Clara Weiß", "en")
    assert "My account" in clara.get("/konto/profil/").content.decode()
    facts = Event.objects.filter(kind="portal_account.changed")
    assert [fact.data for fact in facts] == [{"fields": ["language", "name"]}]


def test_a_further_address_brings_its_requests_after_its_own_mail(
    house: House, clara: Client
) -> None:
    of(house, "clara@work.example", "Von der Arbeit")
    clara.post("/konto/adressen/", {"email": "clara@work.example"})
    path = mailed_link("clara@work.example")
    before = titles(clara)

    looked = clara.get(path)
    added = clara.post(path)

    assert (looked.status_code, before) == (200, [])
    assert added["Location"] == "/konto/"
    assert titles(clara) == ["Von der Arbeit"]
    # And one signs in with it from now on.
    assert titles(signed_in("clara@work.example")) == ["Von der Arbeit"]
    assert PortalAccount.objects.count() == 1


def test_an_address_with_an_account_of_its_own_stays_there(clara: Client) -> None:
    signed_in("dora@example.org")
    clara.post("/konto/adressen/", {"email": "dora@example.org"})

    answer = clara.post(mailed_link("dora@example.org"))

    assert answer.status_code == 409
    assert PortalAccount.objects.count() == 2


def test_addresses_change_places_and_leave_but_not_the_last(house: House, clara: Client) -> None:
    of(house, "clara@work.example", "Von der Arbeit")
    clara.post("/konto/adressen/", {"email": "clara@work.example"})
    clara.post(mailed_link("clara@work.example"))
    first, second = AccountAddress.objects.order_by("id")

    clara.post(f"/konto/adressen/{second.pk}/", {"do": "main"})
    main_before = AccountAddress.objects.get(is_main=True)
    clara.post(f"/konto/adressen/{second.pk}/", {"do": "remove"})
    clara.post(f"/konto/adressen/{first.pk}/", {"do": "remove"})

    assert main_before == second
    assert [(one.email, one.is_main) for one in AccountAddress.objects.all()] == [(CLARA, True)]
    assert titles(clara) == []


def test_signing_out_everywhere_ends_all_sessions_and_links(clara: Client) -> None:
    other = signed_in(CLARA)
    Client().post("/konto/anmelden/", {"email": CLARA})
    waiting = mailed_link(CLARA)

    other.post("/konto/ueberall-abmelden/")

    assert clara.get("/konto/").status_code == 302
    assert AccountSession.objects.count() == 0
    assert Client().post(waiting).status_code == 410


def test_a_session_ends_by_itself(clara: Client) -> None:
    with time_machine.travel(timezone.now() + LIFETIME + timedelta(minutes=1)):
        late = clara.get("/konto/")
        sweep()

    assert late["Location"].startswith("/konto/anmelden/")
    assert AccountSession.objects.count() == 0


def test_a_deleted_account_leaves_the_requests(house: House, clara: Client) -> None:
    ticket = of(house, CLARA, "Laterne aus")
    asked = clara.get("/konto/loeschen/")

    gone = clara.post("/konto/loeschen/")

    assert (asked.status_code, gone["Location"]) == (200, "/")
    assert PortalAccount.objects.count() == AccountAddress.objects.count() == 0
    assert AccountSession.objects.count() == 0
    assert clara.get("/konto/").status_code == 302
    assert Citizen.objects.filter(tickets=ticket).exists()
    assert Client().get(f"/s/{status_token(ticket)}/").status_code == 200
    assert titles(signed_in(CLARA)) == ["Laterne aus"]


def test_an_account_that_nobody_used_for_two_years_is_deleted(house: House, clara: Client) -> None:
    del clara
    of(house, CLARA, "Laterne aus")
    with time_machine.travel(timezone.now() + UNUSED - timedelta(days=1)):
        sweep()
        assert PortalAccount.objects.count() == 1

    with time_machine.travel(timezone.now() + UNUSED + timedelta(days=1)):
        sweep()

    assert PortalAccount.objects.count() == 0
    assert Ticket.objects.count() == 1


# The setting.


def test_an_administrator_switches_accounts_on_and_off(house: House) -> None:
    without_second_factor(house)
    desk = Client()
    desk.force_login(make_administrator(house.authority))

    settings = reverse("desk:settings_accounts")
    desk.post(settings, {})
    off = Client().get("/konto/anmelden/").status_code
    desk.post(settings, {"offers_accounts": "on"})

    assert (off, Client().get("/konto/anmelden/").status_code) == (404, 200)
