"""Passing a request on to another authority: one mail to them, one to the citizen, and an end."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from helpdesk.files.store import put
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal.timeline import state_word
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.attachments import attach_files
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.domain.refer import Referral, refer_ticket
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status
from helpdesk.tickets.enums import Status
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Article, Office, Ticket
from tests.factories.house import House, make_administrator, make_authority, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in, without_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return without_second_factor(make_house())


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def office(house: House) -> Office:
    return Office.objects.create(
        authority=house.authority, name="Landkreis", email="post@kreis.example"
    )


def refer(client: Client, ticket: Ticket, office: Office, **more: str) -> int:
    form = {"office": str(office.pk), "text": "Bitte übernehmen.", "form_key": "k1", **more}
    address = reverse("desk:refer", args=[ticket.number])
    return client.post(address, form, headers=FETCH).status_code


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_both_are_told_and_the_request_ends_as_passed_on(
    house: House, ticket: Ticket, anna: Client, office: Office
) -> None:
    write_note(ticket_id=ticket.pk, user=house.anna, text="Kanarienvogel")

    status = refer(anna, ticket, office, tell="on", notice="Wir sind nicht zuständig.")

    mails = {
        mail.recipients.get().address: mail.text for mail in OutgoingMessage.objects.order_by("id")
    }
    done = now(ticket)
    assert status == 200
    assert len(mails) == 2
    assert "Bitte übernehmen." in mails["post@kreis.example"]
    assert ticket.articles.order_by("id")[0].text.strip()[:20] in mails["post@kreis.example"]
    assert all("Kanarienvogel" not in text for text in mails.values())
    assert (done.status, done.outcome) == (Status.RESOLVED, "not_responsible")
    assert done.first_answer_at is None
    with translation.override("de"):
        assert state_word(done) == "Weitergeleitet an Landkreis"
    assert "→ Landkreis" in " ".join(anna.get(page_of(ticket)).content.decode().split())


def test_what_third_persons_and_colleagues_wrote_stays_in_the_house(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    for trust, words in (("third_person", "Papagei"), ("staff_claim", "Pelikan")):
        article = Article.objects.create(
            ticket=ticket,
            kind="message",
            channel="mail",
            trust=trust,
            text=words,
            received_at=timezone.now(),
        )
        stored = put(words.encode(), "text/plain")
        attach_files(article, (InboundFile(stored.pk, f"{words}.txt", "text/plain", 7),))

    pane = anna.get(page_of(ticket)).content.decode()
    refer(anna, ticket, office)

    mail = OutgoingMessage.objects.get()
    ticked = re.findall(r'name="articles" value="\d+"( checked)?>', pane)
    assert ticked == [" checked", "", ""]
    assert "Papagei" not in mail.text
    assert "Pelikan" not in mail.text
    assert not mail.files.exists()


def test_a_picture_that_may_not_leave_is_named_and_nothing_has_changed(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    stored = put(b"\0\0\0\x18ftypheic", "image/heic")
    picture = InboundFile(stored.pk, "IMG_1.heic", "image/heic", 12)
    attach_files(ticket.articles.get(), (picture,))

    refused = anna.post(
        reverse("desk:refer", args=[ticket.number]),
        {"office": str(office.pk), "text": "Bitte übernehmen.", "form_key": "k1"},
        headers=FETCH,
    )

    assert refused.status_code == 422
    assert "IMG_1.heic" in refused.context["error"]
    assert refused.context["text"] == "Bitte übernehmen."
    assert now(ticket).status == ticket.status
    assert not OutgoingMessage.objects.exists()


def test_what_a_colleague_asked_of_the_town_goes_along(
    house: House, anna: Client, office: Office
) -> None:
    asked = make_ticket(house, person=Person(house.bert.name, house.bert.email))
    article = asked.articles.get()

    refer(anna, asked, office)

    assert article.trust == "staff_claim"
    assert article.text in OutgoingMessage.objects.get().text


def test_the_same_form_twice_at_once_passes_it_on_once(
    house: House, ticket: Ticket, office: Office
) -> None:
    referral = Referral(ticket.pk, office.pk, "Bitte übernehmen.", "Nicht zuständig.", "k1")
    refer_ticket(referral=referral, user=house.anna)

    with pytest.raises(StatusNotAllowedError):
        refer_ticket(referral=referral, user=house.anna)

    assert OutgoingMessage.objects.count() == 2


def test_an_undo_keeps_both_mails_back_and_the_request_is_as_it_was(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(callback_phone="0171 55")
    refer(anna, ticket, office, tell="on", notice="Wir sind nicht zuständig.")
    undo = anna.session["undo"]["url"]

    back = anna.post(undo, headers=FETCH).status_code
    again = anna.post(undo, headers=FETCH).status_code

    assert (back, again) == (200, 409)
    assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {"cancelled"}
    assert (now(ticket).status, now(ticket).outcome, now(ticket).referred_to) == ("new", "", "")
    assert now(ticket).callback_phone == "0171 55"


def test_once_the_citizen_was_told_the_referral_is_not_taken_back(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    refer(anna, ticket, office, tell="on", notice="Wir sind nicht zuständig.")
    to_citizen = OutgoingMessage.objects.get(recipients__address="clara@example.org")
    OutgoingMessage.objects.filter(pk=to_citizen.pk).update(state="sent")

    back = anna.post(anna.session["undo"]["url"], headers=FETCH).status_code

    assert back == 409
    assert now(ticket).outcome == "not_responsible"
    assert not OutgoingMessage.objects.filter(state="cancelled").exists()


def test_whoever_wants_the_citizen_told_has_to_say_what(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    assert refer(anna, ticket, office, tell="on", notice=" ") == 422

    assert not OutgoingMessage.objects.exists()
    assert now(ticket).status == ticket.status


def test_without_the_tick_only_the_office_gets_mail(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    refer(anna, ticket, office, notice="Nie zu lesen")

    assert OutgoingMessage.objects.count() == 1


def test_an_office_of_another_town_or_none_is_refused_and_the_text_kept(
    ticket: Ticket, anna: Client, office: Office
) -> None:
    other = make_authority("Stadt Anderswo", "AW")
    foreign = Office.objects.create(authority=other, name="Fremd", email="fremd@example.org")
    address = reverse("desk:refer", args=[ticket.number])

    none = anna.post(address, {"office": "", "text": "Mein Text"})
    assert office.name in none.content.decode()
    assert "Fremd" not in none.content.decode()

    assert refer(anna, ticket, foreign) == 404
    assert none.status_code == 422
    assert "Mein Text" in none.content.decode()
    assert "Bitte wählen Sie, wer zuständig ist." in none.content.decode()
    assert not OutgoingMessage.objects.exists()


def test_a_request_that_went_elsewhere_meanwhile_keeps_both_texts_and_sends_nothing(
    house: House, ticket: Ticket, anna: Client, office: Office
) -> None:
    home = make_ticket(house)
    merge_tickets(ticket_id=ticket.pk, into_id=home.pk, user=house.anna)
    typed = {"office": str(office.pk), "text": "Mein Text", "tell": "on", "notice": "Ihr Text"}

    refused = anna.post(reverse("desk:refer", args=[ticket.number]), typed)

    assert refused.status_code == 422
    assert home.number in refused.context["error"]
    assert (refused.context["text"], refused.context["notice"]) == ("Mein Text", "Ihr Text")
    assert f'action="{reverse("desk:refer", args=[home.number])}"' in refused.content.decode()
    assert not OutgoingMessage.objects.exists()


def test_what_a_colleague_has_ended_meanwhile_keeps_its_outcome_and_the_words(
    house: House, ticket: Ticket, anna: Client, office: Office
) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome="declined")
    typed = {"office": str(office.pk), "text": "Mein Text", "form_key": "k1"}

    refused = anna.post(reverse("desk:refer", args=[ticket.number]), typed)

    assert (refused.status_code, refused.context["text"]) == (422, "Mein Text")
    assert refused.context["error"]
    assert now(ticket).outcome == "declined"
    assert not OutgoingMessage.objects.exists()


def test_the_directory_is_kept_by_administrators(house: House) -> None:
    ada = signed_in(make_administrator(house.authority))
    page = reverse("desk:settings_offices")

    ada.post(page, {"name": "Stadtwerke", "email": "post@stadtwerke.example", "note": "Laternen"})
    twice = ada.post(page, {"name": "Stadtwerke", "email": "x@stadtwerke.example"})
    wrong = ada.post(page, {"name": "Bahn", "email": "keine Adresse"})
    shown = ada.get(page).content.decode()
    ada.post(reverse("desk:settings_office_delete", args=[Office.objects.get().pk]))

    assert (twice.status_code, wrong.status_code) == (422, 422)
    assert "Das ist keine E-Mail-Adresse." in wrong.content.decode()
    assert "post@stadtwerke.example" in shown
    assert not Office.objects.exists()
