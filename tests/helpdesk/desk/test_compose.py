"""Writing from the ticket's page: answers, undo, stale sends, notes, drafts, text modules."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.textmodules.models import TextModule, TextModuleText
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.enums import ArticleKind, Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, ArticleDraft, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import FETCH, Page, page_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def form(ticket: Ticket, **values: object) -> dict[str, object]:
    return {
        "body": "Wir kommen morgen.",
        "form_key": "form-1",
        "seen": str(ticket.last_article_id),
        "then": "open",
        "view": "unassigned",
    } | values


def send(client: Client, ticket: Ticket, **values: object) -> Page:
    return client.post(f"{page_of(ticket)}answer/", form(ticket, **values))


def refusal_of(page: Page, kind: str = "answer") -> dict[str, Any]:
    """Return what stands in the way of a text, as its page tells it."""
    refusal: dict[str, Any] = page.context["refused"][kind]
    return refusal


def send_all_the_same(client: Client, ticket: Ticket, **values: object) -> Page:
    """Send, look at what is doubted, and send once more."""
    asked = send(client, ticket, **values)
    values.pop("files", None)
    keys = [doubt.key for doubt in refusal_of(asked)["doubts"]]
    kept = [file.note for file in asked.context["panes"]["answer"].files]
    return send(client, ticket, **values, sure=keys, kept=kept)


def answers_of(ticket: Ticket) -> list[Article]:
    return list(ticket.articles.filter(kind=ArticleKind.ANSWER, is_withdrawn=False))


def test_an_answer_is_queued_and_its_writer_takes_the_ticket(
    house: House, ticket: Ticket, anna: Client
) -> None:
    response = send(anna, ticket)

    ticket.refresh_from_db()
    (article,) = answers_of(ticket)
    assert response["Location"] == f"{page_of(ticket)}?view=unassigned"
    assert (article.text, article.author_user) == ("Wir kommen morgen.", house.anna)
    assert (ticket.status, ticket.owner) == (Status.OPEN, house.anna)
    assert article.outgoing is not None
    assert article.outgoing.state == MessageState.QUEUED


@pytest.mark.parametrize(
    "then, status, outcome, target",
    [
        ("resolve", Status.RESOLVED, Outcome.ANSWERED, "/a/v/unassigned/"),
        ("resolve:declined", Status.RESOLVED, Outcome.DECLINED, "/a/v/unassigned/"),
        ("wait", Status.WAITING_CITIZEN, "", "/a/v/unassigned/"),
        ("later", Status.WAITING_DATE, "", "/a/v/unassigned/"),
        ("open", Status.OPEN, "", None),
        ("nonsense", Status.OPEN, "", None),
    ],
)
def test_sending_and_what_follows_are_one_step(
    ticket: Ticket, anna: Client, then: str, status: str, outcome: str, target: str | None
) -> None:
    response = send(anna, ticket, then=then)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == (status, outcome)
    assert response["Location"] == (target or f"{page_of(ticket)}?view=unassigned")


def test_an_unknown_outcome_is_refused_and_nothing_is_sent(ticket: Ticket, anna: Client) -> None:
    response = send(anna, ticket, then="resolve:sold")

    assert response.status_code == 422
    assert answers_of(ticket) == []
    assert response.context["panes"]["answer"].text == "Wir kommen morgen."


def test_lines_end_as_in_plain_text_whatever_the_browser_sends(
    ticket: Ticket, anna: Client
) -> None:
    send(anna, ticket, body="Guten Tag,\r\nwir kommen.")

    assert answers_of(ticket)[0].text == "Guten Tag,\nwir kommen."


def test_the_same_form_twice_is_one_answer(ticket: Ticket, anna: Client) -> None:
    send(anna, ticket)
    send(anna, ticket)

    assert len(answers_of(ticket)) == 1
    assert OutgoingMessage.objects.count() == 1


def test_the_next_page_offers_undo_once(ticket: Ticket, anna: Client) -> None:
    send(anna, ticket, then="resolve")
    (article,) = answers_of(ticket)

    first, second = (anna.get("/a/v/unassigned/").content.decode() for _ in range(2))

    assert f'data-undo-url="/a/articles/{article.pk}/withdraw/?view=unassigned"' in first
    assert 'data-undo-seconds="10"' in first
    assert f'data-ticket="{ticket.pk}"' in first
    assert "data-undo-url" not in second


def test_undo_takes_the_answer_back_and_returns_the_text_as_a_draft(
    ticket: Ticket, anna: Client
) -> None:
    send(anna, ticket, then="resolve")
    (article,) = answers_of(ticket)

    response = anna.post(f"/a/articles/{article.pk}/withdraw/?view=unassigned", headers=FETCH)

    ticket.refresh_from_db()
    page = anna.get(response.json()["url"])
    assert response.status_code == 200
    assert response.json() == {"url": f"{page_of(ticket)}?view=unassigned"}
    assert (ticket.status, ticket.owner_id) == (Status.NEW, None)
    assert page.context["panes"]["answer"].text == "Wir kommen morgen."
    assert OutgoingMessage.objects.get().state == MessageState.CANCELLED


def test_undo_too_late_changes_nothing_and_says_so(ticket: Ticket, anna: Client) -> None:
    send(anna, ticket)
    OutgoingMessage.objects.update(state=MessageState.SENDING)
    (article,) = answers_of(ticket)

    response = anna.post(f"/a/articles/{article.pk}/withdraw/", headers=FETCH)

    assert response.status_code == 409
    assert answers_of(ticket) == [article]


def test_nobody_else_can_take_an_answer_back(house: House, ticket: Ticket, anna: Client) -> None:
    send(anna, ticket)
    (article,) = answers_of(ticket)
    colleague = signed_in(make_agent(house.authority, "Carla Cohn", house.roads))

    codes = [
        client.post(f"/a/articles/{article.pk}/withdraw/").status_code
        for client in (colleague, signed_in(house.bert))
    ]

    assert codes == [404, 404]
    assert answers_of(ticket) == [article]


def test_without_scripts_taking_back_leads_to_the_page(ticket: Ticket, anna: Client) -> None:
    send(anna, ticket)
    (article,) = answers_of(ticket)

    response = anna.post(f"/a/articles/{article.pk}/withdraw/", follow=True)

    assert response.context["panes"]["answer"].text == "Wir kommen morgen."
    assert response.redirect_chain == [(page_of(ticket), 302)]


def colleague_answers(house: House, ticket: Ticket) -> Article:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    answer = Answer(ticket_id=ticket.pk, text="Schon erledigt.", form_key="c", despite_newer=True)
    return write_answer(answer=answer, user=carla)


def test_a_stale_send_is_stopped_shows_what_is_newer_and_keeps_the_text(
    house: House, ticket: Ticket, anna: Client
) -> None:
    newer = colleague_answers(house, ticket)

    response = send(anna, ticket, then="resolve:fixed")

    page = response.content.decode()
    assert response.status_code == 409
    assert answers_of(ticket) == [newer]
    panel = page.partition('class="conflict"')[2].partition("</section>")[0]
    assert "Schon erledigt." in panel
    assert "Carla Cohn" in panel
    assert response.context["panes"]["answer"].text == "Wir kommen morgen."
    assert 'form="answer-form" name="then" value="resolve:fixed"' in page
    assert ArticleDraft.objects.get().body == "Wir kommen morgen."


def test_send_all_the_same_sends_once_the_newer_one_has_been_seen(
    house: House, ticket: Ticket, anna: Client
) -> None:
    colleague_answers(house, ticket)
    context = send(anna, ticket, then="resolve").context

    response = send(
        anna,
        ticket,
        seen=str(context["seen"]),
        then=context["chosen"],
        form_key=context["form_key"],
        body=context["panes"]["answer"].text,
    )

    ticket.refresh_from_db()
    assert response.status_code == 302
    assert [article.text for article in answers_of(ticket)] == [
        "Schon erledigt.",
        "Wir kommen morgen.",
    ]
    assert ticket.status == Status.RESOLVED
    assert not ArticleDraft.objects.exists()


def test_a_note_of_a_colleague_stops_nobody(house: House, ticket: Ticket, anna: Client) -> None:
    carla = make_agent(house.authority, "Carla Cohn", house.roads)
    write_note(ticket_id=ticket.pk, user=carla, text="Bauhof weiß Bescheid")

    response = send(anna, ticket)

    assert response.status_code == 302


@pytest.mark.parametrize(
    "body, words", [("Ihr Termin ist am {{termin}}.", "{{termin}}"), ("  \n ", "")]
)
def test_an_unready_text_is_refused_and_kept(
    ticket: Ticket, anna: Client, body: str, words: str
) -> None:
    response = send(anna, ticket, body=body)

    assert response.status_code == 422
    assert response.context["panes"]["answer"].text == body
    assert words in refusal_of(response)["error"]
    assert b'aria-invalid="true"' in response.content
    assert answers_of(ticket) == []


def test_reloading_a_refused_page_leads_back_to_the_ticket(ticket: Ticket, anna: Client) -> None:
    response = anna.get(f"{page_of(ticket)}answer/")

    assert response["Location"] == page_of(ticket)


def test_a_note_is_internal_and_sends_nothing(ticket: Ticket, anna: Client) -> None:
    response = anna.post(f"{page_of(ticket)}note/", {"body": "Nur für uns", "view": "mine"})

    article = ticket.articles.last()
    assert article is not None
    assert response["Location"] == f"{page_of(ticket)}?view=mine"
    assert (article.kind, article.text) == (ArticleKind.NOTE, "Nur für uns")
    assert not OutgoingMessage.objects.exists()


def test_an_empty_note_is_refused_in_note_mode(ticket: Ticket, anna: Client) -> None:
    response = anna.post(f"{page_of(ticket)}note/", {"body": " "})

    assert response.status_code == 422
    assert response.context["mode"] == "note"
    assert b'data-mode="note"' in response.content


def test_drafts_of_both_kinds_are_kept_and_stand_on_the_next_page(
    ticket: Ticket, anna: Client
) -> None:
    for kind in ("answer", "note"):
        anna.post(f"{page_of(ticket)}draft/{kind}/", {"body": f"Angefangen {kind}"})

    context = anna.get(page_of(ticket)).context

    assert context["panes"]["answer"].text == "Angefangen answer"
    assert context["panes"]["note"].text == "Angefangen note"


def test_an_emptied_draft_is_gone_and_nobody_sees_anothers(
    house: House, ticket: Ticket, anna: Client
) -> None:
    colleague = signed_in(make_agent(house.authority, "Carla Cohn", house.roads))
    colleague.post(f"{page_of(ticket)}draft/answer/", {"body": "Von Carla"})
    anna.post(f"{page_of(ticket)}draft/answer/", {"body": "Von Anna"})
    anna.post(f"{page_of(ticket)}draft/answer/", {"body": ""})

    context = anna.get(page_of(ticket)).context

    assert context["panes"]["answer"].text == ""
    assert ArticleDraft.objects.get().body == "Von Carla"


def test_a_text_module_comes_filled_in_for_this_ticket(
    house: House, ticket: Ticket, anna: Client
) -> None:
    module = TextModule.objects.create(authority=house.authority, title="Schlaglöcher")
    TextModuleText.objects.create(
        module=module, language="de", body="{{buerger.anrede}}, am {{termin}} ({{anliegen.nummer}})"
    )

    found = anna.get(f"{page_of(ticket)}modules/?q=schlagloe").json()["results"]

    assert [one["title"] for one in found] == ["Schlaglöcher"]
    assert found[0]["body"] == f"Guten Tag Clara Citizen, am {{{{termin}}}} ({ticket.number})"


@pytest.mark.parametrize("kind", ["answer", "note"])
def test_an_autosave_that_comes_after_its_form_was_sent_brings_no_draft_back(
    ticket: Ticket, anna: Client, kind: str
) -> None:
    typed = form(ticket)
    anna.post(f"{page_of(ticket)}{'answer' if kind == 'answer' else 'note'}/", typed)

    late = anna.post(f"{page_of(ticket)}draft/{kind}/", typed)

    assert late.status_code == 204
    assert not ArticleDraft.objects.exists()
    anna.post(f"{page_of(ticket)}draft/{kind}/", typed | {"form_key": "form-2"})
    assert ArticleDraft.objects.get().body == "Wir kommen morgen."


def test_a_form_whose_answer_was_taken_back_keeps_drafts_again(
    ticket: Ticket, anna: Client
) -> None:
    send(anna, ticket)
    anna.post(f"/a/articles/{answers_of(ticket)[0].pk}/withdraw/", headers=FETCH)

    anna.post(f"{page_of(ticket)}draft/answer/", form(ticket, body="Doch erst übermorgen."))

    assert ArticleDraft.objects.get().body == "Doch erst übermorgen."


def test_the_same_note_form_twice_is_one_note(ticket: Ticket, anna: Client) -> None:
    for _ in range(2):
        anna.post(f"{page_of(ticket)}note/", form(ticket))

    assert ticket.articles.filter(kind=ArticleKind.NOTE).count() == 1


def test_copies_and_files_go_out_with_the_answer(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x", "application/pdf")

    copies = {"cc": "rosa@example.org; max@example.org", "bcc": "chef@town.example"}
    send_all_the_same(anna, ticket, **copies, files=plan)

    (article,) = answers_of(ticket)
    assert article.outgoing is not None
    rows = article.outgoing.recipients.order_by("id").values_list("field", "address")
    assert list(rows) == [
        ("to", "clara@example.org"),
        ("cc", "rosa@example.org"),
        ("cc", "max@example.org"),
        ("bcc", "chef@town.example"),
    ]
    assert [each.name for each in article.attachments.all()] == ["Plan.pdf"]
    assert [each.name for each in article.outgoing.files.all()] == ["Plan.pdf"]


def test_copies_that_no_mail_would_carry_are_refused(house: House, anna: Client) -> None:
    ticket = make_ticket(house, person=Person("Otto Ohne"))

    refused = send_all_the_same(anna, ticket, bcc="chef@town.example")

    assert refused.status_code == 422
    assert answers_of(ticket) == []
    assert "Kopien" in refusal_of(refused)["error"]
    assert refused.context["panes"]["answer"].fields["bcc"] == "chef@town.example"

    send(anna, ticket)

    assert [each.outgoing for each in answers_of(ticket)] == [None]


@pytest.mark.parametrize("wrong", ["nobody", "a@b@c", "Rosa <rosa@example.org", "@example.org"])
def test_an_address_that_is_none_keeps_all_that_was_typed_and_chosen(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path, wrong: str
) -> None:
    settings.FILES_ROOT = tmp_path
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x", "application/pdf")

    response = send(anna, ticket, cc=f"max@example.org, {wrong}", files=plan)

    assert response.status_code == 422
    assert answers_of(ticket) == []
    assert response.context["panes"]["answer"].text == "Wir kommen morgen."
    assert response.context["panes"]["answer"].fields["cc"] == f"max@example.org, {wrong}"
    (enclosed,) = response.context["panes"]["answer"].files
    assert enclosed.name == "Plan.pdf"

    send(anna, ticket, kept=enclosed.note)

    (article,) = answers_of(ticket)
    assert [each.name for each in article.attachments.all()] == ["Plan.pdf"]


def test_a_note_of_a_file_is_good_for_its_agent_and_request_alone(
    house: House, ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    other = make_ticket(house, message_id="<2@example.org>")
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x", "application/pdf")
    (enclosed,) = send(anna, other, cc="wrong", files=plan).context["panes"]["answer"].files

    send(anna, ticket, kept=enclosed.note)

    (article,) = answers_of(ticket)
    assert list(article.attachments.all()) == []


def test_files_that_are_empty_too_many_or_too_large_are_named(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    files = [SimpleUploadedFile("leer.txt", b"")]
    files += [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(11)]

    response = send(anna, ticket, files=files)

    assert response.status_code == 422
    assert len(response.context["panes"]["answer"].files) == 10
    assert "leer.txt" in refusal_of(response)["error"]
    assert "10.txt" in refusal_of(response)["error"]


def test_an_answer_taken_back_brings_its_copies_and_files_back(
    ticket: Ticket, anna: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    plan = SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x", "application/pdf")
    send_all_the_same(anna, ticket, cc="rosa@example.org", files=plan)
    (article,) = answers_of(ticket)

    anna.post(f"/a/articles/{article.pk}/withdraw/")

    pane = anna.get(page_of(ticket)).context["panes"]["answer"]
    assert pane.fields["cc"] == "rosa@example.org"
    assert [each.name for each in pane.files] == ["Plan.pdf"]


def test_who_was_left_out_is_told_on_the_answer(ticket: Ticket, anna: Client) -> None:
    send(anna, ticket, cc="tiefbau@musterstadt.example")

    page = anna.get(page_of(ticket)).content.decode()

    assert "Nicht gesendet an tiefbau@musterstadt.example" in page


def test_the_editor_begins_with_a_greeting_that_is_no_answer_yet(
    ticket: Ticket, anna: Client
) -> None:
    page = anna.get(page_of(ticket))
    refused = send(anna, ticket, body=page.context["greeting"].text.replace("\n", "\r\n"))

    assert "\nGuten Tag Clara Citizen,\n\n\n\nMit freundlichen Grüßen</textarea>" in (
        page.content.decode()
    )
    assert refused.status_code == 422
    assert refusal_of(refused)["error"] == "Schreiben Sie zuerst eine Antwort."
    assert answers_of(ticket) == []
    assert not ArticleDraft.objects.exists()


def test_a_greeting_in_a_note_is_no_word_that_a_writer_is_asked_about(
    house: House, ticket: Ticket, anna: Client
) -> None:
    greeting = "Guten Tag Clara Citizen,"
    write_note(ticket_id=ticket.pk, user=house.anna, text=greeting)
    ticket.refresh_from_db()

    sent = send(anna, ticket, body=f"{greeting}\n\nWir kommen morgen.")

    assert sent.status_code == 302
    assert [article.text for article in answers_of(ticket)] == [f"{greeting}\n\nWir kommen morgen."]
