"""The ways out of a failed delivery on the ticket's page, and the letter to print."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import Membership
from helpdesk.citizens.models import ContactPoint
from helpdesk.outbox.models import MessageState, OutgoingMessage, SettledAs
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.handover import NewRequester, change_requester
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def article(house: House) -> Article:
    ticket = make_ticket(house)
    answer = Answer(ticket.pk, "Wir <kommen>.", "a", seen_article_id=ticket.last_article_id)
    written = write_answer(answer=answer, user=house.anna)
    OutgoingMessage.objects.update(state=MessageState.FAILED, last_error="550 5.1.1 unknown")
    return Article.objects.select_related("ticket").get(pk=written.pk)


def sheet_of(article: Article) -> str:
    return reverse("desk:settle", args=[article.pk])


def test_a_failed_answer_leads_to_a_letter_that_can_be_printed_and_taken_back(
    anna: Client, article: Article
) -> None:
    page = anna.get(page_of(article.ticket)).content.decode()
    assert f'href="{sheet_of(article)}"' in page

    sent = {"how": "letter", "address": "Clara Citizen\nLindenstraße 14"}
    answer = anna.post(sheet_of(article), sent, headers=FETCH)

    assert answer.json()["url"] == page_of(article.ticket)
    shown = anna.get(page_of(article.ticket))
    letter = reverse("desk:letter", args=[article.pk])
    assert shown.context["undo"]["open"] == letter
    assert f'href="{sheet_of(article)}"' not in shown.content.decode()
    paper = anna.get(letter).content.decode()
    assert "Lindenstraße 14" in paper
    assert "Wir &lt;kommen&gt;." in paper
    assert anna.post(shown.context["undo"]["url"], headers=FETCH).status_code == 200
    again = anna.get(page_of(article.ticket)).content.decode()
    assert f'href="{sheet_of(article)}"' in again


def test_a_letter_speaks_the_language_of_the_answer_and_says_so(
    anna: Client, article: Article
) -> None:
    letter, outgoing = reverse("desk:letter", args=[article.pk]), article.outgoing
    assert outgoing is not None
    in_german = anna.get(letter)
    outgoing.language = "en"
    outgoing.save(update_fields=["language"])

    in_english = anna.get(letter)

    words = [page.context["reference_word"] for page in (in_german, in_english)]
    assert words == ["Kennung", "Reference"]
    assert [page.context["speaks"] for page in (in_german, in_english)] == ["", "en"]
    assert '<div lang="en">' in in_english.content.decode()
    # The bar above the paper is the agent's.
    assert "Zurück zum Anliegen" in in_english.content.decode()


def test_known_addresses_are_offered_and_a_typed_one_wins(anna: Client, article: Article) -> None:
    sent = {"how": "other", "known": "clara@example.org", "email": "neu@example.net"}

    anna.post(sheet_of(article), sent)

    assert Article.objects.get(pk=article.pk).to[0]["email"] == "neu@example.net"


def test_an_answer_to_the_former_citizen_is_offered_nothing_of_the_present_one(
    house: House, anna: Client, article: Article
) -> None:
    dora = Person("Dora", "dora@example.net", address="Am Markt 1")
    handed = NewRequester(typed=dora, may_read=False)
    change_requester(ticket_id=article.ticket_id, user=house.anna, to=handed)

    asked = anna.get(sheet_of(article)).context
    anna.post(sheet_of(article), {"how": "other", "email": "clara@example.com"})

    assert (asked["others"], asked["address"]) == ([], "")
    assert Article.objects.get(pk=article.pk).to == [{"name": "", "email": "clara@example.com"}]
    assert not ContactPoint.objects.filter(value="clara@example.com").exists()


def test_who_may_only_read_is_offered_no_way_out(
    house: House, anna: Client, article: Article
) -> None:
    Membership.objects.filter(user=house.anna).update(can_answer=False)

    page = anna.get(page_of(article.ticket)).content.decode()

    assert "550 5.1.1 unknown" in page
    assert f'href="{sheet_of(article)}"' not in page
    assert reverse("desk:retry", args=[article.pk]) not in page


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"how": "other", "email": "keine Adresse"},
        {"how": "other", "email": "tiefbau@musterstadt.example"},
        {"how": "letter", "address": " "},
        {"how": "nothing"},
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(
    anna: Client, article: Article, sent: dict[str, str]
) -> None:
    response = anna.post(sheet_of(article), sent)

    assert response.status_code == 422
    assert response.context["error"]
    assert response.context["email"] == sent.get("email", "")
    assert OutgoingMessage.objects.get().settled_as == ""


def test_a_sheet_of_what_was_settled_meanwhile_says_so(anna: Client, article: Article) -> None:
    OutgoingMessage.objects.update(settled_as=SettledAs.NOTHING)

    shown = anna.get(sheet_of(article))
    late = anna.post(sheet_of(article), {"how": "nothing", "reason": "Angerufen"})

    assert shown.context["is_open"] is False
    assert late.status_code == 422
