"""Forwarding: what leaves the house, what never does, and what comes back."""

from pathlib import Path

import pytest
from pytest_django import Settings

from helpdesk.events.models import Event
from helpdesk.files.models import ScanState, StoredFile
from helpdesk.files.store import put, read_file
from helpdesk.outbox.models import MessageState, OutgoingMessage
from helpdesk.outbox.queue import NoRecipientError
from helpdesk.tickets import facts
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer, write_note
from helpdesk.tickets.domain.drafts import load_drafts
from helpdesk.tickets.domain.forward import (
    Forward,
    HiddenDataError,
    TooLargeError,
    forward_messages,
)
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.letters import MAX_ENCLOSED
from helpdesk.tickets.domain.locking import TicketNotThereError
from helpdesk.tickets.domain.writing import EmptyTextError
from helpdesk.tickets.enums import ArticleKind, Channel, Trust
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.links import access_code, status_url
from helpdesk.tickets.models import Article, Attachment, Ticket
from helpdesk.tickets.queries import can_read_page, public_thread
from tests.factories.house import House, make_agent, make_house, make_inbound, make_ticket
from tests.helpdesk.portal.report.walking import photo

pytestmark = pytest.mark.django_db
OUTSIDE = "bauhof@nachbarstadt.example"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def ticket(house: House) -> Ticket:
    files = tuple(
        InboundFile(put(name.encode(), "text/plain").pk, name, "text/plain", 5)
        for name in ("loch.txt", "rad.txt")
    )
    return make_ticket(house, files=files)


def forwarded(house: House, ticket: Ticket, **values: object) -> Article:
    chosen = {
        "to": (OUTSIDE,),
        "text": "Bitte übernehmen Sie.",
        "form_key": "k1",
        "article_ids": tuple(ticket.articles.values_list("pk", flat=True)),
    } | values
    return forward_messages(
        forward=Forward(ticket.pk, **chosen),  # type: ignore[arg-type] # each test names its own
        user=house.anna,
    )


def test_chosen_messages_and_files_go_to_somebody_outside(house: House, ticket: Ticket) -> None:
    file = Attachment.objects.get(name="rad.txt")

    article = forwarded(house, ticket, attachment_ids=(file.pk,))

    letter = OutgoingMessage.objects.get()
    assert [row.address for row in letter.recipients.all()] == [OUTSIDE]
    assert "Bitte übernehmen Sie." in letter.text
    assert "Vor Nummer 14 ist ein tiefes Loch." in letter.text
    assert "Vor Nummer 14 ist ein tiefes Loch." in letter.html
    assert [each.name for each in letter.files.all()] == ["rad.txt"]
    assert (article.kind, article.to) == (
        ArticleKind.FORWARD,
        [{"name": "", "email": OUTSIDE}],
    )
    assert [each.name for each in article.attachments.all()] == ["rad.txt"]


def test_an_internal_note_never_goes_along_even_if_it_is_asked_for(
    house: House, ticket: Ticket
) -> None:
    note = write_note(ticket_id=ticket.pk, user=house.anna, text="Dame übertreibt immer.")
    stored = put(b"geheim", "text/plain")
    secret = Attachment.objects.create(
        article=note, file=stored, name="geheim.txt", content_type="text/plain", size=6
    )

    forwarded(house, ticket, article_ids=(note.pk,), attachment_ids=(secret.pk,))

    letter = OutgoingMessage.objects.get()
    assert "übertreibt" not in letter.text + letter.html
    assert list(letter.files.all()) == []


def test_what_leaves_holds_no_secret_link_and_no_address_of_the_citizen(
    house: House, ticket: Ticket
) -> None:
    forwarded(house, ticket)

    letter = OutgoingMessage.objects.get()
    assert status_url(ticket) not in letter.text + letter.html
    assert "clara@example.org" not in letter.text + letter.html
    assert "Clara Citizen" in letter.text


def test_a_link_that_a_citizen_quotes_or_we_have_sent_stays_here_and_so_does_the_code(
    house: House, ticket: Ticket
) -> None:
    link, code = status_url(ticket), access_code(ticket)
    said = f"Ihr schriebt <{link}> und {code.lower()}. Es ist Nummer 14."
    accept(
        make_inbound(
            house, text=said, message_id="<2@example.org>", in_reply_to="<first@example.org>"
        )
    )
    answer = f"**Alles** steht [hier]({link})."
    write_answer(
        answer=Answer(ticket.pk, answer, "k0", is_marked=True, despite_newer=True),
        user=house.anna,
    )

    forwarded(house, ticket, article_ids=tuple(Article.objects.values_list("pk", flat=True)))

    letter = OutgoingMessage.objects.get(kind="forward")
    for words in (letter.text, letter.html):
        assert link not in words
        assert code.lower() not in words.lower()
        assert words.count("[Link entfernt]") == 3
        assert "Es ist Nummer 14." in words
        assert "Alles steht hier" in words


def test_a_photo_leaves_without_its_place_and_under_a_name_that_fits(
    house: House, ticket: Ticket
) -> None:
    content = photo().read()
    stored = put(content, "image/jpeg")
    file = Attachment.objects.create(
        article=ticket.articles.get(),
        file=stored,
        name="loch.jpeg",
        content_type="image/jpeg",
        size=len(content),
    )

    article = forwarded(house, ticket, attachment_ids=(file.pk,))

    (enclosed,) = OutgoingMessage.objects.get().files.all()
    sent = read_file(enclosed.file)
    assert b"Exif" in content
    assert b"Exif" not in sent
    assert enclosed.name == "loch.jpg"
    assert article.attachments.get().size == len(sent)
    assert read_file(Attachment.objects.get(pk=file.pk).file) == content


def test_a_picture_that_can_not_be_freed_of_hidden_data_is_named_and_nothing_leaves(
    house: House, ticket: Ticket
) -> None:
    stored = put(b"\xff\xd8\xff broken", "image/jpeg")
    file = Attachment.objects.create(
        article=ticket.articles.get(),
        file=stored,
        name="kaputt.jpg",
        content_type="image/jpeg",
        size=10,
    )

    with pytest.raises(HiddenDataError, match=r"kaputt\.jpg"):
        forwarded(house, ticket, attachment_ids=(file.pk,))

    assert not OutgoingMessage.objects.exists()


def test_messages_of_another_ticket_are_not_forwarded(house: House, ticket: Ticket) -> None:
    other = make_ticket(house, text="Fremdes Anliegen.", message_id="<2@example.org>")

    forwarded(house, ticket, article_ids=tuple(other.articles.values_list("pk", flat=True)))

    assert "Fremdes Anliegen." not in OutgoingMessage.objects.get().text


def test_a_file_that_is_held_back_stays_here(house: House, ticket: Ticket) -> None:
    file = Attachment.objects.get(name="rad.txt")
    StoredFile.objects.filter(pk=file.file_id).update(scan_state=ScanState.HELD)

    forwarded(house, ticket, attachment_ids=(file.pk,))

    assert list(OutgoingMessage.objects.get().files.all()) == []


def test_it_is_no_answer_to_the_citizen(house: House, ticket: Ticket) -> None:
    article = forwarded(house, ticket)

    ticket.refresh_from_db()
    assert ticket.first_answer_at is None
    assert ticket.last_article_id == article.pk
    assert article not in public_thread(ticket)
    kinds = Event.objects.filter(subject_id=ticket.pk).values_list("kind", flat=True)
    assert facts.FORWARDED in kinds
    assert facts.ANSWERED not in kinds


def test_a_reply_from_outside_is_for_the_staff_alone(house: House, ticket: Ticket) -> None:
    article = forwarded(house, ticket)
    reply = make_inbound(
        house,
        person=Person("Bauhof", OUTSIDE),
        subject=f"AW: {article.subject}",
        text="Das machen wir.",
        message_id="<reply@nachbarstadt.example>",
        in_reply_to=article.message_id,
        references=(article.message_id,),
    )

    receipt = accept(reply)

    came = Article.objects.get(pk=receipt.article_id)
    assert came.ticket == ticket
    assert came.trust == Trust.THIRD_PERSON
    assert came not in public_thread(ticket)


def test_the_same_form_twice_is_one_mail(house: House, ticket: Ticket) -> None:
    assert forwarded(house, ticket) == forwarded(house, ticket)
    assert OutgoingMessage.objects.count() == 1


def test_taking_it_back_brings_everything_back_that_stood_in_the_form(
    house: House, ticket: Ticket
) -> None:
    message = ticket.articles.get()
    file = Attachment.objects.get(name="rad.txt")
    article = forwarded(house, ticket, attachment_ids=(file.pk,))

    assert withdraw_answer(article_id=article.pk, user=house.anna) == "Bitte übernehmen Sie."

    draft = load_drafts(ticket_id=ticket.pk, user=house.anna)["forward"]
    assert draft.body == "Bitte übernehmen Sie."
    assert draft.fields == {"to": OUTSIDE, "articles": [str(message.pk)]}
    assert [each.name for each in draft.files.all()] == ["rad.txt"]
    assert OutgoingMessage.objects.get().state == MessageState.CANCELLED
    ticket.refresh_from_db()
    assert ticket.last_article_id == message.pk


@pytest.mark.parametrize(
    "values, error",
    [
        ({"to": ()}, NoRecipientError),
        ({"to": ("tiefbau@musterstadt.example",)}, NoRecipientError),
        ({"text": " ", "article_ids": ()}, EmptyTextError),
        ({"files": (InboundFile(1, "a.bin", "x/y", MAX_ENCLOSED + 1),)}, TooLargeError),
    ],
)
def test_what_can_not_be_forwarded_changes_nothing(
    house: House, ticket: Ticket, values: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        forwarded(house, ticket, **values)

    assert ticket.articles.count() == 1
    assert OutgoingMessage.objects.count() == 0


def test_whoever_may_only_read_forwards_nothing(house: House, ticket: Ticket) -> None:
    reader = make_agent(house.authority, "Rita Rat", house.roads, can_answer=False)

    for user in (reader, house.bert):
        with pytest.raises(TicketNotThereError):
            forward_messages(forward=Forward(ticket.pk, (OUTSIDE,), "Text", "k"), user=user)


def test_a_forwarded_mail_gives_the_citizen_no_link(house: House) -> None:
    called = make_ticket(
        house, channel=Channel.PHONE, person=Person("Karl Klein", phone="0171 1"), message_id=""
    )
    forwarded(house, called)
    OutgoingMessage.objects.update(state=MessageState.SENT)

    assert not can_read_page(called)
