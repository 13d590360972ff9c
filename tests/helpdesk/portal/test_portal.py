"""The citizens' pages: home, the status page behind its link, and links that open nothing."""

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from channels_in.models import Account
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer, write_note
from helpdesk.tickets.domain.deadline import set_due
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.domain.status_link import renew_link
from helpdesk.tickets.enums import ArticleKind, Channel, Outcome, Status, Trust
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Article, Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.factories.knowledge import make_answer, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def address(ticket: Ticket) -> str:
    return f"/s/{status_token(ticket)}/"


def opened(client: Client, ticket: Ticket) -> Client:
    """Press "Open request", as somebody who holds the link."""
    client.post(f"{address(ticket)}oeffnen/")
    return client


def answer(house: House, ticket: Ticket, text: str, *, key: str = "1", undo: int = 0) -> Article:
    return write_answer(
        answer=Answer(
            ticket_id=ticket.pk, text=text, form_key=key, despite_newer=True, undo_seconds=undo
        ),
        user=house.anna,
    )


def test_status_page_shows_the_way_of_a_request_in_german(
    client: Client, house: House, ticket: Ticket
) -> None:
    due = timezone.now() + timedelta(days=2)
    set_due(ticket_id=ticket.pk, due_at=due, kind="first_answer", paused=False)
    write_note(ticket_id=ticket.pk, user=house.anna, text="Geheime Notiz")
    answer(house, ticket, "Wir kommen am Montag.")

    page = opened(client, ticket).get(address(ticket))
    html = page.content.decode()

    assert page.status_code == 200
    assert [step.word for step in page.context["steps"]] == [
        "Eingegangen",
        "Erste Antwort",
        "Erledigt",
    ]
    assert [message.who for message in page.context["messages_shown"]] == [
        "Sie",
        "Stadt Musterstadt, Tiefbau",
    ]
    assert "Vor Nummer 14 ist ein tiefes Loch." in html
    assert "Wir kommen am Montag." in html
    assert ticket.reference in html
    assert page.context["promise"].until == due


def test_status_page_never_shows_what_is_internal(
    client: Client, house: House, ticket: Ticket
) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text="Kanarie-Notiz")
    withdrawn = answer(house, ticket, "Kanarie-Widerruf", key="2", undo=10)
    withdraw_answer(article_id=withdrawn.pk, user=house.anna)
    answer(house, ticket, "Kanarie-Bedenkzeit", key="3", undo=10)
    for trust in (Trust.THIRD_PERSON, Trust.UNVERIFIED, Trust.STAFF_CLAIM):
        Article.objects.create(
            ticket=ticket,
            kind=ArticleKind.MESSAGE,
            channel=Channel.MAIL,
            trust=trust,
            text=f"Kanarie-{trust}",
            received_at=timezone.now(),
        )

    html = opened(client, ticket).get(address(ticket)).content.decode()

    assert "Vor Nummer 14" in html
    assert "Kanarie" not in html
    assert house.anna.name not in html
    assert house.anna.email not in html
    assert ticket.number not in html


@pytest.mark.parametrize(
    "status, outcome, words",
    [
        (Status.NEW, "", "Eingegangen"),
        (Status.OPEN, "", "In Bearbeitung"),
        (Status.WAITING_CITIZEN, "", "Rückfrage an Sie"),
        (Status.WAITING_THIRD, "", "In Bearbeitung"),
        (Status.RESOLVED, Outcome.FIXED, "Erledigt"),
        (Status.MERGED, "", "Mit einem anderen Anliegen verbunden"),
    ],
)
def test_every_status_has_a_plain_word(
    client: Client, ticket: Ticket, status: str, outcome: str, words: str
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status=status, outcome=outcome)

    assert client.get(address(ticket)).context["state"] == words


@pytest.mark.parametrize("outcome", [Outcome.SPAM, Outcome.NO_REPLY])
def test_how_the_staff_files_an_end_stays_inside(
    client: Client, house: House, ticket: Ticket, outcome: Outcome
) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=outcome)

    page = client.get(address(ticket))

    assert page.context["steps"][-1].word == "Erledigt"
    assert str(outcome.label) not in page.content.decode()


def test_the_page_speaks_the_requests_language_until_the_citizen_chooses(
    client: Client, house: House
) -> None:
    ticket = make_ticket(house, language="en", message_id="<en@example.org>")

    by_request = client.get(address(ticket), headers={"Accept-Language": "de"})
    client.get("/language/de/")
    by_choice = client.get(address(ticket))

    assert b'<html\n  lang="en"\n' in by_request.content
    assert by_request.context["state"] == "Received"
    assert b'<html\n  lang="de"\n' in by_choice.content


def test_the_language_link_never_leads_elsewhere(client: Client) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert client.get("/language/en/", {"next": target})["Location"] == "/"
    assert client.get("/language/xx/").status_code == 404


def test_the_secret_address_is_kept_out_of_caches_engines_and_other_sites(
    client: Client, ticket: Ticket
) -> None:
    for path in (address(ticket), "/s/1-aaaaaaaaaaaaaaaaaaaaaaaaaa/"):
        response = client.get(path)
        assert response["Referrer-Policy"] == "same-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
        assert b'name="referrer" content="same-origin"' in response.content


def test_wrong_expired_and_revoked_links_say_the_same(
    client: Client, house: House, ticket: Ticket
) -> None:
    expired = make_ticket(house, message_id="<2@example.org>")
    revoked = make_ticket(house, message_id="<3@example.org>")
    now = timezone.now()
    Ticket.objects.filter(pk=expired.pk).update(resolved_at=now - timedelta(days=91))
    Ticket.objects.filter(pk=revoked.pk).update(link_nonce="renewed")
    wrong = address(ticket)[:-3] + "aa/"

    pages = [client.get(path) for path in (wrong, address(expired), address(revoked))]

    assert [page.status_code for page in pages] == [404] * 3
    assert all("Dieser Link öffnet kein Anliegen" in page.content.decode() for page in pages)
    assert all(b"Schlagloch" not in page.content for page in pages)


def fingerprint() -> str:
    """Return a hash over every row of every table but the sessions'."""
    rows = [
        repr(sorted(map(repr, model._default_manager.values_list())))
        for model in apps.get_models()
        if model is not Session
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def test_looking_changes_nothing(client: Client, house: House, ticket: Ticket) -> None:
    answer(house, ticket, "Antwort")
    before = fingerprint()

    behind = ("", "drucken/", "antworten/", "zurueckziehen/", "wieder-oeffnen/", "bewerten/")
    paths = [f"{address(ticket)}{page}" for page in (*behind, "neuer-link/", "dateien/1/")]
    paths += ["/", "/language/en/", "/s/x/", "/brand.css", "/status/", "/status/code/"]
    for browser in (client, opened(Client(), ticket)):
        for path in paths:
            browser.get(path)
            browser.head(path)

    assert fingerprint() == before
    assert client.post(address(ticket)).status_code == 405
    assert client.get(f"{address(ticket)}oeffnen/").status_code == 405


def test_the_link_alone_shows_how_far_it_is_but_no_word_and_no_file(
    client: Client, house: House, ticket: Ticket
) -> None:
    answer(house, ticket, "Wir kommen am Montag.")

    page = client.get(address(ticket))
    html = page.content.decode()

    assert page.context["state"] == "In Bearbeitung"
    assert "Erste Antwort" in html
    assert "Wir kommen am Montag." not in html
    assert "Vor Nummer 14" not in html
    assert client.get(f"{address(ticket)}drucken/")["Location"] == address(ticket)


def test_an_opened_request_ends_by_itself_by_the_button_and_with_the_link(
    house: House, ticket: Ticket
) -> None:
    def reads(browser: Client) -> bool:
        return "Vor Nummer 14" in browser.get(address(ticket)).content.decode()

    other = make_ticket(house, message_id="<2@example.org>")
    by_button, by_time, by_other = Client(), Client(), opened(Client(), other)
    opened(by_button, ticket).post(f"{address(ticket)}schliessen/")
    opened(by_time, ticket)
    until, proof = by_time.cookies["request"].value.split(".")
    by_time.cookies["request"] = f"{int(until) + 3600}.{proof}"

    assert reads(opened(Client(), ticket))
    assert not reads(by_button)
    assert not reads(by_time)
    assert not reads(by_other)
    before = opened(Client(), ticket)
    renew_link(ticket_id=ticket.pk, user=house.anna)
    ticket.refresh_from_db()
    assert not reads(before)


def test_home_names_the_mailboxes_and_how_to_reach_the_town(client: Client, house: House) -> None:
    Account.objects.create(
        authority=house.authority,
        team=house.roads,
        sender=house.sender,
        kind=Account.Kind.LISTENER,
        name="Tiefbau",
        address="tiefbau@musterstadt.example",
    )
    house.authority.contact_phone = "0123 456-0"
    house.authority.save()

    html = client.get("/").content.decode()

    assert 'href="mailto:tiefbau@musterstadt.example"' in html
    assert 'href="tel:01234560"' in html


def test_home_opens_in_an_installation_without_an_authority(client: Client) -> None:
    assert client.get("/").status_code == 200


def test_a_mail_that_failed_is_still_shown_to_the_citizen(
    client: Client, house: House, ticket: Ticket
) -> None:
    answer(house, ticket, "Kommt per Seite an")
    OutgoingMessage.objects.update(state="failed")

    assert "Kommt per Seite an" in opened(client, ticket).get(address(ticket)).content.decode()


def test_a_page_that_is_not_there_leads_on(client: Client) -> None:
    house = make_house()
    without = client.get("/nirgends/").content.decode()
    make_answer(make_section(house.authority))

    page = client.get("/nirgends/").content.decode()

    assert 'role="search"' not in without
    assert 'action="/suche"' in page
    assert 'class="btn" href="/">Zur Startseite</a>' in page
