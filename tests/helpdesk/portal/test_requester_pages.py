"""The forms of the status page: what they take and refuse, and that nothing typed is lost."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from helpdesk.events.models import Event
from helpdesk.notifications import handlers
from helpdesk.notifications.status_links import HOURLY_LIMIT, send_link
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.portal.uploads import MAX_BYTES
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, write_answer
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.domain.trash import trash_ticket
from helpdesk.tickets.enums import Channel, Outcome, Status
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.links import find_by_token, status_token, status_url
from helpdesk.tickets.models import Article, Attachment, Rating, Ticket
from tests.factories.house import House, make_agent, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, counted_queries

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_OPEN_PAGE = 7
OWN_WORDS = "Es ist die Laterne vor Nummer 14."


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ticket(house: House) -> Ticket:
    return make_ticket(house)


def address(ticket: Ticket, page: str = "") -> str:
    return f"/s/{status_token(ticket)}/{page}"


def end(house: House, ticket: Ticket, outcome: str = Outcome.FIXED) -> None:
    change_status(ticket_id=ticket.pk, user=house.anna, to=Status.RESOLVED, outcome=outcome)
    ticket.refresh_from_db()


def photo(name: str = "loch.jpg", content: bytes = b"\xff\xd8\xff\xe0 Foto") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def kept_of(page: Page) -> list[str]:
    return [file.note for file in page.context["kept"]]


def test_a_reply_with_a_file_stands_on_the_page_and_the_file_can_be_fetched(
    client: Client, ticket: Ticket
) -> None:
    plan = SimpleUploadedFile("plan.pdf", b"%PDF-1.7 Plan")
    sent = client.post(
        address(ticket, "antworten/"), {"text": OWN_WORDS, "key": "k", "uploads": [plan]}
    )
    page = client.get(sent["Location"])
    file = client.get(address(ticket, f"dateien/{Attachment.objects.get().pk}/"))

    assert sent["Location"] == address(ticket)
    assert OWN_WORDS in page.content.decode()
    assert "plan.pdf" in page.content.decode()
    assert b"".join(file.streaming_content) == b"%PDF-1.7 Plan"  # type: ignore[attr-defined] # a file's response
    assert "attachment" in file["Content-Disposition"]


def test_a_file_alone_is_a_reply_and_nothing_at_all_is_none(client: Client, ticket: Ticket) -> None:
    empty = client.post(address(ticket, "antworten/"), {"text": " ", "key": "k"})
    alone = client.post(address(ticket, "antworten/"), {"key": "k", "uploads": [photo()]})

    assert empty.status_code == 422
    assert "Schreiben Sie eine Nachricht oder fügen Sie eine Datei hinzu." in empty.content.decode()
    assert alone.status_code == 302
    assert ticket.articles.count() == 2


def test_what_is_wrong_with_one_file_keeps_the_text_and_the_other_files(
    client: Client, ticket: Ticket
) -> None:
    large = photo("video.mov", b"0" * (MAX_BYTES + 1))
    refused = client.post(
        address(ticket, "antworten/"),
        {"text": OWN_WORDS, "key": "k", "uploads": [photo(), large, photo("leer.txt", b"")]},
    )
    html = refused.content.decode()

    assert refused.status_code == 422
    assert "„video.mov“ ist zu groß. Erlaubt sind 10 MB je Datei." in html
    assert "„leer.txt“ ist leer." in html
    assert OWN_WORDS in html
    assert "<title>Fehler:" in html.replace("\n", "").replace("  ", "")
    sent = client.post(
        address(ticket, "antworten/"), {"text": OWN_WORDS, "key": "k", "kept": kept_of(refused)}
    )
    assert sent.status_code == 302
    assert list(Attachment.objects.values_list("name", flat=True)) == ["loch.jpg"]


def test_the_sixth_file_is_one_too_many_and_files_can_be_removed_before_sending(
    client: Client, ticket: Ticket
) -> None:
    six = [photo(f"{number}.jpg", b"%d" % number) for number in range(6)]
    page = client.post(address(ticket, "antworten/"), {"text": "x", "key": "k", "uploads": six})
    kept = kept_of(page)
    without = client.post(
        address(ticket, "antworten/"),
        {"text": OWN_WORDS, "key": "k", "kept": kept, "remove": kept[0]},
    )

    assert "„5.jpg“ ist eine Datei zu viel." in page.content.decode()
    assert len(kept) == 5
    assert (without.status_code, len(kept_of(without))) == (200, 4)
    assert OWN_WORDS in without.content.decode()
    assert ticket.articles.count() == 1


def test_files_can_be_added_in_rounds_without_sending(client: Client, ticket: Ticket) -> None:
    first = client.post(
        address(ticket, "antworten/"), {"text": OWN_WORDS, "add": "1", "uploads": [photo("a.jpg")]}
    )
    second = client.post(
        address(ticket, "antworten/"),
        {"text": OWN_WORDS, "add": "1", "kept": kept_of(first), "uploads": [photo("b.jpg", b"b")]},
    )

    assert [file.name for file in second.context["kept"]] == ["a.jpg", "b.jpg"]
    assert ticket.articles.count() == 1


def test_a_note_of_another_request_or_a_made_up_one_brings_no_file(
    client: Client, house: House, ticket: Ticket
) -> None:
    other = make_ticket(house, message_id="<2@x>")
    page = client.post(address(other, "antworten/"), {"add": "1", "uploads": [photo()]})
    notes = [*kept_of(page), "1", "eyJmaWxlX2lkIjoxfQ:1:x"]

    client.post(address(ticket, "antworten/"), {"text": "x", "key": "k", "kept": notes})

    assert not Attachment.objects.exists()


def test_a_text_that_is_too_long_is_kept(client: Client, ticket: Ticket) -> None:
    page = client.post(address(ticket, "antworten/"), {"text": "ä" * 20_001, "key": "k"})

    assert page.status_code == 422
    assert "Kürzen Sie sie auf 20000 Zeichen." in page.content.decode()
    assert "ä" * 20_001 in page.content.decode()
    assert "maxlength" not in page.content.decode(), "a browser would cut what is pasted"


def test_a_question_puts_the_box_on_top_and_the_answer_goes_back_to_work(
    client: Client, house: House, ticket: Ticket
) -> None:
    write_answer(
        answer=Answer(
            ticket.pk,
            "Welche Hausnummer?",
            "f",
            ticket.last_article_id,
            then=Status.WAITING_CITIZEN,
            undo_seconds=0,
        ),
        user=house.anna,
    )

    closed = client.get(address(ticket)).content.decode()
    client.post(address(ticket, "oeffnen/"))
    asked = client.get(address(ticket)).content.decode()
    client.post(address(ticket, "antworten/"), {"text": "14", "key": "k"})
    after = client.get(address(ticket))

    assert "Öffnen und antworten" in closed
    assert "Welche Hausnummer?" not in closed
    assert asked.index('id="reply"') < asked.index('class="timeline"')
    assert [step.word for step in after.context["steps"]][-3:] == [
        "Rückfrage an Sie",
        "Ihre Antwort",
        "Erledigt",
    ]
    assert after.context["state"] == "In Bearbeitung"


def test_withdrawing_asks_once(client: Client, ticket: Ticket) -> None:
    client.post(address(ticket, "oeffnen/"))

    asked = client.get(address(ticket, "zurueckziehen/"))
    ticket.refresh_from_db()
    before = ticket.status
    client.post(address(ticket, "zurueckziehen/"))
    page = client.get(address(ticket))

    assert "Anliegen zurückziehen?" in asked.content.decode()
    assert before == Status.NEW
    assert page.context["state"] == "Zurückgezogen"
    assert page.context["steps"][-1].word == "Von Ihnen zurückgezogen"
    assert not page.context["may_rate"]
    assert client.get(address(ticket, "zurueckziehen/"))["Location"] == address(ticket)


def test_opening_again_asks_for_the_reason_and_keeps_it(
    client: Client, house: House, ticket: Ticket
) -> None:
    end(house, ticket)

    asked = client.get(address(ticket, "wieder-oeffnen/"))
    refused = client.post(address(ticket, "wieder-oeffnen/"), {"text": "", "key": "k"})
    client.post(address(ticket, "wieder-oeffnen/"), {"text": "Noch dunkel.", "key": "k"})
    page = client.get(address(ticket))

    assert asked.status_code == 200
    assert refused.status_code == 422
    assert page.context["state"] == "In Bearbeitung"
    assert "Noch dunkel." in page.content.decode()
    assert "Wieder geöffnet" in page.content.decode()


def test_a_reply_to_a_request_that_ended_meanwhile_becomes_the_reason_to_open_it(
    client: Client, house: House, ticket: Ticket
) -> None:
    end(house, ticket)

    page = client.post(
        address(ticket, "antworten/"), {"text": OWN_WORDS, "key": "k", "uploads": [photo()]}
    )
    client.post(
        address(ticket, "wieder-oeffnen/"),
        {"text": OWN_WORDS, "key": "k", "kept": kept_of(page)},
    )

    ticket.refresh_from_db()
    assert 'action="' + address(ticket, "wieder-oeffnen/") in page.content.decode()
    assert OWN_WORDS in page.content.decode()
    assert ticket.status == Status.OPEN
    assert Attachment.objects.count() == 1


def test_after_the_time_to_open_again_the_text_is_shown_and_what_to_do(
    client: Client, house: House, ticket: Ticket
) -> None:
    end(house, ticket)
    late = timezone.now() - timedelta(days=20)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=late)

    page = client.post(address(ticket, "wieder-oeffnen/"), {"text": OWN_WORDS, "key": "k"})

    ticket.refresh_from_db()
    assert (page.status_code, ticket.status) == (422, Status.RESOLVED)
    assert OWN_WORDS in page.content.decode()
    assert "Schreiben Sie uns ein neues" in page.content.decode()


def test_a_no_leads_to_opening_again_and_a_yes_to_saying_more(
    client: Client, house: House, ticket: Ticket
) -> None:
    end(house, ticket)

    said_no = client.post(address(ticket, "bewerten/"), {"solved": "no"})
    said_yes = client.post(address(ticket, "bewerten/"), {"solved": "yes"})
    more = client.post(
        address(ticket, "bewerten/"),
        {"solved": "yes", "stars": "4", "text": "Ging schnell", "more": "1"},
    )
    none = client.post(address(ticket, "bewerten/"), {})

    rating = Rating.objects.get()
    assert said_no["Location"] == address(ticket, "wieder-oeffnen/")
    assert said_yes["Location"] == address(ticket, "bewerten/")
    assert more["Location"] == address(ticket)
    assert none.status_code == 422
    assert (rating.solved, rating.stars, rating.text) == ("yes", 4, "Ging schnell")
    assert "Ihre Antwort: <strong>Ja</strong>" in client.get(address(ticket)).content.decode()


def test_renewing_sends_the_new_link_to_the_address_on_file_and_shows_it_nowhere(
    client: Client, ticket: Ticket
) -> None:
    old = address(ticket)

    asked = client.get(f"{old}neuer-link/")
    page = client.post(f"{old}neuer-link/")
    handlers.handle(event=Event.objects.get(kind=facts.LINK_REVOKED))

    ticket.refresh_from_db()
    message = OutgoingMessage.objects.get(kind="status_link")
    assert asked.status_code == 200
    assert status_token(ticket) not in page.content.decode()
    assert client.get(old).status_code == 404
    assert status_url(ticket) in message.text
    assert [each.address for each in message.recipients.all()] == ["clara@example.org"]


def test_a_link_stays_while_no_mail_with_a_new_one_would_leave(
    client: Client, house: House, ticket: Ticket
) -> None:
    for number in range(HOURLY_LIMIT):
        send_link(ticket=ticket, address="clara@example.org", key=f"t{number}")
    often = client.post(address(ticket, "neuer-link/"))
    OutgoingMessage.objects.filter(kind="status_link").update(
        created_at=timezone.now() - timedelta(hours=2)
    )
    house.sender.is_active = False
    house.sender.save()
    senderless = client.post(address(ticket, "neuer-link/"))

    assert find_by_token(status_token(ticket)) == ticket
    assert not Event.objects.filter(kind=facts.LINK_REVOKED).exists()
    for page in (often, senderless):
        assert "der alte bleibt daher gültig" in page.content.decode()


def test_who_has_no_address_is_told_to_phone_and_keeps_the_link(
    client: Client, house: House
) -> None:
    ticket = make_ticket(house, person=Person(), channel=Channel.WEB)

    page = client.post(address(ticket, "neuer-link/"))

    assert "keine E-Mail-Adresse von Ihnen" in page.content.decode()
    assert find_by_token(status_token(ticket)) == ticket


def test_a_missed_promise_is_said_to_be_missed(client: Client, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(
        due_at=timezone.now() - timedelta(days=1), due_kind="first_answer"
    )

    page = client.get(address(ticket)).content.decode()

    assert "Es dauert länger als geplant" in page
    assert "voraussichtlich" not in page


def test_a_merged_request_leads_to_the_survivor_of_the_same_citizen_only(
    client: Client, house: House, ticket: Ticket
) -> None:
    own = make_ticket(house, message_id="<2@x>")
    foreign = make_ticket(house, message_id="<3@x>", person=Person("Fritz", "fritz@example.org"))
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.MERGED, merged_into=own)
    to_own = client.get(address(ticket))
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=foreign)

    to_foreign = client.get(address(ticket))
    client.post(address(ticket, "oeffnen/"))
    opened = client.get(address(ticket)).content.decode()

    assert to_own["Location"] == address(own)
    assert to_foreign.status_code == 200
    assert status_token(foreign) not in opened
    assert foreign.reference not in opened
    assert 'id="reply"' not in opened
    assert "Zu dieser Sache gibt es ein weiteres Anliegen." in opened


@pytest.mark.parametrize("count", [1, 3])
def test_three_messages_cost_no_more_queries_than_one(
    client: Client, ticket: Ticket, count: int
) -> None:
    for number in range(count):
        data = {"text": f"Nachricht {number}", "key": f"k{number}"}
        client.post(address(ticket, "antworten/"), data | {"uploads": [photo(f"{number}.jpg")]})

    with counted_queries() as queries:
        client.get(address(ticket))

    assert len(queries) == QUERIES_OF_THE_OPEN_PAGE


def test_a_published_answer_is_read_with_the_code_and_answered_to(
    client: Client, house: House
) -> None:
    ticket = make_ticket(house, person=Person("Paul", phone="0171 1"), channel=Channel.PHONE)
    make_agent(house.authority, "Jana Jung", house.roads)
    write_answer(
        answer=Answer(
            ticket.pk, "Wir kommen am Montag.", "f", ticket.last_article_id, undo_seconds=0
        ),
        user=house.anna,
    )
    client.post(address(ticket, "oeffnen/"))

    page = client.get(address(ticket)).content.decode()

    assert "Wir kommen am Montag." in page
    assert Article.objects.filter(outgoing__isnull=False).count() == 0


def test_too_many_actions_name_the_time_and_another_way(
    client: Client, house: House, ticket: Ticket
) -> None:
    house.authority.contact_phone = "0123 456-0"
    house.authority.save()
    for _ in range(60):
        client.post(address(ticket, "oeffnen/"))

    refused = client.post(address(ticket, "antworten/"), {"text": OWN_WORDS, "key": "k"})

    assert refused.status_code == 429
    assert f">{OWN_WORDS}</textarea>" in refused.content.decode()
    assert int(refused["Retry-After"]) > 0
    assert "0123 456-0" in refused.content.decode()


def test_a_request_in_the_bin_says_closed_and_a_message_brings_it_back(
    client: Client, house: House, ticket: Ticket
) -> None:
    trash_ticket(ticket_id=ticket.pk, user=house.anna)
    client.post(address(ticket, "oeffnen/"))

    closed = client.get(address(ticket))
    client.post(address(ticket, "antworten/"), {"text": OWN_WORDS, "key": "k"})

    assert closed.context["state"] == "Geschlossen"
    assert [step.word for step in closed.context["steps"]] == ["Eingegangen", "Geschlossen"]
    assert closed.context["may_reply"] is True
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.articles.filter(text=OWN_WORDS).exists()


@pytest.mark.parametrize("page", ["antworten/", "wieder-oeffnen/"])
def test_words_for_a_request_that_was_merged_meanwhile_arrive_at_the_survivor(
    client: Client, house: House, ticket: Ticket, page: str
) -> None:
    own = make_ticket(house, message_id="<2@x>")
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.MERGED, merged_into=own)

    sent = client.post(address(ticket, page), {"text": OWN_WORDS, "key": "k"}, follow=True)

    assert sent.redirect_chain == [(address(own, page), 307), (address(own), 302)]
    assert own.articles.filter(text=OWN_WORDS).count() == 1
    assert client.post(address(ticket, "zurueckziehen/"))["Location"] == address(own)
