"""The sheet that ends a request with a photo: a note or an answer, both with the end or neither."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import User
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.drafts import Typed, save_draft
from helpdesk.tickets.domain.finish import finish_with_note
from helpdesk.tickets.domain.merge import merge_tickets
from helpdesk.tickets.domain.state import StatusNotAllowedError, change_status
from helpdesk.tickets.domain.trash import trash_ticket
from helpdesk.tickets.enums import ArticleKind, Outcome, Status
from helpdesk.tickets.models import Ticket
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, signed_in

pytestmark = pytest.mark.django_db
# No picture: each of those costs a program of its own, which proves nothing here.
CONTENT = b"Wie es jetzt aussieht"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def address_of(ticket: Ticket) -> str:
    return reverse("desk:finish", args=[ticket.number])


def filled(anna: Client, ticket: Ticket, **values: object) -> dict[str, object]:
    given = anna.get(address_of(ticket), headers=FETCH).context["given"]
    photo = SimpleUploadedFile("loch.txt", CONTENT, content_type="text/plain")
    return {"form_key": given.form_key, "seen": given.seen, "files": photo, **values}


def test_a_photo_alone_becomes_a_note_and_ends_the_request_until_it_is_undone(
    anna: Client, ticket: Ticket
) -> None:
    sent = filled(anna, ticket)

    answer = anna.post(address_of(ticket), sent, headers=FETCH)

    assert answer.status_code == 200
    note = ticket.articles.get(kind=ArticleKind.NOTE)
    assert [file.name for file in note.attachments.all()] == ["loch.txt"]
    assert note.text
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.FIXED)
    undo = anna.get(answer.json()["url"]).context["undo"]["url"]
    assert anna.post(undo, headers=FETCH).status_code == 200
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW
    assert ticket.articles.filter(kind=ArticleKind.NOTE).exists()


def test_the_same_sheet_twice_is_one_note_and_ends_nothing_that_was_opened_again(
    anna: Client, ticket: Ticket
) -> None:
    sent = filled(anna, ticket, text="Loch verfüllt")
    anna.post(address_of(ticket), sent)
    reopen = reverse("desk:change", args=[ticket.number, "reopen"])
    anna.post(reopen)

    anna.post(address_of(ticket), {name: sent[name] for name in ("form_key", "seen", "text")})

    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.articles.filter(kind=ArticleKind.NOTE).count() == 1


def test_the_citizen_gets_words_and_photo_with_greeting_and_the_end(
    anna: Client, ticket: Ticket
) -> None:
    sent = filled(anna, ticket, reads="citizen", text="Das Loch ist verfüllt.")

    anna.post(address_of(ticket), sent, headers=FETCH)

    mail = OutgoingMessage.objects.get(kind="answer")
    assert "Das Loch ist verfüllt." in mail.text
    assert "Guten Tag Clara Citizen," in mail.text
    assert "Mit freundlichen Grüßen" in mail.text
    answer = ticket.articles.get(kind=ArticleKind.ANSWER)
    assert [file.name for file in answer.attachments.all()] == ["loch.txt"]
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (Status.RESOLVED, Outcome.FIXED)


def test_what_came_in_meanwhile_is_shown_and_nothing_is_lost(anna: Client, ticket: Ticket) -> None:
    sent = filled(anna, ticket, reads="citizen", text="Das Loch ist verfüllt.", seen="")

    refused = anna.post(address_of(ticket), sent)

    assert refused.status_code == 422
    given = refused.context["given"]
    assert (given.text, given.reads) == ("Das Loch ist verfüllt.", "citizen")
    assert [file.name for file in given.files] == ["loch.txt"]
    assert not OutgoingMessage.objects.filter(kind="answer").exists()
    again = {
        "form_key": given.form_key,
        "seen": given.seen,
        "kept": given.files[0].note,
        "text": given.text,
        "reads": given.reads,
    }
    anna.post(address_of(ticket), again, headers=FETCH)
    assert [file.name for file in ticket.articles.get(kind="answer").attachments.all()] == [
        "loch.txt"
    ]


def test_neither_photo_nor_words_end_nothing(anna: Client, ticket: Ticket) -> None:
    refused = anna.post(address_of(ticket), {"text": "  "}, headers=FETCH)

    assert refused.status_code == 422
    assert refused.context["error"]
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW


def test_what_has_ended_is_not_ended_again(anna: Client, ticket: Ticket) -> None:
    anna.post(address_of(ticket), {"text": "Erledigt"})

    assert anna.get(address_of(ticket)).status_code == 404


@pytest.mark.parametrize("reads", ["staff", "citizen"])
def test_where_a_colleague_was_faster_words_and_photo_stay_on_the_sheet(
    house: House, anna: Client, ticket: Ticket, reads: str
) -> None:
    sent = filled(anna, ticket, text="Loch verfüllt", reads=reads)
    change_status(
        ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.ANSWERED
    )

    refused = anna.post(address_of(ticket), sent, headers=FETCH)

    assert refused.status_code == 422
    assert refused.context["error"]
    given = refused.context["given"]
    assert (given.text, [file.name for file in given.files]) == ("Loch verfüllt", ["loch.txt"])
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.articles.count()) == (Outcome.ANSWERED, 1)


@pytest.mark.parametrize("reads", ["staff", "citizen"])
def test_a_sheet_of_which_the_answer_was_lost_leads_on_when_it_is_sent_again(
    anna: Client, ticket: Ticket, reads: str
) -> None:
    sent = filled(anna, ticket, text="Loch verfüllt", reads=reads)
    first = anna.post(address_of(ticket), sent, headers=FETCH)
    again = {name: sent[name] for name in ("form_key", "seen", "text", "reads")}

    second = anna.post(address_of(ticket), again, headers=FETCH)

    assert (first.status_code, second.status_code) == (200, 200)
    assert ticket.articles.count() == 2


@pytest.mark.parametrize("reads, kind", [("staff", "note"), ("citizen", "answer")])
def test_what_was_begun_in_the_composer_outlives_the_sheet(
    house: House, anna: Client, ticket: Ticket, reads: str, kind: str
) -> None:
    save_draft(typed=Typed(ticket_id=ticket.pk, kind=kind, body="Halb fertig"), user=house.anna)

    anna.post(address_of(ticket), filled(anna, ticket, reads=reads), headers=FETCH)

    assert ticket.articles.count() == 2
    assert [(each.kind, each.body) for each in ticket.drafts.all()] == [(kind, "Halb fertig")]


def test_what_was_merged_meanwhile_is_finished_where_it_went_with_all_that_was_typed(
    house: House, anna: Client, ticket: Ticket
) -> None:
    home = make_ticket(house)
    sent = filled(anna, ticket, text="Loch verfüllt")
    merge_tickets(ticket_id=ticket.pk, into_id=home.pk, user=house.anna, notice="", key="m1")

    refused = anna.post(address_of(ticket), sent)

    assert refused.status_code == 422
    assert home.number in refused.context["error"]
    given = refused.context["given"]
    assert (given.text, [file.name for file in given.files]) == ("Loch verfüllt", ["loch.txt"])
    home.refresh_from_db()
    assert home.status == Status.NEW
    again = {"form_key": given.form_key, "text": given.text, "kept": given.files[0].note}
    page = refused.content.decode()
    assert f'action="{address_of(home)}"' in page
    anna.post(address_of(home), again)
    home.refresh_from_db()
    assert (home.status, home.outcome) == (Status.RESOLVED, Outcome.FIXED)
    note = home.articles.get(kind=ArticleKind.NOTE)
    assert [file.name for file in note.attachments.all()] == ["loch.txt"]


def test_what_went_into_the_bin_meanwhile_keeps_what_was_typed(
    house: House, anna: Client, ticket: Ticket
) -> None:
    sent = filled(anna, ticket, text="Loch verfüllt")
    trash_ticket(ticket_id=ticket.pk, user=house.anna)

    refused = anna.post(address_of(ticket), sent)

    assert refused.status_code == 422
    assert refused.context["given"].text == "Loch verfüllt"
    assert anna.get(address_of(ticket)).status_code == 404


def as_note(ticket: Ticket, user: User) -> None:
    finish_with_note(ticket_id=ticket.pk, user=user, text="Verfüllt", form_key="k1")


def as_answer(ticket: Ticket, user: User) -> None:
    seen = ticket.last_article_id
    answer = Answer(
        ticket.pk,
        "Verfüllt",
        "k1",
        seen,
        then=Status.RESOLVED,
        outcome=Outcome.FIXED,
        ends_open=True,
    )
    write_answer(answer=answer, user=user)


@pytest.mark.parametrize("finish", [as_note, as_answer])
def test_an_outcome_set_between_the_look_and_the_lock_stays(
    house: House, ticket: Ticket, finish: Callable[[Ticket, User], None]
) -> None:
    change_status(
        ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=Outcome.DECLINED
    )

    with pytest.raises(StatusNotAllowedError):
        finish(ticket, house.anna)

    ticket.refresh_from_db()
    assert ticket.outcome == Outcome.DECLINED
    assert not ticket.articles.exclude(kind=ArticleKind.MESSAGE).exists()
